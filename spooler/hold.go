package spooler

import (
	"errors"
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Holder is an Intake that can keep a parked job from being released until its
// client's queue lets it go. It finds Ticket.Held true with such a job, and is
// asked about it by its Ticket.JobUUID: numbers may come twice where the record
// of those that were given is lost. Only
// with a Holder are job-hold-until, Hold-Job and Release-Job offered.
type Holder interface {
	// Unhold returns nil once it is durable that the job may be released, and
	// ErrNoJob where there is no such job anymore.
	Unhold(jobUUID string) error
	// Drop removes a parked job, held or not, for its owner canceled it;
	// ErrNoJob where there is none anymore, or its release has begun.
	Drop(jobUUID string) error
	// Restart lets a parked job's stay begin anew, held or not: nil once that
	// is durable, ErrNoJob where there is none anymore, ErrNotNow where it is
	// not simply parked.
	Restart(jobUUID string, held bool) error
}

// Errors of a Holder.
var (
	// ErrNoJob means that a job is not there anymore.
	ErrNoJob = errors.New("there is no such job")
	// ErrNotNow means that a job is in no state for what was asked.
	ErrNotNow = errors.New("not in the job's state")
)

// Values of job-hold-until: RFC 8011 §5.2.2. Those that name a time of the day
// are not offered, since nothing here waits for one.
const (
	noHold     = "no-hold"
	indefinite = "indefinite"
	holdUntil  = "job-hold-until"
	heldReason = "job-hold-until-specified"
)

var holdValues = []string{noHold, indefinite}

var (
	errNoHold  = refuse(goipp.StatusErrorNotPossible, "The job can no longer be held, or waits for nothing.")
	errGone    = refuse(goipp.StatusErrorNotPossible, "The job is not there anymore.")
	errNotNow  = refuse(goipp.StatusErrorNotPossible, "The job is being printed, or may have been.")
	errNotDone = refuse(goipp.StatusErrorInternal, "The job could not be changed.")
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

// requestedHold reports whether a request wants its job held; usual is what is meant
// where it does not say.
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

// releaseJob is RFC 8011 §4.3.6. It lets go of a job; that comes out of a
// printer only once its owner stands there.
func (x *ippExchange) releaseJob() (*reply, error) {
	j, err := x.p.jobs.ownedJob(x.jobID, x.user)
	if err != nil {
		return nil, err
	}
	if !x.p.jobs.isHeld(j) {
		return nil, errNoHold
	}
	return &reply{}, x.p.setHold(j, false)
}

// setHold holds a job that waits for its document, or lets go of any.
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
		return errGone
	case errors.Is(err, ErrNotNow):
		return errNotNow
	}
	return errNotDone
}

func (js *jobTable) isHeld(j *job) bool {
	js.mu.Lock()
	defer js.mu.Unlock()
	return j.state == ipp.JobHeld && !j.busy
}

// setHold reports whether the job is parked and the Holder must be asked; settle
// has to follow then.
func (js *jobTable) setHold(j *job, held bool) (parked bool, err error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if j.busy || !j.isOpen() || j.parked && j.state != ipp.JobHeld || !j.parked && (!j.awaitsDocument() || len(j.documents) > 0) {
		return false, errNoHold
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

// endHolderCall ends what was begun with a parked job, where it went well or the job
// is gone.
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
		js.endJob(j, ipp.JobAborted, errGone.message, "aborted-by-system")
	}
}

// ReportGone tells the printer that a job is not there anymore: expired, or removed
// by other means than its client's queue, which would otherwise show one that
// is held or paused for ever. Of any other job nothing is to be told.
func (p *Printer) ReportGone(jobID int, jobUUID string) {
	if j, err := p.jobs.jobByID(jobID); err == nil && j.uuid == jobUUID {
		p.jobs.abortGone(j)
	}
}

func (js *jobTable) abortGone(j *job) {
	js.mu.Lock()
	defer js.unlockAndAbort()
	if j.parked && j.isOpen() && !j.busy {
		js.endJob(j, ipp.JobAborted, errGone.message, "aborted-by-system")
	}
}

// withAttribute returns attrs with one of them replaced or added; attrs stays
// as it is.
func withAttribute(attrs goipp.Attributes, a goipp.Attribute) goipp.Attributes {
	return append(withoutAttribute(attrs, a.Name), a)
}

func withoutAttribute(attrs goipp.Attributes, name string) goipp.Attributes {
	return slices.DeleteFunc(slices.Clone(attrs), func(a goipp.Attribute) bool { return a.Name == name })
}
