package spooler

import (
	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Pauser is an Intake that can keep all that is parked from being released.
// Its Condition reports whether it does. Only a Holder can be one.
type Pauser interface {
	// SetPaused returns nil once it is durable.
	SetPaused(paused bool) error
}

func (p *Printer) pauser() (Pauser, bool) {
	s, ok := p.cfg.Intake.(Pauser)
	return s, ok
}

func (p *Printer) pauses() bool {
	_, ok := p.pauser()
	return ok && p.holds()
}

func (p *Printer) paused() bool { return p.pauses() && p.cfg.Intake.Condition().Paused }

// pausePrinter is RFC 8011 §4.2.7: jobs are taken and wait.
func (x *exchange) pausePrinter() (*reply, error) { return x.setPaused(true) }

// resumePrinter is RFC 8011 §4.2.8.
func (x *exchange) resumePrinter() (*reply, error) { return x.setPaused(false) }

func (x *exchange) setPaused(paused bool) (*reply, error) {
	if !x.admin {
		return nil, refuse(goipp.StatusErrorForbidden, "Only an administrator of this computer may do that.")
	}
	s, _ := x.p.pauser()
	if err := s.SetPaused(paused); err != nil {
		x.p.cfg.Log.Error("the printer could not be paused or resumed", "error", err)
		return nil, refuse(goipp.StatusErrorInternal, "That could not be recorded, so nothing was changed.")
	}
	x.p.jobs.resume()
	x.p.observe(x.p.cfg.Intake.Condition())
	return &reply{}, nil
}

// resume completes the jobs that were parked while the printer was paused,
// unless it still is.
func (js *jobs) resume() {
	js.mu.Lock()
	defer js.unlock()
	if js.paused() {
		return
	}
	for _, j := range js.byID {
		if j.parked && j.state == ipp.JobPending && !j.busy {
			js.end(j, ipp.JobCompleted, "", "job-completed-successfully")
		}
	}
}
