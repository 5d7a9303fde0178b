package cloudlink

import (
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// maxChanges is how many changed jobs wait for the writer; with more of
// them it sends the full list.
const maxChanges = 1024

// A job is told of maxTold times within tellWindow; after that its newest
// state waits for the next window. The life of a job that is printed takes
// three or four.
const (
	maxTold    = 8
	tellWindow = 10 * time.Second
)

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
	list    []any    // what is left to send of a full list
	ids     []string // jobs in the order of their first change
	held    []string // jobs that were told of too often in this window
	jobs    map[string]any
	told    map[string]int // how often, in this window
	window  time.Time      // when it began
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
	b.results, b.list, b.told = nil, nil, make(map[string]int)
	b.forget()
}

// forget drops the changes that wait.
func (b *outbox) forget() {
	b.ids, b.held, b.jobs = nil, nil, make(map[string]any)
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
	if len(b.jobs) > maxChanges {
		b.full = true
		b.forget()
	}
	b.signal()
}

// result is kept from the outbox without a connection; the orderTracker has it.
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

// send has the writer send a full list, before anything else of jobs.
func (b *outbox) send(list []any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = list
}

// next takes the next message out: results first, since someone waits at a
// printer, then, if jobs may be told of now, jobs. The full list makes earlier
// changes needless, so it comes before them. Where the message is nil there is
// none before retry has passed; 0: before the next signal.
func (b *outbox) next(now time.Time, jobs bool) (message any, retry time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.started:
		return nil, 0
	case len(b.results) > 0:
		message, b.results = b.results[0], b.results[1:]
		return message, 0
	case !jobs:
		return nil, 0
	case len(b.list) > 0:
		message, b.list = b.list[0], b.list[1:]
		return message, 0
	case b.full:
		b.full = false
		b.forget()
		return allJobs{}, 0
	}
	return b.change(now)
}

// change takes the next changed job out that was not told of too often.
func (b *outbox) change(now time.Time) (message any, retry time.Duration) {
	if age := now.Sub(b.window); age < 0 || age >= tellWindow {
		b.window, b.told = now, make(map[string]int)
		b.ids, b.held = append(b.held, b.ids...), nil
	}
	for len(b.ids) > 0 {
		id := b.ids[0]
		b.ids = b.ids[1:]
		if b.told[id] >= maxTold {
			b.held = append(b.held, id)
			continue
		}
		b.told[id]++
		message = b.jobs[id]
		delete(b.jobs, id)
		return message, 0
	}
	if len(b.held) > 0 {
		return nil, b.window.Add(tellWindow).Sub(now)
	}
	return nil, 0
}
