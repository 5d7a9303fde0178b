package delivery

import (
	"context"
	"sync"
)

// locks holds one lock per printer, for as long as somebody has or wants it.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	turn chan struct{} // holds one token while the lock is taken
	refs int           // those who have or want it
}

// lock waits for the printer's turn, as long as ctx lasts. busy is called
// where it has to wait.
func (l *locks) lock(ctx context.Context, id string, busy func()) (unlock func(), err error) {
	k := l.join(id)
	unlock = func() { <-k.turn; l.leave(id) }
	select {
	case k.turn <- struct{}{}:
		return unlock, nil
	default:
		busy()
	}
	select {
	case k.turn <- struct{}{}:
		return unlock, nil
	case <-ctx.Done():
		l.leave(id)
		return nil, ctx.Err()
	}
}

func (l *locks) join(id string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = make(map[string]*lock)
	}
	k := l.held[id]
	if k == nil {
		k = &lock{turn: make(chan struct{}, 1)}
		l.held[id] = k
	}
	k.refs++
	return k
}

func (l *locks) leave(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.held[id]
	if k.refs--; k.refs == 0 {
		delete(l.held, id)
	}
}
