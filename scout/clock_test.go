package scout

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
)

// clocks are a computer's clock, which can be set, and the time that passes.
type clocks struct {
	wall   time.Time
	passed time.Duration
}

func newClocks() *clocks { return &clocks{wall: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)} }

func (c *clocks) passTime(d time.Duration) { c.wall, c.passed = c.wall.Add(d), c.passed+d }

func (c *clocks) shiftWall(by time.Duration) { c.wall = c.wall.Add(by) }

func (c *clocks) openRetention(t *testing.T, dir string) *retentionClock {
	t.Helper()
	rc, err := openClock(filepath.Join(dir, clockFile), func() time.Time { return c.wall }, func() time.Duration { return c.passed })
	if err != nil {
		t.Fatal(err)
	}
	return rc
}

// onClocks is a rig whose clock can be set; its jobs stay an hour.
func onClocks(t *testing.T) (*rig, *clocks) {
	t.Helper()
	r, c := newRig(t), newClocks()
	r.restartOn(c)
	r.expireDueJobs() // takes in that this clock is not the one before
	return r, c
}

func (r *rig) restartOn(c *clocks) {
	r.t.Helper()
	r.close()
	cfg := r.cfg
	cfg.Now, cfg.Elapsed = func() time.Time { return c.wall }, func() time.Duration { return c.passed }
	s, err := New(cfg)
	r.must(err)
	r.Scout = s
	r.clock = c.wall
}

// parkNow is park by the clock as it is.
func (r *rig) parkNow(c *clocks) uuid.UUID {
	r.t.Helper()
	r.clock = c.wall
	return r.parkJob(alice, doc)
}

func (r *rig) wantState(what string, id uuid.UUID, want State) {
	r.t.Helper()
	r.expireDueJobs()
	if got := r.stateOf(id); got != want {
		r.t.Errorf("%s: the job is %s, want %s", what, got, want)
	}
}

// TestClockThatJumpsExpiresNothing sets the clock ahead by days, and back.
func TestClockThatJumpsExpiresNothing(t *testing.T) {
	r, c := onClocks(t)
	id := r.parkNow(c)
	r.wantState("parked", id, Parked)
	c.shiftWall(72 * time.Hour)
	r.wantState("set ahead", id, Parked)
	c.passTime(59 * time.Minute)
	r.wantState("for most of its stay", id, Parked)
	c.shiftWall(-72 * time.Hour)
	r.wantState("set back", id, Parked)
	c.passTime(time.Minute)
	r.wantState("at the end of its stay", id, "gone")

	id = r.parkNow(c)
	c.shiftWall(72 * time.Hour)
	r.wantState("set ahead", id, Parked)
	c.passTime(time.Hour)
	r.wantState("at the end of its stay, by the time that has passed", id, "gone")
}

// TestClockThatStaysAhead is believed in the end: a job of a long stay expires.
func TestClockThatStaysAhead(t *testing.T) {
	r, c := onClocks(t)
	r.cfg.Settings.JobRetention = 24 * time.Hour
	id := r.parkNow(c)
	r.expireDueJobs()
	c.shiftWall(72 * time.Hour)
	for range 3 {
		r.wantState("set ahead", id, Parked)
		c.passTime(clockSettle/3 - 1)
	}
	r.wantState("nearly as long as it takes", id, Parked)
	young := r.parkNow(c)
	c.passTime(3)
	r.wantState("after the clock has stayed so", id, "gone")
	r.wantState("printed meanwhile", young, Parked)
	c.passTime(24*time.Hour - 4)
	r.wantState("printed meanwhile, within its stay", young, Parked)
	c.passTime(2)
	r.wantState("printed meanwhile, at the end of its stay", young, "gone")
}

