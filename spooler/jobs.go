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

// jobTable holds the jobs that have not ended and the most recent that have.
type jobTable struct {
	limits        Limits
	now           func() time.Time
	subscriptions *subscriptionTable
	// onTimeout calls a function after a timer has expired, unless the printer is
	// ending.
	onTimeout func(func())
	// isPaused reports whether parked jobs stay pending; called with the lock
	// held.
	isPaused func() bool

	mu       sync.Mutex
	byID     map[int]*job
	open     int            // jobs not yet ended, including those being assigned an id
	incoming map[string]int // of these, those whose documents have not all arrived, by allowance
	arriving int            // the sum of incoming
	ended    []*job         // the newest last
	shutDown bool           // no further timer is started
	orphans  []Parking      // of jobs that ended between two documents; see unlockAndAbort
}

func newJobTable(l Limits, now func() time.Time, main *resource, past []Past) *jobTable {
	js := &jobTable{limits: l, now: now, subscriptions: &subscriptionTable{now: now}, onTimeout: func(f func()) { f() }, isPaused: func() bool { return false }, byID: map[int]*job{}, incoming: map[string]int{}}
	past = slices.Clone(past)
	slices.SortStableFunc(past, func(a, b Past) int { return cmp.Or(a.Parked.Compare(b.Parked), a.JobID-b.JobID) })
	for _, was := range past {
		js.restoreJob(jobOfPast(was, main), was.Held)
	}
	return js
}

func jobOfPast(was Past, main *resource) *job {
	j := &job{
		id: was.JobID, uuid: was.JobUUID, created: was.Created,
		request: jobRequest{res: main, title: was.Title, user: was.User, allowance: "past " + was.User, copies: 1},
		state:   ipp.JobCompleted, reasons: []string{"job-completed-successfully"},
		started: was.Created, ended: was.Parked,
	}
	for _, d := range was.Documents {
		doc := &jobDocument{documentRequest: documentRequest{name: d.Name, format: d.Format}, pages: d.Pages, started: was.Created, ended: was.Parked}
		doc.octets.Store(d.Bytes)
		j.documents = append(j.documents, doc)
	}
	return j
}

// restoreJob adds a job from before this start.
func (js *jobTable) restoreJob(j *job, held bool) {
	if !held {
		js.addEnded(j)
		return
	}
	j.state, j.reasons, j.ended, j.parked = ipp.JobHeld, []string{heldReason}, time.Time{}, true
	j.request.attrs = withAttribute(nil, ipp.Keyword(holdUntil, indefinite))
	js.byID[j.id] = j
	js.open++
}

// addEnded adds a job that has ended. If there are too many it removes the
// oldest one of the allowance with the most jobs.
func (js *jobTable) addEnded(j *job) {
	js.byID[j.id] = j
	js.ended = append(js.ended, j)
	if len(js.ended) <= js.limits.EndedJobs {
		return
	}
	count, most := map[string]int{}, ""
	for _, e := range js.ended {
		if count[e.request.allowance]++; count[e.request.allowance] > count[most] {
			most = e.request.allowance
		}
	}
	i := slices.IndexFunc(js.ended, func(e *job) bool { return e.request.allowance == most })
	delete(js.byID, js.ended[i].id)
	js.ended = slices.Delete(js.ended, i, i+1)
}

// addJob creates a job. With wait, the job is aborted unless its document
// begins within JobTimeout.
func (js *jobTable) addJob(o jobRequest, next func() (int, error), wait bool) (*job, error) {
	if err := js.reservePlace(o.allowance); err != nil {
		return nil, err
	}
	id, err := next()
	u, errUUID := uuid.NewRandom()
	js.mu.Lock()
	defer js.mu.Unlock()
	if err != nil || errUUID != nil {
		js.open--
		js.releasePlace(o.allowance)
		return nil, errStorageFailed
	}
	j := &job{
		id: id, uuid: u.URN(), request: o, created: js.now(), counted: true,
	}
	js.setIncoming(j)
	js.byID[id] = j
	js.publishJobEvent(j, "job-created")
	if wait {
		js.startTimer(j)
	}
	return j, nil
}

