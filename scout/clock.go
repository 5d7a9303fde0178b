package scout

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/durable"
)

// The rule of docs/job-states.md, "By which clock jobs expire".
const (
	// clockSlack is how far the computer's clock may get ahead of the time that
	// has passed, at once, and is taken for corrected.
	clockSlack = 10 * time.Minute
	// clockSettle is how long the agent must have run, in all, with a clock that
	// is further ahead, before jobs expire by that.
	clockSettle = 2 * time.Hour
	// clockKept is how often the time is written down.
	clockKept = 5 * time.Minute
)

// clockFile, in the state folder, is what a retentionClock keeps.
const clockFile = "clock.json"

// retentionClock gives the time by which jobs expire. It is the computer's
// clock, unless that has jumped ahead: then it is the time before, and what has
// passed since by a clock that nobody sets, until the jump has lasted.
type retentionClock struct {
	file    string
	wall    func() time.Time
	elapsed func() time.Duration

	mu     sync.Mutex
	kept   clockKeptState
	read   time.Duration // elapsed when kept.At was the time
	stored time.Duration // elapsed when it was written down
}

// clockKeptState is the file's form.
type clockKeptState struct {
	At time.Time `json:"at"`
	// Jumped says that the computer's clock is ahead, and Ahead for how much of
	// the time that the agent ran.
	Jumped bool          `json:"jumped,omitempty"`
	Ahead  time.Duration `json:"ahead_ns,omitempty"`
}

// openClock goes on from what was written down; without that, from the
// computer's clock as it is.
func openClock(file string, wall func() time.Time, elapsed func() time.Duration) (*retentionClock, error) {
	c := &retentionClock{file: file, wall: wall, elapsed: elapsed}
	found, err := readJSON(file, &c.kept, func() bool { return !c.kept.At.IsZero() && c.kept.Ahead >= 0 })
	if err != nil {
		return nil, err
	}
	if !found {
		c.kept = clockKeptState{At: c.wallTime()}
	}
	c.read = elapsed()
	c.stored = c.read - clockKept
	return c, nil
}

// wallTime is without the reading of a clock that nobody sets, which would
// hide a jump.
func (c *retentionClock) wallTime() time.Time { return c.wall().Round(0) }

// now returns the time by which jobs expire; jumped is true while that is not
// the computer's clock, and first when that has just been found.
func (c *retentionClock) now() (at time.Time, jumped, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.kept.Jumped
	c.advance()
	return c.kept.At, c.kept.Jumped, c.kept.Jumped && !was
}

func (c *retentionClock) advance() {
	read := c.elapsed()
	passed := max(0, read-c.read)
	c.read = read
	wall, expected := c.wallTime(), c.kept.At.Add(passed)
	switch {
	case wall.Sub(expected) <= clockSlack: // or it was set back, which lets nothing expire
		c.kept = clockKeptState{At: wall}
	case !c.kept.Jumped: // perhaps only now: what has passed does not count
		c.kept = clockKeptState{At: expected, Jumped: true}
	case c.kept.Ahead+passed >= clockSettle:
		c.kept = clockKeptState{At: wall}
	default:
		c.kept = clockKeptState{At: expected, Jumped: true, Ahead: c.kept.Ahead + passed}
	}
}

// keep writes the time down, if that is due or the agent ends.
func (c *retentionClock) keep(end bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance()
	if !end && c.read-c.stored < clockKept {
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

// elapsedBy returns how much time has passed by the readings of now that nobody
// sets.
func elapsedBy(now func() time.Time) func() time.Duration {
	start := now()
	return func() time.Duration { return now().Sub(start) }
}