// TestComputerThatWasOff cannot tell that from a jump: what the agent runs is
// added up over the starts.
func TestComputerThatWasOff(t *testing.T) {
	r, c := onClocks(t)
	r.cfg.Settings.JobRetention = 24 * time.Hour
	id := r.parkNow(c)
	for range 4 {
		c.shiftWall(60 * time.Hour) // nothing counts that while it is off
		r.restartOn(c)
		r.wantState("after a start", id, Parked)
		c.passTime(clockSettle/4 - 1)
		r.wantState("before a stop", id, Parked)
	}
	c.passTime(4)
	r.wantState("in the end", id, "gone")
}

// TestShortPausesAreNoJump restarts within what is taken for corrected.
func TestShortPausesAreNoJump(t *testing.T) {
	r, c := onClocks(t)
	id := r.parkNow(c)
	for range 6 {
		r.wantState("before", id, Parked)
		c.shiftWall(clockSlack)
		r.restartOn(c)
	}
	r.wantState("after an hour of pauses", id, "gone")
}

// TestParkedByAClockThatWasAhead does not let a job stay for years.
func TestParkedByAClockThatWasAhead(t *testing.T) {
	r, c := onClocks(t)
	c.shiftWall(10 * 365 * 24 * time.Hour)
	id := r.parkNow(c)
	r.wantState("by a clock that is ahead", id, Parked)
	c.shiftWall(-10 * 365 * 24 * time.Hour)
	r.wantState("set back", id, Parked)
	r.restartOn(c)
	c.passTime(59 * time.Minute)
	r.wantState("within a stay", id, Parked)
	c.passTime(2 * time.Minute)
	r.wantState("after a stay", id, "gone")
}

// TestRetentionClock moves both clocks at random: the time by which jobs expire
// is never ahead of the computer's, does not go back unless that is set back,
// and gets ahead of what has passed only by what is taken for corrected, or once
// a jump has lasted.
func TestRetentionClock(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	dir := t.TempDir()
	c := newClocks()
	rc := c.openRetention(t, dir)
	before, _, _ := rc.now()
	var sinceJump time.Duration
	for range 20_000 {
		passed, set := time.Duration(r.Int64N(int64(20*time.Minute))), time.Duration(0)
		switch r.IntN(40) {
		case 0:
			set = time.Duration(r.Int64N(int64(200 * time.Hour)))
		case 1:
			set = -time.Duration(r.Int64N(int64(200 * time.Hour)))
		case 2:
			if err := rc.saveIfDue(true); err != nil {
				t.Fatal(err)
			}
			rc = c.openRetention(t, dir)
		}
		c.passTime(passed)
		c.shiftWall(set)
		at, jumped, _ := rc.now()
		sinceJump += passed
		switch gained := at.Sub(before) - passed; {
		case at.After(c.wall):
			t.Fatalf("%s is ahead of the computer's %s", at, c.wall)
		case !jumped && !at.Equal(c.wall):
			t.Fatalf("%s without a jump, the computer's is %s", at, c.wall)
		case gained > clockSlack && sinceJump < clockSettle:
			t.Fatalf("it gained %s only %s after a jump", gained, sinceJump)
		case set >= 0 && at.Before(before):
			t.Fatalf("it went back from %s to %s", before, at)
		}
		if !jumped {
			sinceJump = 0
		}
		before = at
	}
}

func TestClockWithoutItsFile(t *testing.T) {
	dir := t.TempDir()
	c := newClocks()
	for _, text := range []string{"", "{}", `{"at":"2026-11-20T09:00:00Z","ahead_ns":-1}`, "[]"} {
		if err := os.WriteFile(filepath.Join(dir, clockFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if at, jumped, _ := c.openRetention(t, dir).now(); jumped || !at.Equal(c.wall) {
			t.Errorf("%q: %s, jumped: %t", text, at, jumped)
		}
	}
}

func TestSystemElapsedGoesOn(t *testing.T) {
	elapsed := systemElapsed()
	before := elapsed()
	for elapsed() == before {
	}
	if elapsed() < before {
		t.Error("it goes back")
	}
}
