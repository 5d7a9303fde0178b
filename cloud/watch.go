package cloud

import "sync"

// orderWatch wakes those who wait for the end of an order.
type orderWatch struct {
	mu      sync.Mutex
	waiters map[string]map[chan struct{}]bool
}

func newWatch() *orderWatch { return &orderWatch{waiters: make(map[string]map[chan struct{}]bool)} }

// subscribe returns a channel that is closed at the next change of an order,
// and a function that stops waiting for it.
func (w *orderWatch) subscribe(id string) (changed <-chan struct{}, stop func()) {
	c := make(chan struct{})
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiters[id] == nil {
		w.waiters[id] = make(map[chan struct{}]bool)
	}
	w.waiters[id][c] = true
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waiters[id], c)
		if len(w.waiters[id]) == 0 {
			delete(w.waiters, id)
		}
	}
}

// notify wakes those who wait for a change of an order.
func (w *orderWatch) notify(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.waiters[id] {
		close(c)
	}
	delete(w.waiters, id)
}
