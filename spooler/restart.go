package spooler

import (
	"slices"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

var errNoRestart = refuse(goipp.StatusErrorNotPossible, "Only a job that has been completed can be started again.")

// restartJob is RFC 8011 §4.3.7 for a printer that parks: what has been parked
// is parked anew. It comes out of a printer only at a release, as before.
func (x *exchange) restartJob() (*reply, error) {
	j, err := x.p.jobs.owned(x.jobID, x.who)
	if err != nil {
		return nil, err
	}
	held, err := x.holdAsked(noHold)
	if err != nil {
		return nil, err
	}
	if err := x.p.jobs.beginRestart(j); err != nil {
		return nil, err
	}
	h, _ := x.p.holder()
	err = h.Restart(j.uuid, held)
	x.p.jobs.endRestart(j, err == nil && held)
	return &reply{}, ofHolder(err)
}

// beginRestart marks a job as being restarted; endRestart has to follow.
func (js *jobs) beginRestart(j *job) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	if j.state != ipp.JobCompleted || j.busy {
		return errNoRestart
	}
	js.open++
	j.busy = true
	return nil
}

// endRestart takes a job that is held again back among those that have not
// ended.
func (js *jobs) endRestart(j *job, held bool) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j.busy = false
	if !held {
		js.open--
		return
	}
	js.ended = slices.DeleteFunc(js.ended, func(e *job) bool { return e == j })
	js.byID[j.id] = j
	j.order.attrs = withAttribute(j.order.attrs, ipp.Keyword(holdUntil, indefinite))
	j.order.held, j.parked, j.ended = true, true, time.Time{}
	j.state, j.reasons = ipp.JobHeld, []string{heldReason}
	js.tell(j, "job-state-changed")
}
