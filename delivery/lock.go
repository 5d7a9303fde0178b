package delivery

import (
	"context"
	"sync"
)

// printerLocks holds one lock per printer, for as long as a delivery has or
// wants it.
type printerLocks struct {
	mu   sync.Mutex
	held map[string]*printerLock
}

type printerLock struct {
	turn chan struct{} // holds one token while the lock is taken
	refs int           // deliveries that have or want it
}

// lockPrinter waits until the printer's lock is free, as long as ctx lasts. It
// calls busy if it has to wait.
func (l *printerLocks) lockPrinter(ctx context.Context, id string, busy func()) (unlock func(), err error) {
	k := l.addHolder(id)
	unlock = func() { <-k.turn; l.dropHolder(id) }
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
		l.dropHolder(id)
		return nil, ctx.Err()
	}
}

func (l *printerLocks) addHolder(id string) *printerLock {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = make(map[string]*printerLock)
	}
	k := l.held[id]
	if k == nil {
		k = &printerLock{turn: make(chan struct{}, 1)}
		l.held[id] = k
	}
	k.refs++
	return k
}

func (l *printerLocks) dropHolder(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.held[id]
	if k.refs--; k.refs == 0 {
		delete(l.held, id)
	}
}
