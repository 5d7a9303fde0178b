package identity

import (
	"context"
	"time"
)

const (
	namesKept  = time.Minute
	namesLimit = 256
)

// names remembers what a slow source said of users' names, one question at a
// time.
type names struct {
	ask   func(ctx context.Context, uid int) string
	now   func() time.Time
	turn  chan struct{} // holds one token; who has it may touch known
	known map[int]nameAt
}

type nameAt struct {
	name string
	at   time.Time
}

func newNames(ask func(context.Context, int) string, now func() time.Time) *names {
	n := &names{ask: ask, now: now, turn: make(chan struct{}, 1), known: map[int]nameAt{}}
	n.turn <- struct{}{}
	return n
}

// of is the user's name, or "" where there is none or ctx ends before the
// answer.
func (n *names) of(ctx context.Context, uid int) string {
	select {
	case <-n.turn:
	case <-ctx.Done():
		return ""
	}
	defer func() { n.turn <- struct{}{} }()
	if k, ok := n.known[uid]; ok && n.fresh(k) {
		return k.name
	}
	name := n.ask(ctx, uid)
	if ctx.Err() != nil {
		return ""
	}
	n.keep(uid, name)
	return name
}

// fresh is also false for what was asked after now: the clock was set back.
func (n *names) fresh(k nameAt) bool {
	age := n.now().Sub(k.at)
	return age >= 0 && age < namesKept
}

func (n *names) keep(uid int, name string) {
	if len(n.known) >= namesLimit {
		clear(n.known)
	}
	n.known[uid] = nameAt{name, n.now()}
}
