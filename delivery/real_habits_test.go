//go:build unix

package delivery_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// paperGate holds the documents that a printer prints until it is told to pass
// one.
type paperGate struct{ f *os.File }

func (p *peerPrinter) shut(t *testing.T) *paperGate {
	t.Helper()
	name := filepath.Join(p.dir, "gate")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0) // both, so that opening it does not wait
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return &paperGate{f}
}

func (g *paperGate) pass(t *testing.T) {
	t.Helper()
	if _, err := g.f.WriteString("\n"); err != nil {
		t.Error(err)
	}
}

// plainEntry returns an entry for a printer that is reached only by ipp.
func plainEntry(uri string) directory.Printer {
	return directory.Printer{ID: "peer", Name: "Peer", URIs: []string{uri}, Floor: directory.GradeIPP}
}

// TestRealPrinterTakesACutBodyForWhole shows the habit by hand, and then that
// a delivery that was cut so does not fall for it.
func TestRealPrinterTakesACutBodyForWhole(t *testing.T) {
	p := newPeerPrinter(t)
	p.start(t)
	at := fmt.Sprintf("localhost:%d", p.port)
	cutByHand(t, at, p.uri("ipp"))
	peers.Await(t, "what was cut comes out all the same", func() bool { return len(p.printed(t)) == 1 })

	const after = small / 2
	o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(),
		plainEntry("ipp://"+newCutter(t, at, after).l.Addr().String()+"/ipp/print"), documentOf(randomContent(small, 9)), delivery.Hooks{})
	if o.State != outcome.Uncertain && o.State != outcome.NotSent || o.State == outcome.NotSent && len(p.printed(t)) > 1 {
		t.Errorf("%+v; printed %v", o, p.printed(t))
	}
	t.Logf("%s (%s) %s %q", o.State, o.Reason, o.Message, o.Evidence)
}

// cutByHand prints a document in chunks and ends the connection in the middle
// of one.
func cutByHand(t *testing.T, at, uri string) {
	t.Helper()
	m := ipp.NewRequest(ipp.Version20, goipp.OpPrintJob, uri)
	m.Operation.Add(ipp.Name("requesting-user-name", "erika"))
	m.Operation.Add(ipp.MIME("document-format", "application/pdf"))
	head, err := m.EncodeBytes()
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	body := append(head, randomContent(5000, 9)...)
	if _, err := fmt.Fprintf(c, "POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\nhalf", len(body), body, len(body)); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	_, _ = c.Read(make([]byte, 1<<10)) // an answer, or the end
}

// TestRealPrinterHasOneJobAtATime: while it prints another's document it calls
// itself busy. That is waited for and said, and the document then comes out.
func TestRealPrinterHasOneJobAtATime(t *testing.T) {
	p := newPeerPrinter(t)
	p.start(t)
	g := p.shut(t)
	long := testLimits()
	long.Ready, long.Unchanged, long.Follow = time.Minute, time.Minute, 2*time.Minute
	var first delivery.Outcome
	var printing sync.WaitGroup
	printing.Go(func() {
		first = delivery.New(delivery.Config{Timeouts: long}).Deliver(t.Context(), plainEntry(p.uri("ipp")), documentOf(randomContent(small, 1)), delivery.Hooks{})
	})
	defer printing.Wait()
	peers.Await(t, "the first document is printing", func() bool { return len(p.printed(t)) == 1 })

	var said []string
	pass := sync.OnceFunc(func() { g.pass(t); g.pass(t) })
	defer pass()
	b := randomContent(small, 2)
	o := delivery.New(delivery.Config{Timeouts: long}).Deliver(t.Context(), plainEntry(p.uri("ipp")), documentOf(b), delivery.Hooks{Tell: func(_, s string) {
		if said = append(said, s); s != "" {
			pass()
		}
	}})
	printing.Wait()
	checkOutcome(t, first, outcome.Delivered, "", "ipp", directory.GradeIPP)
	checkOutcome(t, o, outcome.Delivered, "", "ipp", directory.GradeIPP)
	if len(said) != 2 || said[0] != "Printer Peer is busy." || said[1] != "" {
		t.Errorf("said %q", said)
	}
	if got := p.printed(t); len(got) != 2 {
		t.Errorf("printed %v", got)
	}
}

// TestRealPrinterAsksForTheBody: it answers Expect: 100-continue, and nothing
// of the request's body is on its way before.
func TestRealPrinterAsksForTheBody(t *testing.T) {
	p := newPeerPrinter(t)
	p.start(t)
	r := newRelay(t, fmt.Sprintf("localhost:%d", p.port))
	o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(),
		plainEntry("ipp://"+r.l.Addr().String()+"/ipp/print"), documentOf(randomContent(small, 9)), delivery.Hooks{})
	checkOutcome(t, o, outcome.Delivered, "", "ipp", directory.GradeIPP)
	expecting := 0
	for _, h := range r.heard() {
		asked, _ := h.asked.get()
		answered, _ := h.answered.get()
		if bytes.Contains(asked, []byte("Expect: 100-continue\r\n")) {
			expecting++
			if !bytes.HasPrefix(answered, []byte("HTTP/1.1 100 ")) {
				t.Errorf("answered %.200q", answered)
			}
		}
	}
	if expecting != 1 {
		t.Errorf("the body was asked for %d times", expecting)
	}
}

// TestRealPrinterTakesGzip: it offers gzip and gives the document on as it was.
func TestRealPrinterTakesGzip(t *testing.T) {
	p := newPeerPrinter(t)
	p.start(t)
	r := newRelay(t, fmt.Sprintf("localhost:%d", p.port))
	b := bytes.Repeat([]byte("UNIRAST\x00 a raster of much white "), 20<<10)
	doc := documentOf(b)
	doc.Format = "image/urf"
	o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(), plainEntry("ipp://"+r.l.Addr().String()+"/ipp/print"), doc, delivery.Hooks{})
	checkOutcome(t, o, outcome.Delivered, "", "ipp", directory.GradeIPP)
	if got := p.printed(t); len(got) != 1 || !sameFile(t, got[0], b) {
		t.Errorf("printed %v", got)
	}
	most := 0
	for _, h := range r.heard() {
		_, size := h.asked.get()
		most = max(most, size)
	}
	if most == 0 || most > len(b)/10 {
		t.Errorf("%d bytes of %d went over the wire", most, len(b))
	}
}

// TestRealPrinterIsTold: copies and sides are what was asked for.
func TestRealPrinterIsTold(t *testing.T) {
	p := newPeerPrinter(t)
	p.start(t)
	doc := documentOf(randomContent(small, 9))
	doc.Attributes = ticketBytes(ipp.Integer("copies", 3), ipp.Keyword("sides", "two-sided-short-edge"))
	o := delivery.New(delivery.Config{Timeouts: testLimits()}).Deliver(t.Context(), p.entry(t), doc, delivery.Hooks{})
	checkOutcome(t, o, outcome.Delivered, "", "ipps", directory.GradePinned)
	p.told(t, "IPP_COPIES=3", "IPP_SIDES=two-sided-short-edge")
}

// told checks what a printer was told of its only job.
func (p *peerPrinter) told(t *testing.T, want ...string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(p.dir, "out", "ticket-*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range want {
		if !strings.Contains("\n"+string(b), "\n"+line+"\n") {
			t.Errorf("without %s:\n%s", line, b)
		}
	}
}
