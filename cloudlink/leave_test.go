package cloudlink

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// TestPendingScoutSaysNothingOfItsJobs until it is welcomed as an approved one.
func TestPendingScoutSaysNothingOfItsJobs(t *testing.T) {
	f := newFake(t)
	f.agent.jobs = []wire.Job{newJob("a", "parked")}
	f.start()
	p := f.welcomePeer(wire.Welcome{Pending: true, WantJobs: true})
	awaitStatus(t, f.link, func(s Status) bool { return s.Connected && s.Pending })
	f.link.JobChanged(newJob("b", "parked"))
	f.link.JobGone("a", "canceled")
	if !f.link.out.addLeave() { // so that there is a frame to wait for
		t.Fatal("there is no connection")
	}
	if got := p.receiveMessage(); got != (wire.Leave{}) {
		t.Errorf("the server hears %#v", got)
	}
	p.sendMessages(wire.Drain{})
	p = f.welcomePeer(wire.Welcome{WantJobs: true})
	if got := p.receiveMessage(); got != (wire.JobsBegin{Count: 1}) {
		t.Errorf("once approved the server hears %#v", got)
	}
	awaitStatus(t, f.link, func(s Status) bool { return s.Connected && !s.Pending })
}

func awaitStatus(t *testing.T, l *Link, is func(Status) bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patient)
	for !is(l.Status()) {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("status %+v", l.Status())
		}
	}
}

func TestLeave(t *testing.T) {
	f := newFake(t)
	f.start()
	if err := f.link.Leave(t.Context()); !errors.Is(err, ErrOffline) {
		t.Errorf("without a connection: %v", err)
	}
	p := f.welcomePeer(wire.Welcome{})
	awaitStatus(t, f.link, func(s Status) bool { return s.Connected })
	done := make(chan error, 1)
	go func() { done <- f.link.Leave(t.Context()) }()
	if got := p.receiveMessage(); got != (wire.Leave{}) {
		t.Fatalf("the server hears %#v", got)
	}
	p.sendMessages(wire.Refused{Code: wire.CodeUnknown})
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := f.link.Leave(t.Context()); err != nil {
		t.Errorf("again: %v", err)
	}
}

// TestLeaveOfAnOlderServer is not answered, and ends with its context.
func TestLeaveOfAnOlderServer(t *testing.T) {
	f := newFake(t)
	f.start()
	p := f.welcomePeer(wire.Welcome{})
	awaitStatus(t, f.link, func(s Status) bool { return s.Connected })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.link.Leave(ctx) }()
	p.receiveMessage()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
