package cloud

import "sync"

// watch wakes those who wait for an order to come to its end.
type watch struct {
	mu      sync.Mutex
	waiters map[string]map[chan struct{}]bool
}

func newWatch() *watch { return &watch{waiters: make(map[string]map[chan struct{}]bool)} }

// on returns a channel that is closed at the next change of an order, and
// how to stop waiting for it.
func (w *watch) on(id string) (changed <-chan struct{}, stop func()) {
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

func (w *watch) changed(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.waiters[id] {
		close(c)
	}
	delete(w.waiters, id)
}
