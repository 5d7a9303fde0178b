package spooler

import (
	"cmp"
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
	// late calls a function when a timer has run out, unless the printer ends.
	late func(func())
	// paused reports whether jobs that are parked stay pending; called with the
	// lock held.
	paused func() bool

	mu       sync.Mutex
	byID     map[int]*job
	open     int            // jobs that have not ended, including those being assigned a number
	incoming map[string]int // of these, by allowance, those whose documents have not all come
	arriving int            // the sum of incoming
	ended    []*job         // the newest last
	shutDown bool           // no timer is set anymore
	orphans  []Parking      // of jobs that ended between two documents; unlock aborts them
}

func newJobs(l Limits, now func() time.Time, main *resource, past []Past) *jobs {
	js := &jobs{limits: l, now: now, bulletin: &bulletin{now: now}, late: func(f func()) { f() }, paused: func() bool { return false }, byID: map[int]*job{}, incoming: map[string]int{}}
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
		order: order{res: main, title: was.Title, user: was.User, allowance: "past " + was.User, copies: 1},
		state: ipp.JobCompleted, reasons: []string{"job-completed-successfully"},
		started: was.Created, ended: was.Parked,
	}
	for _, d := range was.Documents {
		doc := &part{document: document{name: d.Name, format: d.Format}, pages: d.Pages, started: was.Created, ended: was.Parked}
		doc.octets.Store(d.Bytes)
		j.parts = append(j.parts, doc)
	}
	return j
}

// restore adds a job of before this start.
func (js *jobs) restore(j *job, held bool) {
	if !held {
		js.remember(j)
		return
	}
	j.state, j.reasons, j.ended, j.parked = ipp.JobHeld, []string{heldReason}, time.Time{}, true
	j.order.attrs = withAttribute(nil, ipp.Keyword(holdUntil, indefinite))
	js.byID[j.id] = j
	js.open++
}

// remember adds a job that has ended. Of too many it forgets the oldest one of
// those that count under the allowance with the most.
func (js *jobs) remember(j *job) {
	js.byID[j.id] = j
	js.ended = append(js.ended, j)
	if len(js.ended) <= js.limits.EndedJobs {
		return
	}
	count, most := map[string]int{}, ""
	for _, e := range js.ended {
		if count[e.order.allowance]++; count[e.order.allowance] > count[most] {
			most = e.order.allowance
		}
	}
	i := slices.IndexFunc(js.ended, func(e *job) bool { return e.order.allowance == most })
	delete(js.byID, js.ended[i].id)
	js.ended = slices.Delete(js.ended, i, i+1)
}

// create makes a job. With wait, it ends by itself unless its document begins
// to come within JobTimeout.
func (js *jobs) create(o order, next func() (int, error), wait bool) (*job, error) {
	if err := js.reserve(o.allowance); err != nil {
		return nil, err
	}
	id, err := next()
	u, errUUID := uuid.NewRandom()
	js.mu.Lock()
	defer js.mu.Unlock()
	if err != nil || errUUID != nil {
		js.open--
		js.uncount(o.allowance)
		return nil, errFailed
	}
	j := &job{
		id: id, uuid: u.URN(), order: o, created: js.now(), counted: true,
	}
	js.await(j)
	js.byID[id] = j
	js.tell(j, "job-created")
	if wait {
		js.startTimer(j)
	}
	return j, nil
}

// startTimer lets a job end by itself unless a document begins to come within
// JobTimeout. The lock is held.
func (js *jobs) startTimer(j *job) {
	if !js.shutDown {
		j.timer = time.AfterFunc(js.limits.JobTimeout, func() { js.late(func() { js.expire(j) }) })
	}
}

func (j *job) stopTimer() {
	if j.timer != nil {
		j.timer.Stop()
	}
}

// unlock lets go of the lock, and aborts what was left by jobs that ended.
func (js *jobs) unlock() {
	orphans := js.orphans
	js.orphans = nil
	js.mu.Unlock()
	for _, p := range orphans {
		p.Abort()
	}
}

// await is the state of a job whose document has not come. The lock is held.
func (js *jobs) await(j *job) {
	j.state, j.reasons = ipp.JobPending, []string{"job-incoming"}
	if j.order.held {
		j.state, j.reasons = ipp.JobHeld, []string{"job-incoming", heldReason}
	}
}

// reserve keeps a place for a job among those whose documents have not all come.
// The lock is not held while it gets its number.
func (js *jobs) reserve(allowance string) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	switch {
	case js.incoming[allowance] >= js.limits.UserIncomingJobs:
		return refuse(goipp.StatusErrorTooManyJobs, "%d of your jobs still wait for their documents.", js.incoming[allowance])
	case js.arriving >= js.limits.IncomingJobs:
		return refuse(goipp.StatusErrorTooManyJobs, "Too many jobs still wait for their documents.")
	}
	js.incoming[allowance]++
	js.arriving++
	js.open++
	return nil
}

// uncount gives a job's place among those that still come to another. The lock
// is held.
func (js *jobs) uncount(allowance string) {
	js.arriving--
	if js.incoming[allowance]--; js.incoming[allowance] <= 0 {
		delete(js.incoming, allowance)
	}
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
		if j.state == ipp.JobProcessing {
			processing++
		}
	}
	return js.open, processing
}

// end ends a job that has not ended yet. The lock is held, and let go of by
// unlock.
func (js *jobs) end(j *job, state int, message string, reasons ...string) {
	if !j.isOpen() {
		return
	}
	j.stopTimer()
	j.state, j.reasons, j.message, j.ended = state, reasons, message, js.now()
	js.letGo(j)
	js.open--
	js.remember(j)
	js.tell(j, "job-completed")
}

// letGo ends what there is of a job to take documents with. The lock is held.
func (js *jobs) letGo(j *job) {
	if j.counted {
		js.uncount(j.order.allowance)
	}
	j.sealing, j.counted = false, false
	if j.stop != nil {
		j.stop(nil)
	}
	if j.parking != nil {
		js.orphans = append(js.orphans, j.parking)
		j.parking = nil
	}
}

// expire gives up a job whose next document has not come in time.
func (js *jobs) expire(j *job) {
	js.mu.Lock()
	defer js.unlock()
	if !js.shutDown && j.waits() {
		js.end(j, ipp.JobAborted, errNever.message, "aborted-by-system", errNever.reason)
	}
}

// waits reports whether the job still lacks documents, and none is coming. The
// lock is held.
func (j *job) waits() bool {
	return (j.state == ipp.JobPending || j.state == ipp.JobHeld) && !j.parked && !j.sealing
}

// giveUp ends the waiting for documents that will not come anymore, as the
// printer ends.
func (js *jobs) giveUp() {
	js.mu.Lock()
	defer js.unlock()
	js.shutDown = true
	for _, j := range js.byID {
		j.stopTimer()
		if j.parking != nil {
			js.end(j, ipp.JobAborted, errEnded.message, "aborted-by-system", errEnded.reason)
		}
	}
}
