package spooler

import (
	"sync"
	"time"
)

// stateClock remembers since when the printer has been in its state.
type stateClock struct {
	mu    sync.Mutex
	state int
	at    time.Time
}

// changedAt returns when the state was first seen, and whether it differs from
// the one before.
func (s *stateClock) changedAt(state int, now time.Time) (at time.Time, changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = s.state != state && s.state != 0
	if s.state != state {
		s.state, s.at = state, now
	}
	return s.at, changed
}
