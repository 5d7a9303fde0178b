package delivery_test

import (
	"bytes"
	"net"
	"os"
	"testing"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

func byRaw(r simprinter.Raw) simprinter.Config { return simprinter.Config{Raw: &r} }

// toRaw lets the printer be reached on its raw port alone.
func toRaw(c *deliveryCall) {
	c.entry.URIs, c.entry.Pin, c.entry.Floor = []string{c.p.RawURI()}, "", directory.GradeRaw
	c.entry.Formats, c.entry.PJL = []string{"application/pdf"}, true
}

// toEcho lets the document go to a printer that echoes, and tells nothing of
// jobs.
func toEcho(c *deliveryCall) {
	toRaw(c)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	c.entry.URIs = []string{"socket://" + l.Addr().String()}
	go echoEnds(l)
}

// echoEnds answers each line of an echo with itself, for one connection.
func echoEnds(l net.Listener) {
	defer l.Close()
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	var all []byte
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		all = append(all, buf[:n]...)
		for {
			_, rest, found := bytes.Cut(all, []byte("@PJL ECHO "))
			line, after, whole := bytes.Cut(rest, []byte("\r\n"))
			if !found || !whole {
				break
			}
			if _, err := conn.Write([]byte("@PJL ECHO " + string(line) + "\r\n\f")); err != nil {
				return
			}
			all = after
		}
	}
}

// truthfulRaw fails unless what is said of a document on the raw port is so.
func truthfulRaw(t *testing.T, p *simprinter.Printer, o delivery.Outcome, want []byte) {
	t.Helper()
	p.Close()
	whole, some := 0, 0
	for _, j := range p.RawJobs() {
		b, err := os.ReadFile(j.Document)
		switch {
		case err == nil && bytes.Equal(b, want):
			whole++
		case len(b) > 0:
			some++
		}
	}
	switch {
	case whole+some > 1:
		t.Errorf("%d copies came out", whole+some)
	case o.State == outcome.NotSent && whole+some > 0:
		t.Error("not sent, but something came out")
	case o.State == outcome.Delivered && some > 0:
		t.Error("delivered, but something else came out")
	}
	if o.Protocol != "" && (o.Protocol != "raw" || o.Grade != string(directory.GradeRaw)) {
		t.Errorf("it went by %s, %s", o.Protocol, o.Grade)
	}
}

// TestRawIsTheLastWay goes to port 9100 where IPP is not to be had, and only
// then, and never after a refusal.
func TestRawIsTheLastWay(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		set   func(*deliveryCall)
		state outcome.State
		raw   bool
	}{
		"ipps answers": {func(c *deliveryCall) {}, outcome.Delivered, false},
		"nothing else answers": {func(c *deliveryCall) {
			c.entry.URIs[0], c.entry.URIs[1] = "ipps://127.0.0.1:1/ipp/print", "ipp://127.0.0.1:1/ipp/print"
		}, outcome.Delivered, true},
		"another key":         {func(c *deliveryCall) { c.p.ReplaceCertificate(nil) }, outcome.NotSent, false},
		"login":               {func(c *deliveryCall) { c.p.SetFault(getPrn, simprinter.Fault{HTTP: 401}) }, outcome.NotSent, false},
		"busy":                {func(c *deliveryCall) { c.p.SetFault(getPrn, simprinter.Fault{HTTP: 503}) }, outcome.NotSent, false},
		"another printer":     {func(c *deliveryCall) { c.entry.UUID = "urn:uuid:00000000-0000-4000-8000-000000000000" }, outcome.NotSent, false},
		"cut in the document": {func(c *deliveryCall) { c.p.SetFault(sendDoc, simprinter.Fault{CutAfter: 1000}) }, outcome.NotSent, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, simprinter.Config{Raw: &simprinter.Raw{}}, small)
			c.entry.URIs = []string{c.p.URI(), c.p.PlainURI(), c.p.RawURI()}
			c.entry.Floor, c.entry.PJL, c.entry.Formats = directory.GradeRaw, true, []string{"application/pdf"}
			x.set(c)
			o := c.deliver()
			if o.State != x.state || (o.Protocol == "raw") != x.raw {
				t.Errorf("%+v", o)
			}
			c.p.Close() // its sessions are counted when they have ended
			if n := len(c.p.RawJobs()); (n > 0) != x.raw {
				t.Errorf("%d connections to the raw port", n)
			}
		})
	}
}

func TestRawSettingsAndTicket(t *testing.T) {
	c := newCall(t, byRaw(simprinter.Raw{}), small)
	toRaw(c)
	c.doc.Title = "a\"\r\n@PJL FSDELETE NAME=\"0:\\x\""
	c.doc.Attributes = ticketBytes(ipp.Integer("copies", 3), ipp.Keyword("sides", "two-sided-long-edge"), ipp.Enum("finishings", 4))
	o := c.deliver()
	truthfulRaw(t, c.p, o, c.content)
	j := c.p.RawJobs()[0]
	if o.State != outcome.Delivered || o.EvidenceLevel != "R3" || j.Copies != 3 || j.Language != "PDF" {
		t.Errorf("%+v\n%+v", o, j)
	}
	for _, line := range j.PJL {
		if bytes.Contains([]byte(line), []byte("FSDELETE")) && !bytes.HasPrefix([]byte(line), []byte("@PJL SET JOBNAME")) {
			t.Errorf("the title became a command: %q", line)
		}
	}
}
