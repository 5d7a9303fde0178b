package tray

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// Agent is what the tray asks of the agent; *control.Client is one.
type Agent interface {
	Events(context.Context) iter.Seq2[control.Event, error]
	Release(context.Context, control.Release) (control.Progress, error)
	Wait(context.Context, string, func(control.Progress)) (control.Progress, error)
	Cancel(context.Context, string) (control.Job, error)
	Resolve(ctx context.Context, id, said string) (control.Job, error)
}

// The pauses before a lost connection is made anew: each is twice the one
// before it, until the agent has said how everything is.
const (
	shortestPause = time.Second
	longestPause  = time.Minute
)

// heard is what the follower tells the app: a whole state, an event to fold
// into it, or that the agent is lost.
type heard struct {
	state *State
	event control.Event
	lost  error
}

// follow keeps one request to the agent open until ctx ends, and tells what
// comes. Nothing is asked again and again: without an agent it is dialed, ever
// more seldom.
func follow(ctx context.Context, agent Agent, tell func(heard)) {
	pause := shortestPause
	for again := false; ctx.Err() == nil; {
		ready, err := listen(ctx, agent, again, tell)
		if ctx.Err() != nil {
			return
		}
		if ready {
			again, pause = true, shortestPause
		}
		tell(heard{lost: err})
		late := time.NewTimer(pause)
		select {
		case <-late.C:
		case <-ctx.Done():
			late.Stop()
			return
		}
		pause = min(2*pause, longestPause)
	}
}

// errEnded stands for a stream that ends without an error.
var errEnded = errors.Join(control.ErrUnreachable, io.EOF)

// listen tells what one connection says. The state that it begins with is told
// as a whole, so that nothing that was known seems gone meanwhile.
func listen(ctx context.Context, agent Agent, again bool, tell func(heard)) (ready bool, err error) {
	s := NewState()
	s.Again = again
	for e, err := range agent.Events(ctx) {
		if err != nil {
			return ready, err
		}
		if ready {
			tell(heard{event: e})
			continue
		}
		if s.Add(e); s.Ready {
			ready = true
			tell(heard{state: &s})
		}
	}
	return ready, errEnded
}
