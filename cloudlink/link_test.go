package cloudlink

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

func newJob(id, state string) wire.Job { return wire.Job{ID: id, State: state} }

func TestNewRefuses(t *testing.T) {
	good := Config{Server: "https://localhost:1", Scout: scoutID, Key: make(ed25519.PrivateKey, ed25519.PrivateKeySize), Agent: &agent{}}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Config){
		"http":      func(c *Config) { c.Server = "http://localhost:1" },
		"a bad pin": func(c *Config) { c.ServerPin = "sha1:AAAA" },
		"no key":    func(c *Config) { c.Key = nil },
		"no agent":  func(c *Config) { c.Agent = nil },
		"no scout":  func(c *Config) { c.Scout = "" },
	} {
		bad := good
		spoil(&bad)
		if _, err := New(bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHelloSpeaksForTheJobs(t *testing.T) {
	f := newFake(t)
	f.agent.jobs = []wire.Job{newJob("a", "parked"), newJob("b", "parked")}
	f.agent.edition = wire.Edition{Epoch: 2, Revision: 7}
	f.start()
	hello := f.nextPeer().sendChallenge()
	if hello.Scout != scoutID || hello.Version != "0.1.0" || hello.JobsCount != 2 || hello.Edition != (wire.Edition{Epoch: 2, Revision: 7}) ||
		hello.JobsDigest != wire.Digest(f.agent.jobs) {
		t.Errorf("hello %+v", hello)
	}
}

func TestJobsAreSent(t *testing.T) {
	f := newFake(t)
	f.agent.jobs = []wire.Job{newJob("a", "parked"), newJob("not an id", "parked"), newJob("b", "parked")}
	f.start()
	f.link.JobChanged(newJob("offline", "parked"))
	p := f.welcomePeer(wire.Welcome{WantJobs: true, Now: time.Now().Add(2 * time.Minute)})
	for _, want := range []any{wire.JobsBegin{Count: 3}, newJob("a", "parked"), newJob("b", "parked"), wire.JobsEnd{}} {
		if got := p.receiveMessage(); !reflect.DeepEqual(got, want) {
			t.Errorf("received %#v, want %#v", got, want)
		}
	}
	if s := f.link.Status(); !s.Connected || s.LastError != "" || s.Since.IsZero() || !s.Retry.IsZero() ||
		s.ClockSkew < 118*time.Second || s.ClockSkew > 121*time.Second {
		t.Errorf("status %+v", s)
	}
	f.link.JobChanged(newJob("c", "parked"))
	if got := p.receiveMessage(); !reflect.DeepEqual(got, newJob("c", "parked")) {
		t.Errorf("received %#v", got)
	}
	f.link.JobGone("c", "delivered")
	if got := p.receiveMessage(); got != (wire.JobGone{ID: "c", Reason: "delivered"}) {
		t.Errorf("received %#v", got)
	}
}

func TestOutboxKeepsTheNewestWord(t *testing.T) {
	b := outbox{wake: make(chan struct{}, 1)}
	b.addJob("early", newJob("early", "parked"))
	b.beginConnection()
	b.addJob("a", newJob("a", "parked"))
	b.addJob("b", newJob("b", "parked"))
	b.addJob("a", wire.JobGone{ID: "a"})
	b.startSending(false)
	b.addResult(wire.Result{Order: "o"})
	want := []any{wire.Result{Order: "o"}, wire.JobGone{ID: "a"}, newJob("b", "parked")}
	for _, w := range want {
		if got, _ := b.nextMessage(time.Now(), true); !reflect.DeepEqual(got, w) {
			t.Errorf("next is %#v, want %#v", got, w)
		}
	}
	b.addResult(wire.Result{Order: "o2"})
	if got, _ := b.nextMessage(time.Now(), false); !reflect.DeepEqual(got, wire.Result{Order: "o2"}) {
		t.Errorf("while jobs wait the next is %#v", got)
	}
	b.addJob("c", newJob("c", "parked"))
	if got, _ := b.nextMessage(time.Now(), false); got != nil {
		t.Errorf("while jobs wait there is %#v", got)
	}
	if got, _ := b.nextMessage(time.Now(), true); !reflect.DeepEqual(got, newJob("c", "parked")) {
		t.Errorf("after the wait the next is %#v", got)
	}
	for i := range 100 * maxChanges {
		b.addJob(fmt.Sprint(i), newJob(fmt.Sprint(i), "parked"))
	}
	if got, _ := b.nextMessage(time.Now(), true); got != (allJobs{}) {
		t.Errorf("after a flood of changes the next is %#v, want the full list", got)
	}
	if got, _ := b.nextMessage(time.Now(), true); got != nil {
		t.Errorf("after the full list there is %#v", got)
	}
	b.endConnection()
	b.addJob("late", newJob("late", "parked"))
	b.addResult(wire.Result{Order: "late"})
	if got, _ := b.nextMessage(time.Now(), true); got != nil {
		t.Errorf("offline there is %#v", got)
	}
}

func TestOrderAndResult(t *testing.T) {
	f := newFake(t)
	got := make(chan wire.Order, 1)
	f.agent.order = func(_ context.Context, o wire.Order) wire.Result {
		got <- o
		return wire.Result{Order: "another", Job: "another", Printer: o.Printer, State: wire.Delivered}
	}
	f.start()
	p := f.welcomePeer(wire.Welcome{})
	sent := newOrder("o1")
	p.sendMessages(sent)
	if o := <-got; o.ID != sent.ID || o.User != sent.User || !o.Expires.Equal(sent.Expires.Truncate(time.Second)) {
		t.Errorf("the agent got %+v", o)
	}
	if r := p.receiveResult(); r.Order != "o1" || r.Job != jobID || r.State != wire.Delivered {
		t.Errorf("result %+v", r)
	}
}

func TestResultThatCannotBeSentIsUncertain(t *testing.T) {
	f := newFake(t)
	f.agent.order = func(context.Context, wire.Order) wire.Result { return wire.Result{State: "printed, I think"} }
	f.start()
	p := f.welcomePeer(wire.Welcome{})
	p.sendMessages(newOrder("o1"))
	if r := p.receiveResult(); r.State != wire.Uncertain || r.Order != "o1" {
		t.Errorf("result %+v", r)
	}
}

func TestResultSurvivesALostConnection(t *testing.T) {
	f := newFake(t)
	var carried atomic.Int64
	release, started := make(chan struct{}), make(chan struct{}, 10)
	f.agent.order = func(_ context.Context, o wire.Order) wire.Result {
		carried.Add(1)
		started <- struct{}{}
		<-release
		return wire.Result{State: wire.Delivered}
	}
	f.start()

	p := f.welcomePeer(wire.Welcome{})
	p.sendMessages(newOrder("o1"), newOrder("o1"))
	<-started
	p.ws.Close() // lost while the order is in work

	p = f.welcomePeer(wire.Welcome{})
	p.sendMessages(newOrder("o1")) // again: it is in work, so nothing starts
	p.sendMessages(newOrder("o2"))
	<-started
	close(release)
	seen := map[string]bool{p.receiveResult().Order: true, p.receiveResult().Order: true}
	if !seen["o1"] || !seen["o2"] {
		t.Errorf("results for %v", seen)
	}
	p.ws.Close() // lost before the acknowledgement

	p = f.welcomePeer(wire.Welcome{})
	seen = map[string]bool{p.receiveResult().Order: true, p.receiveResult().Order: true}
	if !seen["o1"] || !seen["o2"] {
		t.Errorf("after reconnecting results for %v", seen)
	}
	p.sendMessages(newOrder("o1")) // its result has just been sent
	p.sendMessages(wire.ResultAck{Order: "o1"}, wire.ResultAck{Order: "o2"})
	p.sendMessages(newOrder("o3"))
	if r := p.receiveResult(); r.Order != "o3" {
		t.Errorf("result for %s, want o3", r.Order)
	}
	p.sendMessages(wire.ResultAck{Order: "o3"})
	p.ws.Close()

	p = f.welcomePeer(wire.Welcome{WantJobs: true})
	if got := p.receiveMessage(); got != (wire.JobsBegin{}) {
		t.Errorf("after all was acknowledged the scout sent %#v", got)
	}
	if n := carried.Load(); n != 3 {
		t.Errorf("%d orders were carried out, want 3", n)
	}
}

func TestDirectoryIsFetched(t *testing.T) {
	f := newFake(t)
	f.routes.HandleFunc("GET /v1/directory", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer session-key" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Write([]byte("envelope"))
	})
	f.start()
	p := f.welcomePeer(wire.Welcome{Edition: wire.Edition{Revision: 1}, Session: "session-key"})
	if got := string(<-f.agent.offered); got != "envelope" {
		t.Errorf("offered %q", got)
	}
	f.agent.mu.Lock()
	f.agent.refuse = errors.New("not signed by this site")
	f.agent.mu.Unlock()
	p.sendMessages(wire.DirectoryChanged{})                                   // none
	p.sendMessages(wire.DirectoryChanged{Edition: wire.Edition{Revision: 1}}) // nothing new
	p.sendMessages(wire.DirectoryChanged{Edition: wire.Edition{Revision: 2}})
	<-f.agent.offered
	f.link.pace.noteSuccess()                                                           // how long it waits is another test's
	p.sendMessages(wire.DirectoryChanged{Edition: wire.Edition{Epoch: 2, Revision: 1}}) // of other keys
	<-f.agent.offered
	p.sendMessages(newOrder("o1")) // the link lives on
	p.receiveResult()
	select {
	case <-f.agent.offered:
		t.Error("a refused directory is fetched again")
	default:
	}
}

func TestDirectoryOfEndlessSize(t *testing.T) {
	f := newFake(t)
	f.routes.HandleFunc("GET /v1/directory", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	f.start()
	if _, err := f.link.fetchDirectory(t.Context(), "key"); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("error %v", err)
	}
}

func TestStatusAfterDrain(t *testing.T) {
	f := newFake(t)
	f.start()
	p := f.welcomePeer(wire.Welcome{})
	p.sendMessages(wire.Drain{DelaySeconds: 40})
	p.wantClosed()
	f.welcomePeer(wire.Welcome{})
	if most := <-f.delays; most != 40*time.Second {
		t.Errorf("waits up to %v after a drain of 40 s", most)
	}
}
