package spooler

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// printJob parks a job and returns its id.
func (r *testPrinter) printJob() int {
	r.Helper()
	id, _ := ipp.Int(r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpPrintJob), threePages()...).Job, "job-id")
	return id
}

func TestRestartParksAnew(t *testing.T) {
	r := startPrinter(t, withHolder)
	d := r.p.cfg.Intake.(*holderIntake)
	id := r.printJob()
	job := ipp.Integer("job-id", id)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpRestartJob, job))
	r.wantState(id, ipp.JobCompleted, isDone)
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpRestartJob, job, r.holdAttribute()))
	r.wantState(id, ipp.JobHeld, heldReason)
	if got := d.takeCalls(); !slices.Equal(got, []string{"restart false 1", "restart true 1"}) {
		t.Errorf("asked %q", got)
	}
	if a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes)); !ipp.HasInt(a.Printer, "queued-job-count", 1) {
		t.Error("the held job is not counted")
	}
	r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpRestartJob, job))
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpReleaseJob, job))
	r.wantState(id, ipp.JobCompleted, isDone)
	if a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes)); !ipp.HasInt(a.Printer, "queued-job-count", 0) {
		t.Error("the job is still counted")
	}
}

func TestRestartIsRefused(t *testing.T) {
	r := startPrinter(t, withHolder)
	d := r.p.cfg.Intake.(*holderIntake)
	waiting, canceled, done := r.createJob(), r.createJob(), r.printJob()
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", canceled)))
	for _, id := range []int{waiting, canceled} {
		r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpRestartJob, ipp.Integer("job-id", id)))
	}
	until := ipp.Keyword("job-hold-until", "weekend")
	r.mustDo(goipp.StatusErrorAttributesOrValues, r.newRequest(goipp.OpRestartJob, ipp.Integer("job-id", done), until))
	if got := d.takeCalls(); got != nil {
		t.Errorf("asked %q", got)
	}
	for err, want := range map[error]goipp.Status{
		ErrNoJob: goipp.StatusErrorNotPossible, ErrNotNow: goipp.StatusErrorNotPossible, errors.New("disk"): goipp.StatusErrorInternal,
	} {
		d.setFaults(func(*memoryIntake) { d.fail = err })
		r.mustDo(want, r.newRequest(goipp.OpRestartJob, ipp.Integer("job-id", done), r.holdAttribute()))
		r.wantState(done, ipp.JobCompleted, isDone)
	}
	if open, _ := r.p.jobs.countOpen(); open != 1 {
		t.Errorf("%d jobs are open", open)
	}
}

// withClientNamed makes Identify return that client for every connection.
func withClientNamed(c Client) func(*Config) {
	return func(cfg *Config) {
		cfg.Identify = func(context.Context, netip.AddrPort, netip.AddrPort) (Client, error) { return c, nil }
	}
}

func TestPausedPrinterKeepsJobsPending(t *testing.T) {
	r := startPrinter(t, withHolder, withClientNamed(Client{Name: "root", Admin: true}))
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpPausePrinter))
	a := r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpGetPrinterAttributes))
	if yes, _ := ipp.Bool(a.Printer, "printer-is-accepting-jobs"); !yes || !ipp.HasInt(a.Printer, "printer-state", ipp.PrinterStopped) {
		t.Errorf("paused, the printer says %v", a.Printer)
	}
	ids := []int{r.printJob(), r.printJob(), r.printJob(), r.printJob()}
	held := r.printHeld()
	for _, id := range ids {
		r.wantState(id, ipp.JobPending, "printer-stopped")
		r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpHoldJob, ipp.Integer("job-id", id)))
		r.mustDo(goipp.StatusErrorNotPossible, r.newRequest(goipp.OpReleaseJob, ipp.Integer("job-id", id)))
		r.sendDocument(goipp.StatusErrorNotPossible, id, true, threePages()...)
	}
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpCancelJob, ipp.Integer("job-id", ids[0])))
	r.wantState(ids[0], ipp.JobCanceled, "job-canceled-by-user")
	r.p.ReportGone(ids[1], r.intake.parked[1].ticket.JobUUID)
	r.wantState(ids[1], ipp.JobAborted, "aborted-by-system")
	r.mustDo(goipp.StatusOk, r.newRequest(goipp.OpResumePrinter))
	for _, id := range ids[2:] {
		r.wantState(id, ipp.JobCompleted, isDone)
	}
	r.wantState(held, ipp.JobHeld, heldReason)
	if _, parked, aborted := r.intake.counts(); parked != 5 || aborted != 0 {
		t.Errorf("%d parked, %d aborted", parked, aborted)
	}
	if open, _ := r.p.jobs.countOpen(); open != 1 {
		t.Errorf("%d jobs are open", open)
	}
}

func TestPauseIsForAdministrators(t *testing.T) {
	for name, c := range map[string]struct {
		client Client
		want   goipp.Status
	}{
		"a user":                         {Client{Name: "alice"}, goipp.StatusErrorForbidden},
		"the print spooler":              {Client{Name: "root", Admin: true, Spooler: true}, goipp.StatusErrorForbidden},
		"root where it spools, as alice": {Client{Name: "root", Admin: true, Vouches: true}, goipp.StatusOk},
	} {
		t.Run(name, func(t *testing.T) {
			r := startPrinter(t, withHolder, withClientNamed(c.client))
			r.mustDo(c.want, r.newRequest(goipp.OpPausePrinter))
			if got := r.p.isPaused(); got != (c.want == goipp.StatusOk) {
				t.Errorf("paused is %v", got)
			}
		})
	}
	r := startPrinter(t, withHolder)
	r.mustDo(goipp.StatusErrorForbidden, r.newRequest(goipp.OpPausePrinter))
	r = startPrinter(t, withHolder, withClientNamed(Client{Name: "root", Admin: true}))
	d := r.p.cfg.Intake.(*holderIntake)
	d.setFaults(func(*memoryIntake) { d.fail = errors.New("disk") })
	r.mustDo(goipp.StatusErrorInternal, r.newRequest(goipp.OpPausePrinter))
	startPrinter(t).mustDo(goipp.StatusErrorOperationNotSupported, r.newRequest(goipp.OpPausePrinter))
}
