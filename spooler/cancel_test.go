package spooler

import (
	"fmt"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func TestCancelStopsTheDocument(t *testing.T) {
	r := start(t)
	written := r.shelf.written()
	id := r.create()
	m := bytesOf(t, r.request(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true)))
	c := r.begin("Content-Length: 1000000000", append(m, noise(600_000)...))
	<-written
	r.wantState(id, ipp.JobProcessing, "job-incoming")
	if a := r.do(goipp.StatusOk, r.request(goipp.OpGetPrinterAttributes)); !ipp.HasInt(a.Printer, "printer-state", ipp.PrinterProcessing) {
		t.Error("the printer is not processing")
	}
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true)), pdf()...)
	r.do(goipp.StatusOk, r.request(goipp.OpCancelJob, ipp.Integer("job-id", id)))
	r.wantState(id, ipp.JobCanceled, "job-canceled-by-user")
	if a := answerOf(t, c); goipp.Status(a.Code) != goipp.StatusErrorJobCanceled {
		t.Errorf("the sender was told %v", a)
	}
	if begun, parked, aborted := r.shelf.counts(); begun != 1 || parked != 0 || aborted != 1 {
		t.Errorf("%d begun, %d parked, %d aborted", begun, parked, aborted)
	}
}

func TestCancelComesTooLate(t *testing.T) {
	r := start(t)
	sealing, goOn := make(chan struct{}), make(chan struct{})
	r.shelf.set(func(s *shelf) { s.park = func() error { close(sealing); <-goOn; return nil } })
	m := bytesOf(t, r.request(goipp.OpPrintJob))
	c := r.begin(fmt.Sprint("Content-Length: ", len(m)+len(pdf())), append(m, pdf()...))
	<-sealing
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpCancelJob, ipp.Integer("job-id", 1)))
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpCancelMyJobs, ipp.Integer("job-ids", 1)))
	close(goOn)
	if a := answerOf(t, c); goipp.Status(a.Code) != goipp.StatusOk {
		t.Errorf("%v", a)
	}
	r.wantState(1, ipp.JobCompleted, "job-completed-successfully")
}

// TestTheSpoolerCancelsLate is what CUPS does where a person cancels a job
// while its document comes: it ends the document, then cancels the job.
func TestTheSpoolerCancelsLate(t *testing.T) {
	r, k := startKnowing(t, holding)
	d := r.p.cfg.Intake.(*drawer)
	spooler, alice := &Client{Name: "lp", Spooler: true}, &Client{Name: "alice"}
	cancel := func(want goipp.Status, id int) {
		t.Helper()
		r.do(want, r.request(goipp.OpCancelJob, ipp.Integer("job-id", id)))
	}
	k.is(r, spooler)
	id := r.printAs("alice")
	k.is(r, alice)
	own := r.printAs("alice")
	cancel(goipp.StatusErrorNotPossible, id)
	k.is(r, spooler)
	cancel(goipp.StatusErrorNotPossible, own)
	if got := d.asked(); got != nil {
		t.Errorf("asked %q", got)
	}
	d.set(func(*shelf) { d.fail = ErrNoJob })
	cancel(goipp.StatusErrorNotPossible, id)
	r.wantState(id, ipp.JobCompleted, isDone)
	d.set(func(*shelf) { d.fail = nil })
	cancel(goipp.StatusOk, id)
	r.wantState(id, ipp.JobCanceled, "job-canceled-by-user")
	cancel(goipp.StatusErrorNotPossible, id)
	if open, _ := r.p.jobs.countOpen(); open != 0 {
		t.Errorf("%d jobs are open", open)
	}
}
