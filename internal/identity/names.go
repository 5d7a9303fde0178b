package identity

import (
	"context"
	"time"
)

const (
	namesKept  = time.Minute
	namesLimit = 256
)

// nameCache caches users' names from a slow source, which it asks for one name at
// a time.
type nameCache struct {
	ask   func(ctx context.Context, uid int) string
	now   func() time.Time
	turn  chan struct{} // holds one token, which guards known
	known map[int]cachedName
}

type cachedName struct {
	name string
	at   time.Time
}

func newNameCache(ask func(context.Context, int) string, now func() time.Time) *nameCache {
	n := &nameCache{ask: ask, now: now, turn: make(chan struct{}, 1), known: map[int]cachedName{}}
	n.turn <- struct{}{}
	return n
}

// lookUpName returns the user's name, or "" if there is none or ctx ends before
// the answer.
func (n *nameCache) lookUpName(ctx context.Context, uid int) string {
	select {
	case <-n.turn:
	case <-ctx.Done():
		return ""
	}
	defer func() { n.turn <- struct{}{} }()
	if k, ok := n.known[uid]; ok && n.isFresh(k) {
		return k.name
	}
	name := n.ask(ctx, uid)
	if ctx.Err() != nil {
		return ""
	}
	n.storeName(uid, name)
	return name
}

// isFresh is also false for a name from the future: the clock was set back.
func (n *nameCache) isFresh(k cachedName) bool {
	age := n.now().Sub(k.at)
	return age >= 0 && age < namesKept
}

func (n *nameCache) storeName(uid int, name string) {
	if len(n.known) >= namesLimit {
		clear(n.known)
	}
	n.known[uid] = cachedName{name, n.now()}
}
