package spooler

import (
	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Pauser is an Intake that can keep all parked jobs from being released. Its
// Condition reports whether it does. Only a Holder can be one.
type Pauser interface {
	// SetPaused returns nil once it is durable.
	SetPaused(paused bool) error
}

func (p *Printer) pauser() (Pauser, bool) {
	s, ok := p.cfg.Intake.(Pauser)
	return s, ok
}

func (p *Printer) supportsPause() bool {
	_, ok := p.pauser()
	return ok && p.supportsHold()
}

func (p *Printer) isPaused() bool { return p.supportsPause() && p.cfg.Intake.Condition().Paused }

// pausePrinter is RFC 8011 §4.2.7: jobs are accepted and wait.
func (x *ippExchange) pausePrinter() (*reply, error) { return x.setPaused(true) }

// resumePrinter is RFC 8011 §4.2.8.
func (x *ippExchange) resumePrinter() (*reply, error) { return x.setPaused(false) }

func (x *ippExchange) setPaused(paused bool) (*reply, error) {
	if !x.admin {
		return nil, refuse(goipp.StatusErrorForbidden, "Only an administrator of this computer may do that.")
	}
	s, _ := x.p.pauser()
	if err := s.SetPaused(paused); err != nil {
		x.p.cfg.Log.Error("the printer could not be paused or resumed", "error", err)
		return nil, refuse(goipp.StatusErrorInternal, "That could not be recorded, so nothing was changed.")
	}
	x.p.jobs.completePending()
	x.p.observeState(x.p.cfg.Intake.Condition())
	return &reply{}, nil
}

// completePending completes the jobs that were parked while the printer was
// paused, unless it still is.
func (js *jobTable) completePending() {
	js.mu.Lock()
	defer js.unlockAndAbort()
	if js.isPaused() {
		return
	}
	for _, j := range js.byID {
		if j.parked && j.state == ipp.JobPending && !j.busy {
			js.endJob(j, ipp.JobCompleted, "", "job-completed-successfully")
		}
	}
}
