package scout

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/durable"
)

// The rule is in docs/job-states.md, "By which clock jobs expire".
const (
	// clockSlack is how far the computer's clock may jump ahead of the time
	// that has passed and still count as corrected.
	clockSlack = 10 * time.Minute
	// clockSettle is how long the agent must have run in total with a clock
	// that is further ahead before jobs expire by that clock.
	clockSettle = 2 * time.Hour
	// clockSaveEvery is how often the time is written down.
	clockSaveEvery = 5 * time.Minute
)

// clockFile, in the state folder, holds what a retentionClock saves.
const clockFile = "clock.json"

// retentionClock gives the time by which jobs expire. That is the computer's
// clock, unless it has jumped ahead: then it is the earlier time plus what has
// passed since by the monotonic clock, until the jump has lasted.
type retentionClock struct {
	file    string
	wall    func() time.Time
	elapsed func() time.Duration

	mu     sync.Mutex
	kept   clockState
	read   time.Duration // monotonic reading when kept.At was the time
	stored time.Duration // monotonic reading when the time was written down
}

// clockState is the form of the file.
type clockState struct {
	At time.Time `json:"at"`
	// Jumped reports that the computer's clock is ahead, and Ahead for how
	// much of the time that the agent ran.
	Jumped bool          `json:"jumped,omitempty"`
	Ahead  time.Duration `json:"ahead_ns,omitempty"`
}

// openClock continues from the saved time or, if there is none, from the
// computer's clock.
func openClock(file string, wall func() time.Time, elapsed func() time.Duration) (*retentionClock, error) {
	c := &retentionClock{file: file, wall: wall, elapsed: elapsed}
	found, err := readJSON(file, &c.kept, func() bool { return !c.kept.At.IsZero() && c.kept.Ahead >= 0 })
	if err != nil {
		return nil, err
	}
	if !found {
		c.kept = clockState{At: c.wallTime()}
	}
	c.read = elapsed()
	c.stored = c.read - clockSaveEvery
	return c, nil
}

// wallTime returns the computer's time without its monotonic reading, which
// would hide a jump.
func (c *retentionClock) wallTime() time.Time { return c.wall().Round(0) }

// now returns the time by which jobs expire. jumped is true while that is not
// the computer's clock, and first when the jump has just been noticed.
func (c *retentionClock) now() (at time.Time, jumped, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.kept.Jumped
	c.advance()
	return c.kept.At, c.kept.Jumped, c.kept.Jumped && !was
}

// advance brings the kept time up to date; mu is held.
func (c *retentionClock) advance() {
	read := c.elapsed()
	passed := max(0, read-c.read)
	c.read = read
	wall, expected := c.wallTime(), c.kept.At.Add(passed)
	switch {
	case wall.Sub(expected) <= clockSlack: // also if it was set back, which expires nothing
		c.kept = clockState{At: wall}
	case !c.kept.Jumped: // perhaps it jumped just now: what has passed does not count
		c.kept = clockState{At: expected, Jumped: true}
	case c.kept.Ahead+passed >= clockSettle:
		c.kept = clockState{At: wall}
	default:
		c.kept = clockState{At: expected, Jumped: true, Ahead: c.kept.Ahead + passed}
	}
}

// saveIfDue writes the time down if that is due or the agent ends.
func (c *retentionClock) saveIfDue(end bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance()
	if !end && c.read-c.stored < clockSaveEvery {
		return nil
	}
	raw, err := json.Marshal(c.kept)
	if err == nil {
		err = durable.WriteFile(c.file, raw)
	}
	if err == nil {
		c.stored = c.read
	}
	return err
}

// elapsedBy returns a function that reports how much time has passed by the
// monotonic readings of now.
func elapsedBy(now func() time.Time) func() time.Duration {
	start := now()
	return func() time.Duration { return now().Sub(start) }
}
