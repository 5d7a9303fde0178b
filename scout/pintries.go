package scout

import (
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/outcome"
)

// These are how many wrong PINs a job may get, and how long it is locked after
// the last.
const (
	maxTries    = 5
	lockTime    = 10 * time.Minute // the first time; each further lock is twice as long
	longestLock = 24 * time.Hour
	// maxServerTries is the limit for PINs that come through the server. After
	// that, none of them counts until the job was released at the computer.
	maxServerTries = 20
)

// tries counts the wrong PINs that were given for a job. They are kept in its
// note; a correct PIN clears them.
type tries struct {
	Wrong  int       `json:"wrong"` // since the last lock
	Locks  int       `json:"locks,omitempty"`
	Server int       `json:"server,omitempty"` // of all, through the server
	Last   time.Time `json:"last"`
}

// lockDuration returns how long the job is locked after its last wrong PIN, 0
// if it is not.
func (t tries) lockDuration() time.Duration {
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
	// save records the tries of a job, nil for none, so that a restart does
	// not forget them. If it fails, they count as long as the agent runs.
	save func(uuid.UUID, *tries)

	mu    sync.Mutex
	wrong map[uuid.UUID]tries
}

func newPINTries(now func() time.Time, keep func(uuid.UUID, *tries)) *pinTries {
	return &pinTries{now: now, save: keep, wrong: map[uuid.UUID]tries{}}
}

// checkPIN returns why a PIN does not release a job, "" if it does. A job
// without a PIN needs none and ignores what was given.
func (p *pinTries) checkPIN(j *job, given []byte, byServer bool) (reason string) {
	switch {
	case len(j.ticket.PIN) == 0:
		return ""
	case len(given) == 0:
		return outcome.ReasonPINRequired
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.triesOf(j)
	switch {
	case byServer && t.Server >= maxServerTries:
		return outcome.ReasonPINExhausted
	case p.isLocked(j.id, &t):
		return outcome.ReasonPINLocked
	case j.ticket.PIN.equals(given):
		p.clearTries(j)
		return ""
	}
	p.countWrong(j.id, t, byServer)
	return outcome.ReasonPINWrong
}

// triesOf returns the tries of a job, by default those in its note.
func (p *pinTries) triesOf(j *job) tries {
	if t, ok := p.wrong[j.id]; ok {
		return t
	}
	if j.note.Tries != nil {
		return *j.note.Tries
	}
	return tries{}
}

// isLocked reports whether no PIN counts at the moment. After a lock there are
// as many tries as before it.
func (p *pinTries) isLocked(id uuid.UUID, t *tries) bool {
	lock := t.lockDuration()
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

// countWrong counts one more wrong PIN; mu is held.
func (p *pinTries) countWrong(id uuid.UUID, t tries, byServer bool) {
	t.Wrong++
	if byServer {
		t.Server++
	}
	if t.Wrong == maxTries {
		t.Locks++
	}
	t.Last = p.now()
	p.wrong[id] = t
	p.save(id, &t)
}

// clearTries forgets the tries of a job whose PIN was given.
func (p *pinTries) clearTries(j *job) {
	if _, ok := p.wrong[j.id]; ok || j.note.Tries != nil {
		p.save(j.id, nil)
	}
	delete(p.wrong, j.id)
}

// forgetJob drops a job that is gone.
func (p *pinTries) forgetJob(id uuid.UUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.wrong, id)
}