// startTimer aborts a job unless a document begins within JobTimeout. The lock
// is held.
func (js *jobTable) startTimer(j *job) {
	if !js.shutDown {
		j.timer = time.AfterFunc(js.limits.JobTimeout, func() { js.onTimeout(func() { js.expireJob(j) }) })
	}
}

func (j *job) stopTimer() {
	if j.timer != nil {
		j.timer.Stop()
	}
}

// unlockAndAbort releases the lock, and aborts the Parkings of jobs that ended.
func (js *jobTable) unlockAndAbort() {
	orphans := js.orphans
	js.orphans = nil
	js.mu.Unlock()
	for _, p := range orphans {
		p.Abort()
	}
}

// setIncoming sets the state of a job whose document has not arrived. The lock
// is held.
func (js *jobTable) setIncoming(j *job) {
	j.state, j.reasons = ipp.JobPending, []string{"job-incoming"}
	if j.request.held {
		j.state, j.reasons = ipp.JobHeld, []string{"job-incoming", heldReason}
	}
}

// reservePlace counts a job among those whose documents have not all arrived,
// or refuses it. The lock is not held while the job gets its id.
func (js *jobTable) reservePlace(allowance string) error {
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

// releasePlace removes a job from the counts of incoming jobs. The lock is
// held.
func (js *jobTable) releasePlace(allowance string) {
	js.arriving--
	if js.incoming[allowance]--; js.incoming[allowance] <= 0 {
		delete(js.incoming, allowance)
	}
}

// jobByID returns the job with that id.
func (js *jobTable) jobByID(id int) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j, ok := js.byID[id]
	if !ok {
		return nil, refuse(goipp.StatusErrorNotFound, "There is no such job.")
	}
	return j, nil
}

// ownedJob returns the job with that id if it belongs to the user.
func (js *jobTable) ownedJob(id int, user string) (*job, error) {
	j, err := js.jobByID(id)
	if err == nil && j.request.user != user {
		return nil, refuse(goipp.StatusErrorNotAuthorized, "The job belongs to another user.")
	}
	return j, err
}

// countOpen returns how many jobs have not ended, and how many of them are
// receiving a document.
func (js *jobTable) countOpen() (open, processing int) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, j := range js.byID {
		if j.state == ipp.JobProcessing {
			processing++
		}
	}
	return js.open, processing
}

// endJob ends a job that has not ended yet. The lock is held, and must be
// released by unlockAndAbort.
func (js *jobTable) endJob(j *job, state int, message string, reasons ...string) {
	if !j.isOpen() {
		return
	}
	j.stopTimer()
	j.state, j.reasons, j.message, j.ended = state, reasons, message, js.now()
	js.stopReceiving(j)
	js.open--
	js.addEnded(j)
	js.publishJobEvent(j, "job-completed")
}

// stopReceiving releases what a job needs to receive documents. The lock is
// held.
func (js *jobTable) stopReceiving(j *job) {
	if j.counted {
		js.releasePlace(j.request.allowance)
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

// expireJob aborts a job whose next document has not arrived in time.
func (js *jobTable) expireJob(j *job) {
	js.mu.Lock()
	defer js.unlockAndAbort()
	if !js.shutDown && j.awaitsDocument() {
		js.endJob(j, ipp.JobAborted, errNoDocumentArrived.message, "aborted-by-system", errNoDocumentArrived.reason)
	}
}

// awaitsDocument reports whether the job lacks a document, and none is
// arriving. The lock is held.
func (j *job) awaitsDocument() bool {
	return (j.state == ipp.JobPending || j.state == ipp.JobHeld) && !j.parked && !j.sealing
}

// abortUnfinished aborts the jobs that wait for a further document, as the
// printer ends.
func (js *jobTable) abortUnfinished() {
	js.mu.Lock()
	defer js.unlockAndAbort()
	js.shutDown = true
	for _, j := range js.byID {
		j.stopTimer()
		if j.parking != nil {
			js.endJob(j, ipp.JobAborted, errPrinterEnded.message, "aborted-by-system", errPrinterEnded.reason)
		}
	}
}
