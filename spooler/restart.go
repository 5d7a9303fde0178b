package spooler

import (
	"slices"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

var errNoRestart = refuse(goipp.StatusErrorNotPossible, "Only a job that has been completed can be started again.")

// restartJob is RFC 8011 §4.3.7 for a printer that parks: a parked job is
// parked anew. As before, it is printed only at a release.
func (x *ippExchange) restartJob() (*reply, error) {
	j, err := x.p.jobs.ownedJob(x.jobID, x.user)
	if err != nil {
		return nil, err
	}
	held, err := x.requestedHold(noHold)
	if err != nil {
		return nil, err
	}
	if err := x.p.jobs.beginRestart(j); err != nil {
		return nil, err
	}
	h, _ := x.p.holder()
	err = h.Restart(j.uuid, held)
	x.p.jobs.endRestart(j, err == nil && held)
	return &reply{}, refusalOfHolder(err)
}

// beginRestart marks a job as being restarted; endRestart must follow.
func (js *jobTable) beginRestart(j *job) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	if j.state != ipp.JobCompleted || j.busy {
		return errNoRestart
	}
	js.open++
	j.busy = true
	return nil
}

// endRestart ends a restart. A job that is held again is open again.
func (js *jobTable) endRestart(j *job, held bool) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j.busy = false
	if !held {
		js.open--
		return
	}
	js.ended = slices.DeleteFunc(js.ended, func(e *job) bool { return e == j })
	js.byID[j.id] = j
	j.request.attrs = withAttribute(j.request.attrs, ipp.Keyword(holdUntil, indefinite))
	j.request.held, j.parked, j.ended = true, true, time.Time{}
	j.state, j.reasons = ipp.JobHeld, []string{heldReason}
	js.publishJobEvent(j, "job-state-changed")
}
