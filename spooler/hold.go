package spooler

import (
	"errors"
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Holder is an Intake that can keep a parked job from being released until its
// client's queue unholds it. Such a job has Ticket.Held set, and is known to
// the Holder by its Ticket.JobUUID: job ids may be given twice where the record
// of them is lost. job-hold-until, Hold-Job and Release-Job are offered only
// with a Holder.
type Holder interface {
	// Unhold returns nil once it is durable that the job may be released, and
	// ErrNoJob where the job no longer exists.
	Unhold(jobUUID string) error
	// Drop removes a parked job, held or not, because its owner canceled it. It
	// returns ErrNoJob where the job no longer exists or its release has begun.
	Drop(jobUUID string) error
	// Restart begins the retention of a parked job anew, held or not. It returns
	// nil once that is durable, ErrNoJob where the job no longer exists, and
	// ErrNotNow where it is in a state other than parked.
	Restart(jobUUID string, held bool) error
}

// Errors of a Holder.
var (
	// ErrNoJob means that a job no longer exists.
	ErrNoJob = errors.New("there is no such job")
	// ErrNotNow means that a job's state does not allow the operation.
	ErrNotNow = errors.New("not in the job's state")
)

// Values of job-hold-until: RFC 8011 §5.2.2. Those that name a time of day are
// not offered, since nothing here waits for one.
const (
	noHold     = "no-hold"
	indefinite = "indefinite"
	holdUntil  = "job-hold-until"
	heldReason = "job-hold-until-specified"
)

var holdValues = []string{noHold, indefinite}

var (
	errHoldNotPossible = refuse(goipp.StatusErrorNotPossible, "The job can no longer be held, or is not held.")
	errJobGone         = refuse(goipp.StatusErrorNotPossible, "The job no longer exists.")
	errNotNow          = refuse(goipp.StatusErrorNotPossible, "The job is being printed, or may have been.")
	errHolderFailed    = refuse(goipp.StatusErrorInternal, "The job could not be changed.")
)

func (p *Printer) holder() (Holder, bool) {
	h, ok := p.cfg.Intake.(Holder)
	return h, ok
}

func (p *Printer) supportsHold() bool {
	_, ok := p.holder()
	return ok
}

// holdJob is RFC 8011 §4.3.5.
func (x *ippExchange) holdJob() (*reply, error) {
	j, err := x.p.jobs.ownedJob(x.jobID, x.user)
	if err != nil {
		return nil, err
	}
	held, err := x.requestedHold(indefinite)
	if err != nil {
		return nil, err
	}
	return &reply{}, x.p.setHold(j, held)
}

// requestedHold reports whether a request wants its job held; usual is the
// value where it does not say.
func (x *ippExchange) requestedHold(usual string) (bool, error) {
	a, ok := ipp.Find(x.msg.Operation, holdUntil)
	if !ok {
		return usual != noHold, nil
	}
	if _, ok := x.p.isSupported(a); !ok {
		r := refuse(goipp.StatusErrorAttributesOrValues, "Jobs cannot be held until then.")
		r.unsupported.Add(echoAttribute(a))
		return false, r
	}
	return ipp.String(goipp.Attributes{a}, holdUntil) != noHold, nil
}

// releaseJob is RFC 8011 §4.3.6. It unholds a job; the job is printed only once
// its owner releases it at a printer.
func (x *ippExchange) releaseJob() (*reply, error) {
	j, err := x.p.jobs.ownedJob(x.jobID, x.user)
	if err != nil {
		return nil, err
	}
	if !x.p.jobs.isHeld(j) {
		return nil, errHoldNotPossible
	}
	return &reply{}, x.p.setHold(j, false)
}

// setHold holds a job that waits for its document, or unholds any job.
func (p *Printer) setHold(j *job, held bool) error {
	parked, err := p.jobs.setHold(j, held)
	if err != nil || !parked {
		return err
	}
	h, _ := p.holder()
	err = h.Unhold(j.uuid)
	p.jobs.endHolderCall(j, err, ipp.JobCompleted, "", "job-completed-successfully")
	return refusalOfHolder(err)
}

func refusalOfHolder(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoJob):
		return errJobGone
	case errors.Is(err, ErrNotNow):
		return errNotNow
	}
	return errHolderFailed
}

func (js *jobTable) isHeld(j *job) bool {
	js.mu.Lock()
	defer js.mu.Unlock()
	return j.state == ipp.JobHeld && !j.busy
}

// setHold reports whether the job is parked and the Holder must be called; then
// endHolderCall must follow.
func (js *jobTable) setHold(j *job, held bool) (parked bool, err error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if j.busy || !j.isOpen() || j.parked && j.state != ipp.JobHeld || !j.parked && (!j.awaitsDocument() || len(j.documents) > 0) {
		return false, errHoldNotPossible
	}
	if j.parked {
		j.busy = !held
		return !held, nil
	}
	value := noHold
	if held {
		value = indefinite
	}
	j.request.attrs = withAttribute(j.request.attrs, ipp.Keyword(holdUntil, value))
	j.request.held = held
	js.setIncoming(j)
	js.publishJobEvent(j, "job-state-changed")
	return false, nil
}

// endHolderCall ends a job after a call of the Holder that succeeded, or that
// found the job gone.
func (js *jobTable) endHolderCall(j *job, err error, state int, message string, reasons ...string) {
	js.mu.Lock()
	defer js.unlockAndAbort()
	j.busy = false
	switch {
	case err == nil && !j.isOpen(): // parked, and canceled since
		j.state, j.reasons, j.message = state, reasons, message
		js.publishJobEvent(j, "job-state-changed")
	case err == nil:
		js.endJob(j, state, message, reasons...)
	case errors.Is(err, ErrNoJob):
		js.endJob(j, ipp.JobAborted, errJobGone.message, "aborted-by-system")
	}
}

// ReportGone tells the printer that a job no longer exists: it expired, or was
// removed other than by its client's queue, which would otherwise show a held
// or paused job forever. Other jobs need not be reported.
func (p *Printer) ReportGone(jobID int, jobUUID string) {
	if j, err := p.jobs.jobByID(jobID); err == nil && j.uuid == jobUUID {
		p.jobs.abortGone(j)
	}
}

func (js *jobTable) abortGone(j *job) {
	js.mu.Lock()
	defer js.unlockAndAbort()
	if j.parked && j.isOpen() && !j.busy {
		js.endJob(j, ipp.JobAborted, errJobGone.message, "aborted-by-system")
	}
}

// withAttribute returns a copy of attrs with one attribute replaced or added.
func withAttribute(attrs goipp.Attributes, a goipp.Attribute) goipp.Attributes {
	return append(withoutAttribute(attrs, a.Name), a)
}

func withoutAttribute(attrs goipp.Attributes, name string) goipp.Attributes {
	return slices.DeleteFunc(slices.Clone(attrs), func(a goipp.Attribute) bool { return a.Name == name })
}
