package cloudlink

import (
	"sync"

	"github.com/printscout/printscout/cloudlink/wire"
)

// maxChanges is how many changed jobs wait for the writer; with more of
// them it sends the full list.
const maxChanges = 1024

// allJobs stands in the outbox for the full list.
type allJobs struct{}

// outbox holds what is to be sent on the present connection: the newest word
// on each job, and results. Without a connection it takes nothing.
type outbox struct {
	wake chan struct{} // holds a token when there is something to send

	mu      sync.Mutex
	taking  bool // the jobs said in hello are known; changes since then count
	started bool // there was a welcome
	full    bool
	results []wire.Result
	ids     []string // jobs in the order of their first change
	jobs    map[string]any
}

func (b *outbox) open() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	b.taking = true
}

// start lets the writer begin, with the full list if the server wants it.
func (b *outbox) start(full bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.started, b.full = true, b.full || full
	b.signal()
}

func (b *outbox) shut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

func (b *outbox) clear() {
	b.taking, b.started, b.full = false, false, false
	b.results, b.ids, b.jobs = nil, nil, make(map[string]any)
}

func (b *outbox) job(id string, message any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.taking || b.full {
		return
	}
	if _, known := b.jobs[id]; !known {
		b.ids = append(b.ids, id)
	}
	b.jobs[id] = message
	if len(b.ids) > maxChanges {
		b.full, b.ids, b.jobs = true, nil, make(map[string]any)
	}
	b.signal()
}

// result is kept from the outbox without a connection; the desk has it.
func (b *outbox) result(r wire.Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.started {
		b.results = append(b.results, r)
		b.signal()
	}
}

func (b *outbox) signal() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// next takes the next message out: results first, since someone waits at a
// printer, and nothing else where jobs have to wait. The full list makes earlier
// changes needless, so it comes before them.
func (b *outbox) next(jobsWait bool) (any, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.started:
		return nil, false
	case len(b.results) > 0:
		r := b.results[0]
		b.results = b.results[1:]
		return r, true
	case jobsWait:
		return nil, false
	case b.full:
		b.full, b.ids, b.jobs = false, nil, make(map[string]any)
		return allJobs{}, true
	case len(b.ids) > 0:
		id := b.ids[0]
		message := b.jobs[id]
		b.ids = b.ids[1:]
		delete(b.jobs, id)
		return message, true
	}
	return nil, false
}
