package cloudlink

import (
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// maxChanges is how many changed jobs wait for the writer; beyond that it
// sends the full list.
const maxChanges = 1024

// The server is told of a job maxTold times within tellWindow; after that its
// newest state waits for the next window. The life of a printed job takes
// three or four messages.
const (
	maxTold    = 8
	tellWindow = 10 * time.Second
)

// allJobs stands for the full list in the outbox.
type allJobs struct{}

// outbox holds what is to be sent on the present connection: the newest
// message about each job, and results. Without a connection it accepts
// nothing.
type outbox struct {
	wake chan struct{} // holds a token when there is something to send

	mu      sync.Mutex
	taking  bool // the jobs said in hello are known; later changes count
	started bool // there was a welcome
	pending bool // the server takes no jobs of this scout
	leaving bool // the server is to be told that the scout leaves
	full    bool
	results []wire.Result
	list    []any    // the rest of a full list
	ids     []string // jobs in the order of their first change
	held    []string // jobs that the server was told of too often in this window
	jobs    map[string]any
	told    map[string]int // how often, in this window
	window  time.Time      // when it began
}

// beginConnection empties the outbox and accepts changes from now on.
func (b *outbox) beginConnection() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	b.taking = true
}

// setPending has nothing said about jobs on this connection if the server
// takes none of them.
func (b *outbox) setPending(pending bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pending = pending; pending {
		b.full = false
		b.dropChanges()
	}
}

// addLeave has the server told that the scout leaves; it returns false without
// a connection.
func (b *outbox) addLeave() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.started {
		b.leaving = true
		b.wakeWriter()
	}
	return b.started
}

// startSending lets the writer begin, with the full list if the server wants
// it.
func (b *outbox) startSending(full bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.started, b.full = true, b.full || full && !b.pending
	b.wakeWriter()
}

// endConnection empties the outbox and accepts nothing from now on.
func (b *outbox) endConnection() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
}

func (b *outbox) clear() {
	b.taking, b.started, b.full, b.pending, b.leaving = false, false, false, false, false
	b.results, b.list, b.told = nil, nil, make(map[string]int)
	b.dropChanges()
}

// dropChanges drops the changes that wait.
func (b *outbox) dropChanges() {
	b.ids, b.held, b.jobs = nil, nil, make(map[string]any)
}

// addJob replaces what is to be said about a job.
func (b *outbox) addJob(id string, message any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.taking || b.full || b.pending {
		return
	}
	if _, known := b.jobs[id]; !known {
		b.ids = append(b.ids, id)
	}
	b.jobs[id] = message
	if len(b.jobs) > maxChanges {
		b.full = true
		b.dropChanges()
	}
	b.wakeWriter()
}

// addResult adds a result. Without a connection it does nothing; the
// orderTracker has the result.
func (b *outbox) addResult(r wire.Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.started {
		b.results = append(b.results, r)
		b.wakeWriter()
	}
}

// wakeWriter signals that there is something to send.
func (b *outbox) wakeWriter() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// setFullList makes the writer send a full list before any other frame about
// jobs.
func (b *outbox) setFullList(list []any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = list
}

// nextMessage returns the next message: results first, since someone waits at
// a printer, then jobs, if frames about jobs may be sent now. The full list
// replaces earlier changes, so it comes before them. If the message is nil,
// there is none before retry has passed or, if that is 0, before the next
// signal.
func (b *outbox) nextMessage(now time.Time, jobs bool) (message any, retry time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.started:
		return nil, 0
	case len(b.results) > 0:
		message, b.results = b.results[0], b.results[1:]
		return message, 0
	case b.leaving:
		b.leaving = false
		return wire.Leave{}, 0
	case !jobs:
		return nil, 0
	case len(b.list) > 0:
		message, b.list = b.list[0], b.list[1:]
		return message, 0
	case b.full:
		b.full = false
		b.dropChanges()
		return allJobs{}, 0
	}
	return b.nextChange(now)
}

// nextChange returns the next changed job that the server was not told of too
// often.
func (b *outbox) nextChange(now time.Time) (message any, retry time.Duration) {
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
