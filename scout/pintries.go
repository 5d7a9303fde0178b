package scout

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/outcome"
)

// How many wrong PINs a job bears, and how long it is locked after the last.
const (
	maxTries    = 5
	lockTime    = 10 * time.Minute // the first time; each further lock is twice as long
	longestLock = 24 * time.Hour
	// maxServerTries are all that come by the server. Then no PIN that comes by
	// it counts, until the job was released at the computer.
	maxServerTries = 20
)

// tries are the wrong PINs that were given for a job. They are kept in its
// note; a PIN that is right forgets them.
type tries struct {
	Wrong  int       `json:"wrong"` // since the last lock
	Locks  int       `json:"locks,omitempty"`
	Server int       `json:"server,omitempty"` // of all, by the server
	Last   time.Time `json:"last"`
}

// lock returns how long the job is locked after its last wrong PIN, 0 where it
// is not.
func (t tries) lock() time.Duration {
	if t.Wrong < maxTries {
		return 0
	}
	lock := lockTime
	for n := 1; n < t.Locks && lock < longestLock; n++ {
		lock *= 2
	}
	return min(lock, longestLock)
}

// pinTries counts wrong PINs by job.
type pinTries struct {
	now func() time.Time
	// keep writes down the tries of a job, nil for none, so that a restart does
	// not forget them. Where that cannot be, they count as long as the agent runs.
	keep func(uuid.UUID, *tries)

	mu    sync.Mutex
	wrong map[uuid.UUID]tries
}

func newPINTries(now func() time.Time, keep func(uuid.UUID, *tries)) *pinTries {
	return &pinTries{now: now, keep: keep, wrong: map[uuid.UUID]tries{}}
}

// check says why a PIN does not open a job, "" if it does. A job without one
// needs none, and passes over what was given.
func (p *pinTries) check(j *job, given []byte, byServer bool) (reason string) {
	switch {
	case len(j.ticket.PIN) == 0:
		return ""
	case len(given) == 0:
		return outcome.ReasonPINRequired
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.of(j)
	switch {
	case byServer && t.Server >= maxServerTries:
		return outcome.ReasonPINExhausted
	case p.locked(j.id, &t):
		return outcome.ReasonPINLocked
	case j.ticket.PIN.is(given):
		p.forgive(j)
		return ""
	}
	p.count(j.id, t, byServer)
	return outcome.ReasonPINWrong
}

// of returns what is known of a job's tries: since a start what its note says.
func (p *pinTries) of(j *job) tries {
	if t, ok := p.wrong[j.id]; ok {
		return t
	}
	if j.note.Tries != nil {
		return *j.note.Tries
	}
	return tries{}
}

// locked reports whether no PIN counts at the moment. Once a lock has ended
// there are as many tries as before it.
func (p *pinTries) locked(id uuid.UUID, t *tries) bool {
	lock := t.lock()
	if lock == 0 {
		return false
	}
	now := p.now()
	if t.Last.After(now) { // the clock was set back
		t.Last = now
		p.wrong[id] = *t
	}
	if now.Sub(t.Last) < lock {
		return true
	}
	t.Wrong = 0
	return false
}

func (p *pinTries) count(id uuid.UUID, t tries, byServer bool) {
	t.Wrong++
	if byServer {
		t.Server++
	}
	if t.Wrong == maxTries {
		t.Locks++
	}
	t.Last = p.now()
	p.wrong[id] = t
	p.keep(id, &t)
}

// forgive forgets the tries of a job whose PIN was given.
func (p *pinTries) forgive(j *job) {
	if _, ok := p.wrong[j.id]; ok || j.note.Tries != nil {
		p.keep(j.id, nil)
	}
	delete(p.wrong, j.id)
}

// forget lets go of a job that is gone.
func (p *pinTries) forget(id uuid.UUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.wrong, id)
}
