package scout

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// pacer stands in for time.After: a wait ends when the test says so.
type pacer struct {
	asked chan time.Duration
	ends  chan time.Time
}

func (p *pacer) after(d time.Duration) <-chan time.Time {
	p.asked <- d
	return p.ends
}

// shredRig is a rig whose shred key is replaced at the pace of the test.
func shredRig(t *testing.T) (*rig, *pacer, *page) {
	t.Helper()
	r, p, log := newRig(t), &pacer{asked: make(chan time.Duration), ends: make(chan time.Time)}, &page{}
	r.close()
	r.cfg.After, r.cfg.Log = p.after, slog.New(slog.NewTextHandler(log, nil))
	s, err := New(r.cfg)
	r.must(err)
	r.Scout = s
	return r, p, log
}

// startRotation runs the loop until the test ends.
func (r *rig) startRotation() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.rotateShredKey(ctx) }()
	r.t.Cleanup(func() {
		cancel()
		r.must(<-ended)
	})
}

// nextWait is how long the loop waits next; it does nothing meanwhile.
func (p *pacer) nextWait(t *testing.T) time.Duration {
	t.Helper()
	select {
	case d := <-p.asked:
		return d
	case <-time.After(time.Minute):
		t.Fatal("the loop does not go on")
		return 0
	}
}

// endWait lets the wait end, by the rig's clock too, and returns the next one.
func (p *pacer) endWait(r *rig, waited time.Duration) time.Duration {
	r.t.Helper()
	r.clock = r.clock.Add(waited)
	p.ends <- r.clock
	return p.nextWait(r.t)
}

func (r *rig) shredFile() string {
	return filepath.Join(r.dir, "state", VaultDir, "vault.shred")
}

func (r *rig) shredKeys() []byte {
	r.t.Helper()
	b, err := os.ReadFile(r.shredFile())
	r.must(err)
	return b
}

// destroyJob forgets a job that was parked just now.
func (r *rig) destroyJob() {
	r.t.Helper()
	r.must(r.vault.Destroy(r.parkJob(alice, doc)))
}

// TestShredKeyIsReplacedWithinTheHour destroys jobs between the waits of the
// loop, none of which is longer than an hour.
func TestShredKeyIsReplacedWithinTheHour(t *testing.T) {
	r, p, _ := shredRig(t)
	r.clock = r.clock.Add(20 * time.Minute) // a part of the hour has passed before the start
	r.startRotation()
	wait := p.nextWait(t)
	if wait < 39*time.Minute || wait > 41*time.Minute {
		t.Errorf("the first wait is %v", wait)
	}
	for n := range 3 {
		before := r.shredKeys()
		r.destroyJob()
		wait = p.endWait(r, wait)
		after := r.shredKeys()
		if wait <= 0 || wait > shredEvery || bytes.Equal(before, after) {
			t.Errorf("round %d: replaced %v, the next wait is %v", n, !bytes.Equal(before, after), wait)
		}
	}
	before := r.shredKeys()
	if wait = p.endWait(r, wait); wait > shredEvery || !bytes.Equal(before, r.shredKeys()) {
		t.Errorf("after no job was destroyed: replaced %v, the next wait is %v", !bytes.Equal(before, r.shredKeys()), wait)
	}
}

// TestOldShredKeyIsReplacedAtTheStart has an agent come up after a day.
func TestOldShredKeyIsReplacedAtTheStart(t *testing.T) {
	r, p, _ := shredRig(t)
	r.destroyJob()
	before := r.shredKeys()
	r.clock = r.clock.Add(24 * time.Hour)
	r.startRotation()
	if wait := p.nextWait(t); wait != 0 {
		t.Errorf("it waits for %v", wait)
	}
	if wait := p.endWait(r, 0); wait != shredEvery || bytes.Equal(before, r.shredKeys()) {
		t.Errorf("the next wait is %v", wait)
	}
}

// TestFailedRotationIsTriedAgain takes the file of the shred keys away for a
// while, twice.
func TestFailedRotationIsTriedAgain(t *testing.T) {
	r, p, log := shredRig(t)
	r.startRotation()
	wait := p.nextWait(t)
	for round := 1; round <= 2; round++ {
		r.destroyJob()
		before := r.shredKeys()
		r.must(os.Rename(r.shredFile(), r.shredFile()+".away"))
		for range 3 {
			if wait = p.endWait(r, wait); wait != shredRetry {
				t.Errorf("after a failure it waits for %v", wait)
			}
		}
		r.must(os.Rename(r.shredFile()+".away", r.shredFile()))
		if wait = p.endWait(r, wait); wait != shredEvery || bytes.Equal(before, r.shredKeys()) {
			t.Errorf("the key is not replaced once it can be; the next wait is %v", wait)
		}
		if log.countText("could not be replaced") != round || log.countText("can be replaced again") != round {
			t.Errorf("round %d: the log says it %d times, and the end of it %d times", round,
				log.countText("could not be replaced"), log.countText("can be replaced again"))
		}
	}
}

// TestShredKeyIsReplacedWhileTheAgentRuns runs all of the agent.
func TestShredKeyIsReplacedWhileTheAgentRuns(t *testing.T) {
	r, p, _ := shredRig(t)
	r.destroyJob()
	before := r.shredKeys()
	r.close()
	r.cfg.Settings.ControlPath = filepath.Join(r.dir, "s")
	r.cfg.Now, r.cfg.Elapsed = nil, nil
	s, err := New(r.cfg)
	r.must(err)
	r.Scout = s
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	p.nextWait(t)
	p.ends <- time.Now()
	p.nextWait(t)
	if bytes.Equal(before, r.shredKeys()) {
		t.Error("it is the same after the first wait")
	}
	cancel()
	r.must(<-ended)
	r.openScout()
}
