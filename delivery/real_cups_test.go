//go:build unix

package delivery_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// printServer is CUPS as the printer, with one queue for another printer.
type printServer struct {
	cups    *peers.CUPS
	printer *peerPrinter
	port    int
}

func newPrintServer(t *testing.T) *printServer {
	t.Helper()
	s := &printServer{printer: newPeerPrinter(t), port: peers.Port(t)}
	s.printer.start(t)
	s.cups = peers.StartCUPSWith(t, peers.CUPSSetup{Conf: fmt.Sprintf("Listen localhost:%d\n", s.port) + peers.StockConf(t)})
	s.cups.AddQueue(t, "hall", s.printer.uri("ipp"))
	return s
}

func (s *printServer) entry() directory.Printer {
	return plainEntry(fmt.Sprintf("ipp://localhost:%d/printers/hall", s.port))
}

func pdfOf(attrs ...goipp.Attribute) delivery.Document {
	doc := documentOf(peers.PDF(595, 842))
	doc.Attributes = ticketBytes(attrs...)
	return doc
}

// printServerLimits are limits for a print server, which starts several
// programs for each job.
func printServerLimits() delivery.Timeouts {
	l := testLimits()
	l.Answer, l.Settle, l.Lost, l.Unchanged, l.Follow = 30*time.Second, 30*time.Second, 30*time.Second, time.Minute, 2*time.Minute
	return l
}

// TestRealPrintServer prints by way of CUPS: it is delivered when the printer
// behind the queue has it, with the copies and the sides asked for.
func TestRealPrintServer(t *testing.T) {
	s := newPrintServer(t)
	doc := pdfOf(ipp.Integer("copies", 2), ipp.Keyword("sides", "two-sided-long-edge"))
	o := delivery.New(delivery.Config{Timeouts: printServerLimits()}).Deliver(t.Context(), s.entry(), doc, delivery.Hooks{})
	checkOutcome(t, o, outcome.Delivered, "", "ipp", directory.GradeIPP)
	if got := s.printer.printed(t); len(got) != 1 {
		t.Errorf("printed %v; %q", got, o.Evidence)
	}
	s.printer.told(t, "IPP_COPIES=2", "IPP_SIDES=two-sided-long-edge")
	if o.EvidenceLevel != outcome.EvidenceState && o.EvidenceLevel != outcome.EvidenceCounted {
		t.Errorf("%s %q", o.EvidenceLevel, o.Evidence)
	}
	t.Logf("%s %q", o.EvidenceLevel, o.Evidence)
}

// TestRealPrintServerCanceled cancels while the queue's printer prints.
func TestRealPrintServerCanceled(t *testing.T) {
	s := newPrintServer(t)
	g := s.printer.shut(t)
	defer g.pass(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan delivery.Outcome, 1)
	go func() {
		ended <- delivery.New(delivery.Config{Timeouts: printServerLimits()}).Deliver(ctx, s.entry(), pdfOf(), delivery.Hooks{})
	}()
	peers.Await(t, "it is printing", func() bool { return len(s.printer.printed(t)) == 1 })
	cancel()
	o := <-ended
	if o.State != outcome.Canceled || o.Reason != outcome.ReasonCanceled {
		t.Errorf("%+v", o)
	}
	if left := s.cups.Run(t, "lpstat", "-o", "hall"); left != "" {
		t.Errorf("CUPS still has %s", left)
	}
}

// TestRealPrintServerWantsALogin: a queue with the policy `authenticated` that
// CUPS ships with is given no document.
func TestRealPrintServerWantsALogin(t *testing.T) {
	s := newPrintServer(t)
	s.cups.Run(t, "lpadmin", "-p", "hall", "-o", "printer-op-policy=authenticated")
	r := newRelay(t, fmt.Sprintf("localhost:%d", s.port))
	var points []delivery.Step
	o := delivery.New(delivery.Config{Timeouts: printServerLimits()}).Deliver(t.Context(), plainEntry("ipp://"+r.l.Addr().String()+"/printers/hall"), pdfOf(),
		delivery.Hooks{Journal: func(p delivery.Point) error { points = append(points, p.Step); return nil }})
	if o.State != outcome.NotSent || o.Reason != outcome.ReasonLogin || len(points) != 0 {
		t.Errorf("%+v; journaled %v", o, points)
	}
	for _, h := range r.heard() {
		if b, _ := h.asked.get(); bytes.Contains(b, []byte("%PDF")) || bytes.Contains(b, []byte("Authorization")) {
			t.Errorf("it was sent %.300q", b)
		}
	}
	if jobs := s.cups.Run(t, "lpstat", "-W", "all", "-o", "hall"); jobs != "" {
		t.Errorf("CUPS has %s", jobs)
	}
}
