package local

import (
	"sync"
	"time"
)

// idleTime is how long the pages are served without a request and without an
// open page.
const idleTime = 10 * time.Minute

// lookEvery is how often it is looked whether that long has passed.
const lookEvery = 15 * time.Second

// computer is the Clock of this computer.
type computer struct{}

func (computer) Now() time.Time { return time.Now() }

func (computer) Ticks() (<-chan time.Time, func()) {
	t := time.NewTicker(lookEvery)
	return t.C, t.Stop
}

// idle knows when the pages were last used.
type idle struct {
	clock Clock

	mu   sync.Mutex
	last time.Time
	open int // pages whose stream of events is open
}

func newIdle(c Clock) *idle { return &idle{clock: c, last: c.Now()} }

// used is told of every request of the person's.
func (i *idle) used() { i.change(0) }

// change is told that a page was opened (1) or closed (-1).
func (i *idle) change(by int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last = i.clock.Now()
	i.open += by
}

// over reports whether nobody has used the pages for too long.
func (i *idle) over() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.open == 0 && i.clock.Now().Sub(i.last) >= idleTime
}
