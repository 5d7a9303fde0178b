package spooler

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/spooler/docinfo"
)

func TestCUPSPrints(t *testing.T) {
	page := peers.NeedFile(t, "/usr/share/cups/data/default-testpage.pdf")
	server := peers.StartCUPS(t)
	parked := make(chan struct{}, 1)
	r := startPrinter(t)
	r.intake.setFaults(func(s *memoryIntake) { s.parkErr = func() error { parked <- struct{}{}; return nil } })

	ppd := server.AddQueue(t, "scout", fmt.Sprintf("ipp://localhost:%d/ipp/print", r.port))
	for _, want := range []string{"*PageSize A4:", "*PageSize Letter:", "*PageSize A3:", "*Duplex DuplexNoTumble:", "*ColorModel RGB:", "*cupsPrintQuality High:", "*DefaultMediaType: Auto", "application/vnd.cups-pdf application/pdf 10"} {
		if !bytes.Contains(ppd, []byte(want)) {
			t.Errorf("the queue has no %s:\n%s", want, ppd)
		}
	}
	server.Run(t, "lp", "-d", "scout", "-n", "3", "-o", "sides=two-sided-long-edge", "-t", "Test page", page)
	select {
	case <-parked:
	case <-time.After(20 * time.Second):
		t.Fatal("the job did not come")
	}
	peers.Await(t, "the queue is empty", func() bool { return server.Run(t, "lpstat", "-o", "scout") == "" })

	p := r.intake.onlyParked(t)
	if p.info.Format != docinfo.FormatPDF || p.docs[0].Format != "application/pdf" || !bytes.HasPrefix(p.Bytes(), []byte("%PDF-")) {
		t.Errorf("%q came as %s", p.Bytes()[:min(16, p.Len())], p.docs[0].Format)
	}
	if p.ticket.Copies != 3 || p.ticket.Sides != "two-sided-long-edge" || p.ticket.Title != "Test page" || p.ticket.User != "root" {
		t.Errorf("ticket %+v", p.ticket)
	}
	if _, _, aborted := r.intake.counts(); aborted != 0 {
		t.Errorf("%d documents were aborted", aborted)
	}
}
