package spooler

import (
	"sync"
	"time"
)

// stateClock remembers when the printer's state was first seen to be what it is.
type stateClock struct {
	mu    sync.Mutex
	state int
	at    time.Time
}

func (s *stateClock) changedAt(state int, now time.Time) (at time.Time, changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed = s.state != state && s.state != 0
	if s.state != state {
		s.state, s.at = state, now
	}
	return s.at, changed
}
