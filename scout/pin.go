package scout

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
)

// pin is what a person must say at the release of a job (job-password, PWG
// 5100.11); empty for none. It is kept in a job's ticket, which is sealed, and
// no verb of package fmt shows it.
type pin []byte

// Format keeps the PIN out of every verb, and so out of logs and errors.
func (pin) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[not shown]") }

// is compares in a time that says nothing of either PIN.
func (p pin) is(given []byte) bool {
	a, b := sha256.Sum256(p), sha256.Sum256(given)
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// The reasons for which a job is not sent because of its PIN.
const (
	reasonPINRequired   = "pin-required"
	reasonPINWrong      = "pin-wrong"
	reasonPINLocked     = "pin-locked"     // after maxTries wrong ones, for lockTime
	reasonPINUnreadable = "pin-unreadable" // sealed to another key, order or job
)

// How many wrong PINs a job bears, and how long it is locked after the last.
const (
	maxTries = 5
	lockTime = 10 * time.Minute
)

// pinSentences say nothing of the PIN nor of how many tries are left.
var pinSentences = map[string]string{
	reasonPINRequired:   "The job was printed with a PIN, which its release needs.",
	reasonPINWrong:      "This is not the PIN of the job.",
	reasonPINLocked:     "Too many wrong PINs were given for the job. Try again in ten minutes.",
	reasonPINUnreadable: "The PIN of the order could not be opened; it is not for this job and computer.",
}

// pinTries counts wrong PINs by job, in memory.
type pinTries struct {
	now func() time.Time

	mu    sync.Mutex
	wrong map[uuid.UUID]*tries
}

type tries struct {
	n    int
	last time.Time
}

func newPINTries(now func() time.Time) *pinTries {
	return &pinTries{now: now, wrong: map[uuid.UUID]*tries{}}
}

// check says why a PIN does not open a job, "" if it does. A job without one
// needs none, and passes over what was given.
func (p *pinTries) check(j *job, given []byte) (reason string) {
	switch {
	case len(j.ticket.PIN) == 0:
		return ""
	case len(given) == 0:
		return reasonPINRequired
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.locked(j.id) {
		return reasonPINLocked
	}
	if j.ticket.PIN.is(given) {
		delete(p.wrong, j.id)
		return ""
	}
	p.count(j.id)
	return reasonPINWrong
}

func (p *pinTries) locked(id uuid.UUID) bool {
	t := p.wrong[id]
	if t == nil || t.n < maxTries {
		return false
	}
	if p.now().Sub(t.last) < lockTime {
		return true
	}
	delete(p.wrong, id)
	return false
}

func (p *pinTries) count(id uuid.UUID) {
	if p.wrong[id] == nil {
		p.wrong[id] = &tries{}
	}
	p.wrong[id].n++
	p.wrong[id].last = p.now()
}

// forget lets go of a job that is gone.
func (p *pinTries) forget(id uuid.UUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.wrong, id)
}

// checkPIN is the result of a job that a PIN keeps from being sent, nil if it
// may be.
func (s *Scout) checkPIN(j *job, printer string, given []byte) *control.Result {
	reason := s.pins.check(j, given)
	if reason == "" {
		return nil
	}
	r := notSent(j.id.String(), printer, reason, pinSentences[reason])
	return &r
}

// checkOrderedPIN is checkPIN for the PIN of an order. One that is not for
// this computer, order and job tells nothing of the job's, so it is no try.
func (s *Scout) checkOrderedPIN(j *job, o wire.Order) *control.Result {
	if len(j.ticket.PIN) == 0 || len(o.PIN) == 0 {
		return s.checkPIN(j, o.Printer, nil)
	}
	given, err := s.openPIN(o)
	if err != nil {
		s.log.Warn("the PIN of an order could not be opened", "order", o.ID, "error", err)
		r := notSent(o.Job, o.Printer, reasonPINUnreadable, pinSentences[reasonPINUnreadable])
		return &r
	}
	return s.checkPIN(j, o.Printer, given)
}

func (s *Scout) openPIN(o wire.Order) ([]byte, error) {
	key, err := s.keys.Load(wrapKey)
	if err != nil {
		return nil, fmt.Errorf("reading the scout's wrap key: %w", err)
	}
	return wire.OpenPIN(key, o.ID, o.Job, o.PIN)
}
