package delivery_test

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// relayTo stands before a printer until it is closed. It gives the address to
// reach the printer through it.
func relayTo(t *testing.T, uri string) (through string, shut func()) {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	at, shut := serveEach(t, func(in net.Conn) { relayBytes(in, u.Host) })
	return strings.Replace(uri, u.Host, at, 1), shut
}

// serveEach serves every connection to a port of its own, until it is shut or the
// test ends.
func serveEach(t *testing.T, serve func(net.Conn)) (at string, shut func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { serve(in) })
		}
	})
	shut = func() {
		l.Close()
		serving.Wait()
	}
	t.Cleanup(shut)
	return l.Addr().String(), shut
}

func relayBytes(in net.Conn, to string) {
	defer in.Close()
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	var there sync.WaitGroup
	there.Go(func() {
		_, _ = io.Copy(out, in)
		out.Close()
	})
	_, _ = io.Copy(in, out)
	in.Close()
	there.Wait()
}

// TestWeakerThanBefore: the directory allows it, and the evidence says so.
func TestWeakerThanBefore(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	through, shut := relayTo(t, c.p.URI())
	c.entry.URIs, c.entry.Floor = []string{through, c.p.PlainURI()}, directory.GradeIPP
	d := delivery.New(delivery.Config{Timeouts: c.limits})
	warned := func(o delivery.Outcome) bool {
		return strings.Contains(strings.Join(o.Evidence, " "), "before, and is by ipp now")
	}
	if o := d.Deliver(t.Context(), c.entry, c.doc, delivery.Hooks{}); o.Grade != string(directory.GradePinned) || warned(o) {
		t.Fatalf("%+v", o)
	}
	shut()
	if o := d.Deliver(t.Context(), c.entry, documentOf(c.content), delivery.Hooks{}); o.Grade != string(directory.GradeIPP) || !warned(o) {
		t.Errorf("%+v", o)
	}
}

// TestWayThatWorkedIsTriedAlone: the second delivery asks one address, and the
// first one's only where no stronger one would be passed over.
func TestWayThatWorkedIsTriedAlone(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	c.entry.URIs = []string{c.p.URI() + "/no", c.p.URI() + "/nor/here", c.p.URI()}
	d := delivery.New(delivery.Config{Timeouts: c.limits})
	for i := range 2 {
		before := c.p.Stats().TLSConnections
		if o := d.Deliver(t.Context(), c.entry, documentOf(c.content), delivery.Hooks{}); o.State != outcome.Delivered {
			t.Fatalf("%+v", o)
		}
		if n := c.p.Stats().TLSConnections - before; i == 1 && n > 3 {
			t.Errorf("%d connections", n)
		}
	}
	if n := c.p.Stats().Requests[goipp.OpGetPrinterAttributes]; n != 2 {
		t.Errorf("the printer was asked %d times what it is", n)
	}
}

// TestUpToTLS: a printer that asks for TLS on its plain port gets it, and is
// never spoken to without from then on.
func TestUpToTLS(t *testing.T) {
	c := newCall(t, simprinter.Config{}, small)
	plainOnly(c)
	u, err := url.Parse(c.p.URI())
	if err != nil {
		t.Fatal(err)
	}
	// One port speaks both, as that of CUPS does.
	both := bothWays(t, c.p, u.Host)
	c.entry.URIs = []string{"ipp://" + both + "/ipp/print"}
	c.p.SetFault(getPrn, simprinter.Fault{HTTP: 426, Times: 1})
	d := delivery.New(delivery.Config{Timeouts: c.limits})
	for range 2 {
		o := d.Deliver(t.Context(), c.entry, documentOf(c.content), delivery.Hooks{})
		if o.State != outcome.Delivered || o.Protocol != "ipps" || o.Grade != string(directory.GradeIPP) {
			t.Errorf("%+v", o)
		}
	}
	if n := c.p.Stats().Requests[getPrn]; n != 3 {
		t.Errorf("it was asked %d times what it is", n)
	}
}

// bothWays is a port at which a printer speaks TLS to those who begin with a
// hello, and does not to others.
func bothWays(t *testing.T, p *simprinter.Printer, secure string) string {
	t.Helper()
	u, err := url.Parse(p.PlainURI())
	if err != nil {
		t.Fatal(err)
	}
	at, _ := serveEach(t, func(in net.Conn) {
		first := make([]byte, 1)
		if _, err := io.ReadFull(in, first); err != nil {
			in.Close()
			return
		}
		to := u.Host
		if first[0] == 22 { // a TLS handshake record
			to = secure
		}
		relayBytes(&begunConn{in, first}, to)
	})
	return at
}

// begunConn is a connection of which the first byte has been read.
type begunConn struct {
	net.Conn
	first []byte
}

func (b *begunConn) Read(p []byte) (int, error) {
	if len(b.first) == 0 {
		return b.Conn.Read(p)
	}
	n := copy(p, b.first)
	b.first = b.first[n:]
	return n, nil
}
