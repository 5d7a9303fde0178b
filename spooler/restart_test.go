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

// print parks a job and returns its number.
func (r *rig) print() int {
	r.Helper()
	id, _ := ipp.Int(r.do(goipp.StatusOk, r.request(goipp.OpPrintJob), pdf()...).Job, "job-id")
	return id
}

func TestRestartParksAnew(t *testing.T) {
	r := start(t, holding)
	d := r.p.cfg.Intake.(*drawer)
	id := r.print()
	job := ipp.Integer("job-id", id)
	r.do(goipp.StatusOk, r.request(goipp.OpRestartJob, job))
	r.wantState(id, ipp.JobCompleted, isDone)
	r.do(goipp.StatusOk, r.request(goipp.OpRestartJob, job, r.held()))
	r.wantState(id, ipp.JobHeld, heldReason)
	if got := d.asked(); !slices.Equal(got, []string{"restart false 1", "restart true 1"}) {
		t.Errorf("asked %q", got)
	}
	if a := r.do(goipp.StatusOk, r.request(goipp.OpGetPrinterAttributes)); !ipp.HasInt(a.Printer, "queued-job-count", 1) {
		t.Error("the held job is not counted")
	}
	r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpRestartJob, job))
	r.do(goipp.StatusOk, r.request(goipp.OpReleaseJob, job))
	r.wantState(id, ipp.JobCompleted, isDone)
	if a := r.do(goipp.StatusOk, r.request(goipp.OpGetPrinterAttributes)); !ipp.HasInt(a.Printer, "queued-job-count", 0) {
		t.Error("the job is still counted")
	}
}

func TestRestartIsRefused(t *testing.T) {
	r := start(t, holding)
	d := r.p.cfg.Intake.(*drawer)
	waiting, canceled, done := r.create(), r.create(), r.print()
	r.do(goipp.StatusOk, r.request(goipp.OpCancelJob, ipp.Integer("job-id", canceled)))
	for _, id := range []int{waiting, canceled} {
		r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpRestartJob, ipp.Integer("job-id", id)))
	}
	until := ipp.Keyword("job-hold-until", "weekend")
	r.do(goipp.StatusErrorAttributesOrValues, r.request(goipp.OpRestartJob, ipp.Integer("job-id", done), until))
	if got := d.asked(); got != nil {
		t.Errorf("asked %q", got)
	}
	for err, want := range map[error]goipp.Status{
		ErrNoJob: goipp.StatusErrorNotPossible, ErrNotNow: goipp.StatusErrorNotPossible, errors.New("disk"): goipp.StatusErrorInternal,
	} {
		d.set(func(*shelf) { d.fail = err })
		r.do(want, r.request(goipp.OpRestartJob, ipp.Integer("job-id", done), r.held()))
		r.wantState(done, ipp.JobCompleted, isDone)
	}
	if open, _ := r.p.jobs.countOpen(); open != 1 {
		t.Errorf("%d jobs are open", open)
	}
}

// as makes the kernel call every client so.
func as(c Client) func(*Config) {
	return func(cfg *Config) {
		cfg.Identify = func(context.Context, netip.AddrPort, netip.AddrPort) (Client, error) { return c, nil }
	}
}

func TestPausedPrinterKeepsJobsPending(t *testing.T) {
	r := start(t, holding, as(Client{Name: "root", Admin: true}))
	r.do(goipp.StatusOk, r.request(goipp.OpPausePrinter))
	a := r.do(goipp.StatusOk, r.request(goipp.OpGetPrinterAttributes))
	if yes, _ := ipp.Bool(a.Printer, "printer-is-accepting-jobs"); !yes || !ipp.HasInt(a.Printer, "printer-state", ipp.PrinterStopped) {
		t.Errorf("paused, the printer says %v", a.Printer)
	}
	ids := []int{r.print(), r.print(), r.print(), r.print()}
	held := r.printHeld()
	for _, id := range ids {
		r.wantState(id, ipp.JobPending, "printer-stopped")
		r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpHoldJob, ipp.Integer("job-id", id)))
		r.do(goipp.StatusErrorNotPossible, r.request(goipp.OpReleaseJob, ipp.Integer("job-id", id)))
		r.send(goipp.StatusErrorNotPossible, id, true, pdf()...)
	}
	r.do(goipp.StatusOk, r.request(goipp.OpCancelJob, ipp.Integer("job-id", ids[0])))
	r.wantState(ids[0], ipp.JobCanceled, "job-canceled-by-user")
	r.p.ReportGone(ids[1], r.shelf.parked[1].ticket.JobUUID)
	r.wantState(ids[1], ipp.JobAborted, "aborted-by-system")
	r.do(goipp.StatusOk, r.request(goipp.OpResumePrinter))
	for _, id := range ids[2:] {
		r.wantState(id, ipp.JobCompleted, isDone)
	}
	r.wantState(held, ipp.JobHeld, heldReason)
	if _, parked, aborted := r.shelf.counts(); parked != 5 || aborted != 0 {
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
			r := start(t, holding, as(c.client))
			r.do(c.want, r.request(goipp.OpPausePrinter))
			if got := r.p.isPaused(); got != (c.want == goipp.StatusOk) {
				t.Errorf("paused is %v", got)
			}
		})
	}
	r := start(t, holding)
	r.do(goipp.StatusErrorForbidden, r.request(goipp.OpPausePrinter))
	r = start(t, holding, as(Client{Name: "root", Admin: true}))
	d := r.p.cfg.Intake.(*drawer)
	d.set(func(*shelf) { d.fail = errors.New("disk") })
	r.do(goipp.StatusErrorInternal, r.request(goipp.OpPausePrinter))
	start(t).do(goipp.StatusErrorOperationNotSupported, r.request(goipp.OpPausePrinter))
}
