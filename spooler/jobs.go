package spooler

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/OpenPrinting/goipp"
	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/ipp"
)

// jobs holds the jobs that have not ended and the last ones that have.
type jobs struct {
	limits   Limits
	now      func() time.Time
	bulletin *bulletin

	mu       sync.Mutex
	byID     map[int]*job
	open     int    // that have not ended, those that get a number just now included
	ended    []*job // the newest last
	shutDown bool   // no timer is set anymore
}

func newJobs(l Limits, now func() time.Time, main *resource, past []Past) *jobs {
	js := &jobs{limits: l, now: now, bulletin: &bulletin{now: now}, byID: map[int]*job{}}
	past = slices.Clone(past)
	slices.SortStableFunc(past, func(a, b Past) int { return cmp.Or(a.Parked.Compare(b.Parked), a.JobID-b.JobID) })
	for _, was := range past {
		js.restore(ofPast(was, main), was.Held)
	}
	return js
}

func ofPast(was Past, main *resource) *job {
	j := &job{
		id: was.JobID, uuid: was.JobUUID, created: was.Created,
		order: order{res: main, title: was.Title, user: was.User, copies: 1},
		state: jobCompleted, reasons: []string{"job-completed-successfully"},
		doc: document{format: was.Format}, docs: 1, pages: was.Pages,
		started: was.Created, ended: was.Parked,
	}
	j.octets.Store(was.Bytes)
	return j
}

// restore adds a job of before this start.
func (js *jobs) restore(j *job, held bool) {
	if !held {
		js.remember(j)
		return
	}
	j.state, j.reasons, j.ended, j.parked = jobHeld, []string{heldReason}, time.Time{}, true
	j.order.attrs = withAttribute(nil, ipp.Keyword(holdUntil, indefinite))
	js.byID[j.id] = j
	js.open++
}

// remember adds a job that has ended and forgets the oldest of too many.
func (js *jobs) remember(j *job) {
	js.byID[j.id] = j
	js.ended = append(js.ended, j)
	if over := len(js.ended) - js.limits.EndedJobs; over > 0 {
		for _, old := range js.ended[:over] {
			delete(js.byID, old.id)
		}
		js.ended = slices.Delete(js.ended, 0, over)
	}
}

// create makes a job. With wait, it ends by itself unless its document begins
// to come within JobTimeout.
func (js *jobs) create(o order, next func() (int, error), wait bool) (*job, error) {
	if err := js.reserve(); err != nil {
		return nil, err
	}
	id, err := next()
	u, errUUID := uuid.NewRandom()
	js.mu.Lock()
	defer js.mu.Unlock()
	if err != nil || errUUID != nil {
		js.open--
		return nil, errFailed
	}
	j := &job{
		id: id, uuid: u.URN(), order: o, created: js.now(),
	}
	js.await(j)
	js.byID[id] = j
	js.tell(j, "job-created")
	if wait && !js.shutDown {
		j.timer = time.AfterFunc(js.limits.JobTimeout, func() { js.expire(j) })
	}
	return j, nil
}

// await is the state of a job whose document has not come. The lock is held.
func (js *jobs) await(j *job) {
	j.state, j.reasons = jobPending, []string{"job-incoming"}
	if j.order.held {
		j.state, j.reasons = jobHeld, []string{"job-incoming", heldReason}
	}
}

// reserve keeps a place for a job while it gets its number, for which the lock
// is not held.
func (js *jobs) reserve() error {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.open >= js.limits.OpenJobs {
		return refuse(goipp.StatusErrorTooManyJobs, "Too many jobs have not ended.")
	}
	js.open++
	return nil
}

// find returns a job by its number.
func (js *jobs) find(id int) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j, ok := js.byID[id]
	if !ok {
		return nil, refuse(goipp.StatusErrorNotFound, "There is no such job.")
	}
	return j, nil
}

// owned returns a job by its number if it is the user's.
func (js *jobs) owned(id int, user string) (*job, error) {
	j, err := js.find(id)
	if err == nil && j.order.user != user {
		return nil, refuse(goipp.StatusErrorNotAuthorized, "The job is somebody else's.")
	}
	return j, err
}

// count returns how many jobs have not ended, and how many documents come.
func (js *jobs) count() (open, processing int) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, j := range js.byID {
		if j.state == jobProcessing {
			processing++
		}
	}
	return js.open, processing
}

// ready says whether a document of the job may come now.
func (js *jobs) ready(j *job) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	return j.ready()
}

func (j *job) ready() error {
	switch {
	case j.parked:
		return errSecond
	case j.state == jobPending, j.state == jobHeld:
		return nil
	case j.state == jobCanceled:
		return errCanceled
	case j.state == jobAborted:
		return refuse(goipp.StatusErrorNotPossible, "The job was given up: %s", j.message)
	}
	return errSecond
}

// begin is the document's first byte; stop will be called to end its coming.
// What is asked of the job stays as it is returned.
func (js *jobs) begin(j *job, doc document, stop context.CancelCauseFunc) (order, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if err := j.ready(); err != nil {
		return order{}, err
	}
	if j.timer != nil {
		j.timer.Stop()
	}
	j.state, j.started, j.stop, j.doc = jobProcessing, js.now(), stop, doc
	j.reasons = []string{"job-incoming"}
	js.tell(j, "job-state-changed")
	return j.order, nil
}

// seal is the document's last byte: from here on the job cannot be canceled.
func (js *jobs) seal(j *job) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	if !j.isOpen() {
		return errCanceled
	}
	j.sealing = true
	return nil
}

// park ends a job well, unless it is held.
func (js *jobs) park(j *job, pages *int) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j.pages, j.docs = pages, 1
	if j.order.held {
		j.state, j.reasons, j.parked = jobHeld, []string{heldReason}, true
		j.sealing, j.stop = false, nil
		js.tell(j, "job-state-changed")
		return
	}
	js.end(j, jobCompleted, "", "job-completed-successfully")
}

// abort ends a job for the reason its sender was told.
func (js *jobs) abort(j *job, why *refusal) {
	js.mu.Lock()
	defer js.mu.Unlock()
	reasons := []string{"aborted-by-system"}
	if why.reason != "" {
		reasons = append(reasons, why.reason)
	}
	js.end(j, jobAborted, why.message, reasons...)
}

// end ends a job that has not ended yet. The lock is held.
func (js *jobs) end(j *job, state int, message string, reasons ...string) {
	if !j.isOpen() {
		return
	}
	if j.timer != nil {
		j.timer.Stop()
	}
	j.state, j.reasons, j.message, j.ended = state, reasons, message, js.now()
	j.sealing, j.stop = false, nil
	js.open--
	js.remember(j)
	js.tell(j, "job-completed")
}

func (js *jobs) expire(j *job) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if !j.parked && (j.state == jobPending || j.state == jobHeld) {
		js.end(j, jobAborted, errNever.message, "aborted-by-system", errNever.reason)
	}
}

// stopTimers ends the waiting for documents that will not come anymore.
func (js *jobs) stopTimers() {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.shutDown = true
	for _, j := range js.byID {
		if j.timer != nil {
			j.timer.Stop()
		}
	}
}
