package spooler

import (
	"fmt"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func TestCancelStopsTheDocument(t *testing.T) {
	r := startPrinter(t)
	written := r.intake.firstWrite()
	id := r.createJob()
	m := bytesOf(t, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true)))
	c := r.beginPrintJob("Content-Length: 1000000000", append(m, incompressible(600_000)...))
	<-written
	r.wantState(id, ipp.JobProcessing, "job-incoming")
	if a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes)); !ipp.HasInt(a.Printer, "printer-state", ipp.PrinterProcessing) {
		t.Error("the printer is not processing")
	}
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpSendDocument, ipp.Integer("job-id", id), lastDocument(true)), threePages()...)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", id)))
	r.wantState(id, ipp.JobCanceled, "job-canceled-by-user")
	if a := answerOf(t, c); goipp.Status(a.Code) != goipp.StatusErrorJobCanceled {
		t.Errorf("the sender was told %v", a)
	}
	if begun, parked, aborted := r.intake.counts(); begun != 1 || parked != 0 || aborted != 1 {
		t.Errorf("%d begun, %d parked, %d aborted", begun, parked, aborted)
	}
}

func TestCancelComesTooLate(t *testing.T) {
	r := startPrinter(t)
	sealing, goOn := make(chan struct{}), make(chan struct{})
	r.intake.setFaults(func(s *memoryIntake) { s.parkErr = func() error { close(sealing); <-goOn; return nil } })
	m := bytesOf(t, r.newRequest(goipp.OpPrintJob))
	c := r.beginPrintJob(fmt.Sprint("Content-Length: ", len(m)+len(threePages())), append(m, threePages()...))
	<-sealing
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", 1)))
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpCancelMyJobs, ipp.Integer("job-ids", 1)))
	close(goOn)
	if a := answerOf(t, c); goipp.Status(a.Code) != goipp.StatusOk {
		t.Errorf("%v", a)
	}
	r.wantState(1, ipp.JobCompleted, "job-completed-successfully")
}

// TestTheSpoolerCancelsLate does what CUPS does when a person cancels a job
// while its document arrives: it ends the document, then cancels the job.
func TestTheSpoolerCancelsLate(t *testing.T) {
	r, k := startKnowing(t, withHolder)
	d := r.p.cfg.Intake.(*holderIntake)
	spooler, alice := &Client{Name: "lp", Spooler: true}, &Client{Name: "alice"}
	cancel := func(want goipp.Status, id int) {
		t.Helper()
		r.mustDo(want, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", id)))
	}
	k.setClient(r, spooler)
	id := r.printAs("alice")
	k.setClient(r, alice)
	own := r.printAs("alice")
	cancel(goipp.StatusErrorNotPossible, id)
	k.setClient(r, spooler)
	cancel(goipp.StatusErrorNotPossible, own)
	if got := d.takeCalls(); got != nil {
		t.Errorf("asked %q", got)
	}
	d.setFaults(func(*memoryIntake) { d.fail = ErrNoJob })
	cancel(goipp.StatusErrorNotPossible, id)
	r.wantState(id, ipp.JobCompleted, isDone)
	d.setFaults(func(*memoryIntake) { d.fail = nil })
	cancel(goipp.StatusOk, id)
	r.wantState(id, ipp.JobCanceled, "job-canceled-by-user")
	cancel(goipp.StatusErrorNotPossible, id)
	if open, _ := r.p.jobs.countOpen(); open != 0 {
		t.Errorf("%d jobs are open", open)
	}
}
