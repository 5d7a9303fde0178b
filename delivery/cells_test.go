package delivery_test

import (
	"fmt"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/outcome"
)

// TestFaultCells are the failures that make other senders print twice or lose
// a job: each at a printer that tells the truth of its jobs, with Create-Job
// and with Print-Job, with a document that fits into buffers and one that
// does not, and at printers that drop a document that broke off and that
// print it, that count its bytes and that do not.
func TestFaultCells(t *testing.T) {
	t.Parallel()
	faults := map[string]simprinter.Fault{
		"reset after the last byte":   {ResetAtEnd: true},
		"reset in mid-document":       {CutAfter: small / 2},
		"503 after it was printed":    {HTTP: 503, After: true},
		"busy after it was printed":   {Status: goipp.StatusErrorBusy, After: true},
		"silent after it was printed": {Silent: true, After: true},
	}
	ways := map[string][]goipp.Op{"create and send": nil, "print-job": onlyJob}
	for what, f := range faults {
		for way, ops := range ways {
			for _, size := range []int{small, large} {
				for _, kind := range []simprinter.Config{{}, {KeepCut: true}, {NoOctets: true}, {KeepCut: true, NoOctets: true}} {
					if f.Silent && (kind.KeepCut || kind.NoOctets) {
						continue // nothing broke: the kind makes no difference
					}
					t.Run(fmt.Sprintf("%s/%s/%d/keeps=%v,counts=%v", what, way, size, kind.KeepCut, !kind.NoOctets), func(t *testing.T) {
						t.Parallel()
						kind.Operations = ops
						runFaultCell(t, kind, f, size)
					})
				}
			}
		}
	}
}

func runFaultCell(t *testing.T, config simprinter.Config, f simprinter.Fault, size int) {
	c := newCall(t, config, size)
	if f.Silent {
		shortAnswer(c)
		c.limits.Answer = testLimits().Answer
	}
	c.p.SetFault(goipp.OpSendDocument, f)
	c.p.SetFault(goipp.OpPrintJob, f)
	o := c.deliver()
	checkTruthful(t, c.p, o, c.content)
	want := outcome.Delivered
	switch {
	case f.CutAfter > 0 && config.KeepCut:
		want = outcome.Uncertain
	case f.CutAfter > 0:
		want = outcome.NotSent
	case f.ResetAtEnd && config.NoOctets:
		want = outcome.Uncertain
	}
	if o.State != want {
		t.Errorf("%s (%s), want %s: %s %q", o.State, o.Reason, want, o.Message, o.Evidence)
	}
	s := c.p.Stats()
	if n := s.Requests[goipp.OpPrintJob] + s.Requests[goipp.OpSendDocument]; n != 1 {
		t.Errorf("the document was sent %d times", n)
	}
	if n := s.Requests[goipp.OpCreateJob]; n > 1 {
		t.Errorf("%d jobs were made", n)
	}
}

// The same faults at a printer that knows nothing of its jobs afterwards:
// never delivered, never not sent, never twice.
func TestFaultCellsWithoutHistory(t *testing.T) {
	peers.Short(t, "a printer that is asked for long")
	t.Parallel()
	for what, f := range map[string]simprinter.Fault{
		"reset after the last byte": {ResetAtEnd: true},
		"503 after it was printed":  {HTTP: 503, After: true},
		"busy after it was printed": {Status: goipp.StatusErrorBusy, After: true},
	} {
		for way, ops := range map[string][]goipp.Op{"create and send": nil, "print-job": onlyJob} {
			t.Run(what+"/"+way, func(t *testing.T) {
				t.Parallel()
				c := newCall(t, simprinter.Config{Operations: ops}, small)
				c.p.SetFate(simprinter.Fate{Forget: true})
				c.p.SetFault(goipp.OpSendDocument, f)
				c.p.SetFault(goipp.OpPrintJob, f)
				o := c.deliver()
				checkTruthful(t, c.p, o, c.content)
				if o.State != outcome.Uncertain || o.EvidenceLevel != outcome.EvidenceNone {
					t.Errorf("%+v", o)
				}
			})
		}
	}
}

// A printer that says it refused the document and has no such job is
// believed: it said so twice.
func TestRefusedPrintJobIsNotSent(t *testing.T) {
	t.Parallel()
	c := newCall(t, simprinter.Config{Operations: onlyJob}, small)
	c.p.SetFault(goipp.OpPrintJob, simprinter.Fault{Status: goipp.StatusErrorDocumentFormatNotSupported, Message: "no PDF 2.0"})
	o := c.deliver()
	checkTruthful(t, c.p, o, c.content)
	if o.State != outcome.NotSent || o.Reason != outcome.ReasonFormat {
		t.Errorf("%+v", o)
	}
}
