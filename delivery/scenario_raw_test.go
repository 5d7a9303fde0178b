package delivery_test

import (
	"slices"
	"testing"
	"time"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// byPort9100 returns the wanted outcome over a bare connection.
func byPort9100(state outcome.State, reason, level string, sent int) wantedOutcome {
	return wantedOutcome{state, reason, directory.GradeRaw, level, sent}
}

// rawScenarios are deliveries to the printers that are reached only by RAW.
var rawScenarios = map[string]scenario{
	"raw-pjl":           {wantedOutcome: byPort9100(outcome.Delivered, "", "R3", 1)},
	"raw-silent":        {wantedOutcome: byPort9100(outcome.Delivered, "", "R1", 1)},
	"raw-text":          {set: noPJL, wantedOutcome: byPort9100(outcome.Delivered, "", "R1", 1)},
	"raw-slow":          {clock: 100, wantedOutcome: byPort9100(outcome.Delivered, "", "R3", 1)},
	"raw-stops-reading": {set: comesAfterAll, wantedOutcome: byPort9100(outcome.Delivered, "", "R3", 1)},
	"raw-stops-reading/nobody": {size: huge, wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonConnection, outcome.EvidenceNone, 1),
		evidence: "takes no more of the document"},
	"raw-out-of-paper": {set: slowPaper, told: "LOAD TRAY 1 A4", atPrinter: resumePrinter, wantedOutcome: byPort9100(outcome.Delivered, "", "R3", 1), evidence: "Add paper"},
	"raw-out-of-paper/nobody": {size: huge, told: "LOAD TRAY 1 A4",
		wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonConnection, outcome.EvidenceNone, 1), evidence: "Add paper"},
	"raw-out-of-paper/before": {snmp: true, wantedOutcome: refusedOutcome(outcome.ReasonStopped, directory.GradeRaw), told: "is stopped"},
	"raw-reset":               {size: huge, wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonConnection, outcome.EvidenceNone, 1)},
	"raw-closes-on-fin":       {wantedOutcome: byPort9100(outcome.Delivered, "", "R2", 1)},
	"raw-never-closes":        {wantedOutcome: byPort9100(outcome.Delivered, "", "R3", 1), evidence: "did not close"},
	"raw-busy":                {wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonNoAnswer, "R0", 0)},
	"raw-busy/for a while":    {set: comesAfterAll, wantedOutcome: byPort9100(outcome.Delivered, "", "R3", 1)},
	"raw-refused":             {wantedOutcome: refusedOutcome(outcome.ReasonUnreachable, ""), told: "does not answer yet", evidence: "connection"},
	"raw-refused/for a while": {set: longWake, told: "does not answer yet", atPrinter: resumePrinter, wantedOutcome: byPort9100(outcome.Delivered, "", "R3", 1)},
	"raw-canceled":            {wantedOutcome: byPort9100(outcome.Canceled, outcome.ReasonAtPrinter, "R2", 1), evidence: "USER_CANCELED"},
	"raw-no-pages":            {wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonWithErrors, "R2", 1), evidence: "OK, 0 pages"},
	"raw-gives-up":            {wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonAborted, "R2", 1), evidence: "RESOURCE_CANCELED"},
	"raw-odd-result":          {wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonWithErrors, "R2", 1), evidence: "DATA_ERROR"},
	"raw-ends-early":          {size: huge, wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonWithErrors, "R2", 1), evidence: "before the document was out"},
	"raw-loses-data":          {wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonWithErrors, "R3", 1), evidence: "20 MEM OVERFLOW"},
	"raw-jams-at-end":         {told: "13.10 PAPER JAM", wantedOutcome: byPort9100(outcome.Uncertain, outcome.ReasonStillPrinting, "R2", 1), evidence: "Paper is jammed"},
	"raw-jam":                 {snmp: true, told: "is stopped", wantedOutcome: refusedOutcome(outcome.ReasonStopped, directory.GradeRaw)},
	"raw-lies":                {wantedOutcome: byPort9100(outcome.Delivered, "", "R3", 1), lies: true},
}

// TestRawScenarios delivers to every printer of docs/simprinter.md that is
// reached only by RAW.
func TestRawScenarios(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{}
	for name, s := range rawScenarios {
		printer := printerOf(name)
		tested[printer] = true
		t.Run(name, func(t *testing.T) {
			if slices.Contains(longest, name) {
				peers.Short(t, "a printer that takes its time")
			}
			t.Parallel()
			s.runRaw(t, printer)
		})
	}
	for _, s := range simprinter.Scenarios() {
		if s.Config.NoTLS && s.Config.NoPlain && !tested[s.Name] {
			t.Errorf("nothing is delivered to the scenario %q", s.Name)
		}
	}
}

func (s scenario) runRaw(t *testing.T, printer string) {
	more := s.set
	s.set = func(c *deliveryCall) {
		toRaw(c)
		c.limits.Lost = 2 * time.Second // of silence, on port 9100
		if more != nil {
			more(c)
		}
	}
	v := s.newRun(t, printer)
	o := v.deliver()
	if s.lies {
		v.p.Close()
		if jobs := v.p.RawJobs(); len(jobs) != 1 || sameFile(t, jobs[0].Document, v.content) {
			t.Errorf("the printer does not lie: %+v", jobs)
		}
	} else {
		truthfulRaw(t, v.p, o, v.content) // closes the printer, so that all its sessions have ended
	}
	s.judgeSaid(t, v, o, documentSessions(v.p))
	if o.State == outcome.Delivered && !v.p.RawJobs()[0].Whole && !slices.Contains(neverWhole, printer) {
		t.Errorf("delivered, but %+v", v.p.RawJobs())
	}
}

// neverWhole keeps its sessions, whatever comes, until it is switched off.
var neverWhole = []string{"raw-never-closes"}

// documentSessions returns how many connections brought some of a document.
func documentSessions(p *simprinter.Printer) int {
	n := 0
	for _, j := range p.RawJobs() {
		if j.Size > 0 {
			n++
		}
	}
	return n
}

func noPJL(c *deliveryCall) { c.entry.PJL = false }

// longWake gives a printer the time to take connections.
func longWake(c *deliveryCall) { c.limits.Wake = time.Minute }

// slowPaper gives somebody the time to come.
func slowPaper(c *deliveryCall) { c.limits.Lost, c.limits.Unchanged = 10*time.Second, 10*time.Second }

// comesAfterAll is a person who comes to the printer again and again once it
// has been handed the whole document.
func comesAfterAll(c *deliveryCall) {
	slowPaper(c)
	gone, stop := make(chan struct{}), make(chan struct{})
	c.onJournal(delivery.StepSent, func() error {
		go func() {
			defer close(gone)
			every := time.NewTicker(50 * time.Millisecond)
			defer every.Stop()
			for {
				select {
				case <-every.C:
					c.p.Resume()
				case <-stop:
					return
				}
			}
		}()
		c.cleanup(func() { close(stop); <-gone })
		return nil
	})
}
