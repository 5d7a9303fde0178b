package cloudlink

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

func TestFramePacer(t *testing.T) {
	now := time.Now()
	p := framePacer{most: 3, window: 10 * time.Second}
	for _, c := range []struct {
		later time.Duration
		sent  int
		want  time.Duration // to wait before the next frame
	}{
		{0, 1, 0}, {time.Second, 1, 0}, {time.Second, 1, 8 * time.Second}, {3 * time.Second, 0, 5 * time.Second},
		{5 * time.Second, 100, 10 * time.Second}, {-time.Hour, 0, 0},
	} {
		now = now.Add(c.later)
		if c.sent > 0 && p.wait(now) > 0 {
			t.Fatalf("%+v: it has to wait", c)
		}
		p.sent(c.sent)
		if got := p.wait(now); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestJobsThatChangeInALoop do not become a flood: what waits is the newest word
// on each job, and results go on.
func TestJobsThatChangeInALoop(t *testing.T) {
	f := newFake(t)
	f.agent.order = func(_ context.Context, o wire.Order) wire.Result {
		return wire.Result{State: wire.Delivered}
	}
	f.tune = func(l *Link) { l.pacer = framePacer{most: 20, window: 2 * time.Second} }
	f.start()
	p := f.welcome(wire.Welcome{})
	const jobs = 30
	for i := range 1000 {
		state := "parked"
		if i%2 == 1 {
			state = "waiting"
		}
		for n := range jobs {
			f.link.JobChanged(job(fmt.Sprint(n), state))
		}
	}
	p.send(order("o1"))
	frames, last, results := 0, map[string]string{}, 0
	begun := time.Now()
	for len(last) < jobs || results == 0 {
		switch m := p.receive().(type) {
		case wire.Job:
			frames++
			last[m.ID] = m.State
		case wire.Result:
			results++
		}
	}
	// The last changes may still be on their way.
	for done := false; !done; {
		done = true
		for _, state := range last {
			done = done && state == "waiting"
		}
		if done {
			break
		}
		if m, ok := p.receive().(wire.Job); ok {
			frames++
			last[m.ID] = m.State
		}
	}
	if most := 20 * (2 + int(time.Since(begun)/(2*time.Second))); frames > most {
		t.Errorf("%d frames in %s, at most %d", frames, time.Since(begun), most)
	}
}

// TestMoreJobsThanAServerKeeps sends the newest ones.
func TestMoreJobsThanAServerKeeps(t *testing.T) {
	f := newFake(t)
	for i := range wire.MaxJobs + 10 {
		f.agent.jobs = append(f.agent.jobs, job(fmt.Sprint(i), "parked"))
	}
	f.start()
	p := f.welcome(wire.Welcome{WantJobs: true})
	if m := p.receive().(wire.JobsBegin); m.Count != wire.MaxJobs {
		t.Errorf("%d jobs", m.Count)
	}
	if m := p.receive().(wire.Job); m.ID != "10" {
		t.Errorf("the first one is %s", m.ID)
	}
	for n := range wire.MaxJobs - 1 {
		if _, ok := p.receive().(wire.Job); !ok {
			t.Fatalf("frame %d is no job", n)
		}
	}
	if _, ok := p.receive().(wire.JobsEnd); !ok {
		t.Error("the list has no end")
	}
}
