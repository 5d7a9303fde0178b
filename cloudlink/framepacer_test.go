package cloudlink

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/dev/peers"
)

// TestFramePacer sends frames as fast as may be and counts those of 10 s.
func TestFramePacer(t *testing.T) {
	for _, size := range []int{100, 700, 64 << 10} {
		var p framePacer
		now := time.Unix(1000, 0)
		var sent []time.Time
		for end := now.Add(time.Minute); now.Before(end); {
			if wait := p.wait(now); wait > 0 {
				now = now.Add(wait)
				continue
			}
			p.countFrame(size)
			sent = append(sent, now)
		}
		first := 0
		for i, at := range sent {
			for at.Sub(sent[first]) > 10*time.Second {
				first++
			}
			if n := i - first + 1; n > 6001 || (n-100)*size > 4<<20 {
				t.Fatalf("%d frames of %d bytes in 10 s", n, size)
			}
		}
		if size < frameUnit && len(sent) < maxBurst+50*perSecond {
			t.Errorf("only %d frames in a minute", len(sent))
		}
	}
}

// TestFramePacerAndTheClock puts the clock back and forth.
func TestFramePacerAndTheClock(t *testing.T) {
	var p framePacer
	now := time.Unix(1000, 0)
	for p.wait(now) == 0 {
		p.countFrame(1)
	}
	if wait := p.wait(now.Add(-time.Hour)); wait <= 0 || wait > time.Second {
		t.Errorf("with the clock put back it waits %v", wait)
	}
	if wait := p.wait(now.Add(time.Hour)); wait != 0 {
		t.Errorf("an hour later it waits %v", wait)
	}
}

// TestAJobThatChangesAllTheTime is told of a few times, then by its newest state.
func TestAJobThatChangesAllTheTime(t *testing.T) {
	b := outbox{wake: make(chan struct{}, 1)}
	b.beginConnection()
	b.startSending(false)
	now := time.Unix(1000, 0)
	for i := range 100 {
		b.addJob("a", wire.Job{ID: "a", Copies: i})
		message, retry := b.nextMessage(now, true)
		if i < maxTold && message == nil || i >= maxTold && (message != nil || retry != tellWindow) {
			t.Fatalf("change %d: %v, and again in %v", i, message, retry)
		}
	}
	b.addJob("b", newJob("b", "parked"))
	if message, _ := b.nextMessage(now, true); message != any(newJob("b", "parked")) {
		t.Errorf("of another job it says %v", message)
	}
	b.addJob("a", wire.JobGone{ID: "a"})
	now = now.Add(tellWindow)
	if message, _ := b.nextMessage(now, true); message != any(wire.JobGone{ID: "a"}) {
		t.Errorf("in the next window it says %v", message)
	}
	if message, retry := b.nextMessage(now, true); message != nil || retry != 0 {
		t.Errorf("after that %v, and again in %v", message, retry)
	}
}

// countFrames takes what the scout sends as a server does, by its limit.
func (p *peer) countFrames(t *testing.T, each func(any)) {
	var rate wire.Rate
	p.ws.SetReadDeadline(time.Time{})
	for {
		_, data, err := p.ws.ReadMessage()
		if err != nil {
			return
		}
		if !rate.Allow(time.Now()) {
			t.Error("the scout floods the server")
			p.ws.Close()
			return
		}
		m, err := wire.Decode(data)
		if err != nil {
			t.Errorf("the scout sent %s: %v", data, err)
		}
		each(m)
	}
}

// TestChangesInALoop has somebody register and remove themselves without a
// pause: few jobs and many, for two minutes. Results are not held up.
func TestChangesInALoop(t *testing.T) {
	peers.Short(t, "thousands of jobs")
	for _, many := range []int{1, 30, 900, 4000} {
		t.Run(fmt.Sprint(many), func(t *testing.T) {
			inBubble(t, func(t *testing.T, f *fake) {
				p := f.welcomePeer(wire.Welcome{})
				frames, last := 0, map[string]string{}
				results := make(chan time.Time, 100)
				read := make(chan struct{})
				go func() {
					defer close(read)
					p.countFrames(t, func(m any) {
						frames++
						switch m := m.(type) {
						case wire.Job:
							last[m.ID] = m.State
						case wire.Result:
							results <- time.Now()
						}
					})
				}()
				state := "waiting"
				change := func() {
					jobs := make([]wire.Job, many)
					for i := range jobs {
						jobs[i] = newJob(fmt.Sprint("j", i), state)
					}
					f.agent.mu.Lock()
					f.agent.jobs = jobs
					f.agent.mu.Unlock()
					for _, j := range jobs {
						f.link.JobChanged(j)
					}
				}
				for turn := range 1200 {
					state = []string{"parked", "waiting"}[turn%2]
					change()
					if turn%100 == 0 {
						asked := time.Now()
						p.sendMessages(newOrder(fmt.Sprint("o", turn)))
						if waited := (<-results).Sub(asked); waited > time.Second {
							t.Errorf("a result waits %v", waited)
						}
					}
					<-time.After(100 * time.Millisecond)
					p.ws.WriteControl(9, nil, time.Now().Add(time.Second))
				}
				state = "uncertain"
				change()
				<-time.After(90 * time.Second)
				synctest.Wait()
				if !f.link.Status().Connected {
					t.Errorf("the link is down: %+v", f.link.Status())
				}
				if most := maxBurst + 220*perSecond; frames > most || frames > 300*many+200 {
					t.Errorf("%d frames for %d jobs", frames, many)
				}
				for id, s := range last {
					if s != state || len(last) != many {
						t.Fatalf("at last the server believes that %s of %d jobs is %s", id, len(last), s)
					}
				}
				p.ws.Close()
				<-read
			})
		})
	}
}

// TestMoreJobsThanAServerKeeps sends the newest ones.
func TestMoreJobsThanAServerKeeps(t *testing.T) {
	f := newFake(t)
	for i := range wire.MaxJobs + 10 {
		f.agent.jobs = append(f.agent.jobs, newJob(fmt.Sprint(i), "parked"))
	}
	f.start()
	p := f.welcomePeer(wire.Welcome{WantJobs: true})
	if m := p.receiveMessage().(wire.JobsBegin); m.Count != wire.MaxJobs {
		t.Errorf("%d jobs", m.Count)
	}
	if m := p.receiveMessage().(wire.Job); m.ID != "10" {
		t.Errorf("the first one is %s", m.ID)
	}
	for n := range wire.MaxJobs - 1 {
		if _, ok := p.receiveMessage().(wire.Job); !ok {
			t.Fatalf("frame %d is not a job", n)
		}
	}
	if _, ok := p.receiveMessage().(wire.JobsEnd); !ok {
		t.Error("the list has no end")
	}
}
