package spooler

import (
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// cancelJob is RFC 8011 §4.3.3.
func (x *ippExchange) cancelJob() (*reply, error) {
	j, err := x.p.jobs.ownedJob(x.jobID, x.user)
	if err != nil {
		return nil, err
	}
	// When a person cancels a job, CUPS ends its document as if it were whole and
	// cancels the job only then (backend/ipp.c): the parked job is removed.
	late := x.source == FromSpooler && x.p.supportsHold()
	if !x.p.cancelOrDrop(j, late) {
		return nil, refuse(goipp.StatusErrorNotPossible, "The job cannot be canceled anymore.")
	}
	return &reply{}, nil
}

// cancelMyJobs is PWG 5100.11 §3.1: all jobs of the user that have not ended,
// or those in job-ids, then all of them or none.
func (x *ippExchange) cancelMyJobs() (*reply, error) {
	named, some := ipp.Find(x.msg.Operation, "job-ids")
	if !some {
		for _, j := range x.p.jobs.listJobs(func(j *job) bool { return j.isOpen() && j.request.user == x.user }) {
			x.p.cancelOrDrop(j, false)
		}
		return &reply{}, nil
	}
	var mine []*job
	var not []int
	for _, v := range named.Values {
		id := int(v.V.(goipp.Integer))
		j, err := x.p.jobs.ownedJob(id, x.user)
		if err != nil || !x.p.jobs.isCancelable(j) {
			not = append(not, id)
			continue
		}
		mine = append(mine, j)
	}
	if len(not) > 0 {
		r := refuse(goipp.StatusErrorNotPossible, "Not all of these jobs can be canceled.")
		r.unsupported.Add(ipp.Integer("job-ids", not...))
		return nil, r
	}
	for _, j := range mine {
		x.p.cancelOrDrop(j, false)
	}
	return &reply{}, nil
}

// cancelOrDrop ends a job and its arriving document; it returns false if it is
// too late. A held job is removed from where it is parked; with late, so is any
// that came through the same queue and is still there.
func (p *Printer) cancelOrDrop(j *job, late bool) bool {
	parked, ok := p.jobs.beginCancel(j, late)
	if !parked {
		return ok
	}
	h, _ := p.holder()
	err := h.Drop(j.uuid)
	p.jobs.endHolderCall(j, err, ipp.JobCanceled, errCanceled.message, "job-canceled-by-user")
	return err == nil
}

// beginCancel reports whether the job is parked and the Holder must be called;
// then endHolderCall must follow.
func (js *jobTable) beginCancel(j *job, late bool) (parked, ok bool) {
	js.mu.Lock()
	defer js.unlockAndAbort()
	if late && j.state == ipp.JobCompleted && j.request.source == FromSpooler && !j.busy {
		j.busy = true
		return true, true
	}
	if !j.isCancelable() {
		return false, false
	}
	if j.parked {
		j.busy = true
		return true, true
	}
	if j.stop != nil {
		j.stop(errCanceled)
	}
	js.endJob(j, ipp.JobCanceled, errCanceled.message, "job-canceled-by-user")
	return false, true
}

func (j *job) isCancelable() bool { return j.isOpen() && !j.sealing && !j.busy }

func (js *jobTable) isCancelable(j *job) bool {
	js.mu.Lock()
	defer js.mu.Unlock()
	return j.isCancelable()
}

// listJobs returns the jobs for which keep is true, the oldest first.
func (js *jobTable) listJobs(keep func(*job) bool) []*job {
	js.mu.Lock()
	defer js.mu.Unlock()
	var out []*job
	for _, j := range js.byID {
		if keep(j) {
			out = append(out, j)
		}
	}
	slices.SortFunc(out, func(a, b *job) int { return a.id - b.id })
	return out
}
