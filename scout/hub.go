package scout

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
)

const (
	// endedTime is how long it is remembered what became of a job, endedOfOne of
	// how many jobs of one owner.
	endedTime  = time.Hour
	endedOfOne = 256
	// seenOfOne is of how many printers it is remembered what an owner's last
	// release there has shown.
	seenOfOne = 64
	// mostOwners are remembered; the one that nothing has happened to for longest
	// makes room.
	mostOwners = 1024
	// mostPending is how many changed jobs may wait for a listener; with more it
	// has to begin anew.
	mostPending = 50_000
)

// hub tells listeners what has changed, and remembers for a while how jobs ended
// and what releases have shown of printers. A listener hears only of one owner's
// jobs. Callers may hold the lock of the table, or of whatever else has changed:
// the hub calls nothing of theirs. A nil hub does nothing.
type hub struct {
	now func() time.Time

	mu        sync.Mutex
	listeners map[*listener]bool
	owners    map[string]*ownerMemory
}

// ownerMemory is what is remembered of one owner, by the canonical name.
type ownerMemory struct {
	ended []endedJob              // oldest first
	seen  map[string]control.Seen // by the printer's id
	last  time.Time
}

type endedJob struct {
	at time.Time
	control.Gone
}

// listener hears of one owner's jobs.
type listener struct {
	owner string
	wake  chan struct{} // has something once there are changes
	changes
}

// changes are what a listener has not heard of yet: a job stands there once,
// however often it has changed.
type changes struct {
	status, printers bool
	jobs             []uuid.UUID // in the order in which they changed first
	gone             map[uuid.UUID]*control.Gone
	lost             bool // there were more than are kept
}

func newHub(now func() time.Time) *hub {
	return &hub{now: now, listeners: map[*listener]bool{}, owners: map[string]*ownerMemory{}}
}

// listen adds a listener, until leave, and returns what ended lately.
func (h *hub) listen(owner string) (*listener, []control.Gone) {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := &listener{owner: owner, wake: make(chan struct{}, 1)}
	h.listeners[l] = true
	var ended []control.Gone
	if m := h.owners[owner]; m != nil {
		for _, e := range m.ended {
			if h.now().Sub(e.at) < endedTime {
				ended = append(ended, e.Gone)
			}
		}
	}
	return l, ended
}

func (h *hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

// take returns what a listener has not heard of yet; from then on it has.
func (h *hub) take(l *listener) changes {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := l.changes
	l.changes = changes{}
	return c
}

// notify changes what listeners have before them; mu is held.
func (h *hub) notify(match func(*listener) bool, change func(*changes)) {
	for l := range h.listeners {
		if !match(l) {
			continue
		}
		change(&l.changes)
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

func everybody(*listener) bool { return true }

func of(owner string) func(*listener) bool {
	return func(l *listener) bool { return owner != "" && l.owner == owner }
}

// statusChanged tells everybody that the agent's status may have changed.
func (h *hub) statusChanged() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notify(everybody, func(c *changes) { c.status = true })
}

// siteChanged tells everybody that there is another site or directory.
func (h *hub) siteChanged() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notify(everybody, func(c *changes) { c.status, c.printers = true, true })
}

// changed tells an owner that a job, or the line of a refused one, is new or has
// changed.
func (h *hub) changed(owner string, id uuid.UUID) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notify(of(owner), func(c *changes) { c.add(id, nil) })
}

func (c *changes) add(id uuid.UUID, gone *control.Gone) {
	if c.gone == nil {
		c.gone = map[uuid.UUID]*control.Gone{}
	}
	if _, pending := c.gone[id]; !pending {
		if len(c.jobs) >= mostPending {
			c.lost = true
			return
		}
		c.jobs = append(c.jobs, id)
	}
	c.gone[id] = gone
	c.status = true // whether there is room, and whether jobs wait
}

// left tells an owner that a job, or the line of a refused one, is gone.
func (h *hub) left(owner string, id uuid.UUID, gone control.Gone) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notify(of(owner), func(c *changes) { c.add(id, &gone) })
	if owner == "" || gone.State == control.Refused {
		return
	}
	m := h.remember(owner)
	m.ended = append(m.ended, endedJob{h.now(), gone})
	m.ended = slices.Delete(m.ended, 0, max(0, len(m.ended)-endedOfOne))
}

// remember returns what is known of an owner; mu is held.
func (h *hub) remember(owner string) *ownerMemory {
	m := h.owners[owner]
	if m == nil {
		if len(h.owners) >= mostOwners {
			delete(h.owners, h.longestUnheard())
		}
		m = &ownerMemory{seen: map[string]control.Seen{}}
		h.owners[owner] = m
	}
	m.last = h.now()
	return m
}

func (h *hub) longestUnheard() (owner string) {
	for name, m := range h.owners {
		if owner == "" || m.last.Before(h.owners[owner].last) {
			owner = name
		}
	}
	return owner
}

// saw remembers what a release of an owner's job has shown of a printer.
func (h *hub) saw(owner, printer string, what control.Seen) {
	if h == nil || owner == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m := h.remember(owner)
	if _, known := m.seen[printer]; !known && len(m.seen) >= seenOfOne {
		ids := slices.Collect(maps.Keys(m.seen))
		delete(m.seen, slices.MinFunc(ids, func(a, b string) int { return m.seen[a].At.Compare(m.seen[b].At) }))
	}
	m.seen[printer] = what
	h.notify(of(owner), func(c *changes) { c.printers = true })
}

// lastSeen returns what the last release of an owner's job has shown of a printer,
// nil if nothing is known.
func (h *hub) lastSeen(owner, printer string) *control.Seen {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m := h.owners[owner]; m != nil && owner != "" {
		if seen, ok := m.seen[printer]; ok {
			return &seen
		}
	}
	return nil
}
