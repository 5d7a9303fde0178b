package spooler

import (
	"slices"
	"sync"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Bounds of subscriptions and their events.
const (
	maxSubscriptions     = 500         // of all users together
	maxUserSubscriptions = 20          // of one user
	maxEvents            = 100         // kept for one subscription; the oldest are dropped
	eventLife            = time.Minute // ippget-event-life: RFC 3996 §8.1
	minLease             = time.Minute // notify-lease-duration-supported
	maxLease             = 24 * time.Hour
	defaultLease         = time.Hour
)

// includedEvents maps each event that can be subscribed to (RFC 3995 §5.3.3.4) to those
// it includes.
var includedEvents = map[string][]string{
	"job-created":            {"job-created"},
	"job-completed":          {"job-completed"},
	"job-state-changed":      {"job-created", "job-completed", "job-state-changed"},
	"printer-config-changed": {},
	"printer-state-changed":  {"printer-stopped", "printer-state-changed"},
	"printer-stopped":        {"printer-stopped"},
}

// event is one event in the queue of one subscription.
type event struct {
	seq   int
	name  string // the subscribed event that includes it
	at    time.Time
	attrs goipp.Attributes // of the job or the printer, except URIs
	job   *job             // nil for an event of the printer
}

// subscription is RFC 3995 §5. All of it is guarded by the lock of its
// subscriptionTable.
type subscription struct {
	id        int
	res       *resource
	user      string
	allowance string // key under which it is counted
	job       *job   // nil for one of a printer
	events    []string
	data      goipp.Binary  // notify-user-data, at most 63 octets
	lease     time.Duration // 0 for one of a job
	expires   time.Time     // zero while its job has not ended
	seq       int
	queue     []event
}

// subscriptionTable holds the subscriptions, each with its events of the last
// minute.
type subscriptionTable struct {
	now func() time.Time

	mu   sync.Mutex
	last int
	subs []*subscription
}

// add adds a subscription, and reports false where there are too many.
func (b *subscriptionTable) add(s *subscription) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropExpired()
	if len(b.subs) >= maxSubscriptions || b.countByAllowance(s.allowance) >= maxUserSubscriptions {
		return false
	}
	b.last++
	s.id = b.last
	if s.lease > 0 {
		s.expires = b.now().Add(s.lease)
	}
	b.subs = append(b.subs, s)
	return true
}

// countByAllowance returns how many subscriptions count under an allowance. The
// lock is held.
func (b *subscriptionTable) countByAllowance(allowance string) (n int) {
	for _, s := range b.subs {
		if s.allowance == allowance {
			n++
		}
	}
	return n
}

// dropExpired removes subscriptions and events that have expired. The lock is
// held.
func (b *subscriptionTable) dropExpired() {
	now := b.now()
	b.subs = slices.DeleteFunc(b.subs, func(s *subscription) bool {
		return !s.expires.IsZero() && !now.Before(s.expires)
	})
	for _, s := range b.subs {
		s.queue = slices.DeleteFunc(s.queue, func(e event) bool { return now.Sub(e.at) > eventLife })
	}
}

// withSubscription calls f with the user's subscription of that id.
func (b *subscriptionTable) withSubscription(id int, user string, f func(*subscription) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropExpired()
	for _, s := range b.subs {
		if s.id != id {
			continue
		}
		if s.user != user {
			return refuse(goipp.StatusErrorNotAuthorized, "The subscription belongs to another user.")
		}
		return f(s)
	}
	return refuse(goipp.StatusErrorNotFound, "There is no such subscription.")
}

// removeSubscription ends a subscription of the user.
func (b *subscriptionTable) removeSubscription(id int, user string) error {
	return b.withSubscription(id, user, func(s *subscription) error {
		b.subs = slices.DeleteFunc(b.subs, func(o *subscription) bool { return o == s })
		return nil
	})
}

// publishEvent adds an event to all subscriptions for it. j is nil for an event
// of the printer; otherwise the lock of jobTable is held.
func (b *subscriptionTable) publishEvent(name string, j *job, attrs goipp.Attributes) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dropExpired()
	for _, s := range b.subs {
		if !s.isAbout(j) {
			continue
		}
		as := slices.IndexFunc(s.events, func(e string) bool { return slices.Contains(includedEvents[e], name) })
		if as >= 0 {
			s.appendEvent(event{name: s.events[as], at: b.now(), attrs: attrs, job: j})
		}
		if s.job != nil && j == s.job && !j.isOpen() {
			s.expires = b.now().Add(eventLife)
		}
	}
}

func (s *subscription) isAbout(j *job) bool {
	return s.job == j || s.job == nil && (j == nil || j.request.res == s.res)
}

func (s *subscription) appendEvent(e event) {
	s.seq++
	e.seq = s.seq
	s.queue = append(s.queue, e)
	if over := len(s.queue) - maxEvents; over > 0 {
		s.queue = slices.Delete(s.queue, 0, over)
	}
}

// publishJobEvent publishes a job's new state. The lock of jobTable is held.
func (js *jobTable) publishJobEvent(j *job, name string) {
	js.subscriptions.publishEvent(name, j, goipp.Attributes{
		ipp.Integer("notify-job-id", j.id),
		ipp.Enum("job-state", j.state),
		ipp.Keyword("job-state-reasons", j.reasons...),
	})
}

// observeState returns the printer's state and since when it has it, and
// publishes a change since the last call.
func (p *Printer) observeState(c Condition) (state int, since time.Time) {
	_, processing := p.jobs.countOpen()
	state = printerState(c, processing)
	since, changed := p.stateClock.changedAt(state, p.cfg.Now())
	if !changed {
		return state, since
	}
	name := "printer-state-changed"
	if state == ipp.PrinterStopped {
		name = "printer-stopped"
	}
	p.jobs.subscriptions.publishEvent(name, nil, goipp.Attributes{
		ipp.Enum("printer-state", state),
		ipp.Keyword("printer-state-reasons", stateReasons(c.Reasons)...),
		ipp.Boolean("printer-is-accepting-jobs", c.Accepting),
	})
	return state, since
}
