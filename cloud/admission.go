package cloud

import (
	"container/heap"
	"container/list"
	"net/netip"
	"sync"
	"time"
)

// These bound how long a stranger may take. A connection is a stranger's until
// it has proved whose it is, by a scout's hello or a token.
const (
	firstByteTime = 10 * time.Second // from the connection to its first byte; it costs next to nothing
	helloTime     = 3 * time.Second  // for each answer of the other end, the hello among them
	handshakeTime = 10 * time.Second // the same in the handshake of TLS, until the request begins
	pressedTime   = 2 * time.Second  // for either, while an address prefix with fewer places waits for one
	handshakeIdle = 250 * time.Millisecond
	placeTime     = 15 * time.Second // from the place to the proof
	queueTime     = 25 * time.Second // for a place; a scout gives up after 30 s
	sweepEvery    = 250 * time.Millisecond
)

// These say why a stranger's connection is closed; each is logged once a
// minute.
const (
	reasonSilent    = "it sent nothing in time"
	reasonSlow      = "it did not prove in time who it is"
	reasonQueue     = "too many are connecting: it waited too long"
	reasonAddress   = "too many unproved connections from its address"
	reasonStrangers = "too many unproved connections in all"
	reasonCapacity  = "too many connections in all"
	reasonAPI       = "too many connections of the API"
)

// bounds says how many connections there may be at a time.
type bounds struct {
	all         int // connections
	strangers   int // of these, unproved
	share       int // of these, from one address prefix
	places      int // unproved ones that are served: TLS, request, hello
	handshaking int // of these, in the handshake of TLS, which is the expensive part, and not idle in it
	api         int // proved by an API token
	apiShare    int // of these, from one address prefix
}

// boundsFor derives the bounds from how many files the process may open.
func boundsFor(files int) bounds {
	all := min(max(files-reserveFiles, 64), 1<<16)
	strangers := min(all*3/4, 1<<14)
	return bounds{all: all, strangers: strangers, share: strangers * 3 / 4, places: min(strangers/2, 512), handshaking: min(strangers/4, 64),
		api: min(all/4, 4096), apiShare: min(all/8, 1024)}
}

// reserveFiles is left for the registry, its journal and the site's files.
const reserveFiles = 256

// admission decides which connections are served. Strangers wait for one of a
// few places before anything expensive is done for them. The address prefix
// with the fewest places comes first, so that whoever fills the queue waits in
// it.
type admission struct {
	bounds bounds
	refuse func(c *conn, reason string) // closes it and logs why; called without the lock

	mu          sync.Mutex
	shares      map[netip.Prefix]*prefixShare
	queue       shareQueue // shares with a waiting connection
	working     map[*conn]bool
	strangers   int
	waiting     int
	handshaking int
	scouts      int
	api         map[*conn]bool
	ended       bool
}

// prefixShare counts the connections of one address prefix.
type prefixShare struct {
	prefix  netip.Prefix
	silent  list.List // of *conn that have not sent a byte, oldest first
	waiting list.List // of *conn that wait for a place, oldest first
	places  int
	api     int
	place   int // index in the queue; -1 while nothing waits
}

// strangerCount returns how many unproved connections the prefix has.
func (s *prefixShare) strangerCount() int { return s.silent.Len() + s.waiting.Len() + s.places }

func newAdmission(b bounds, refuse func(*conn, string)) *admission {
	return &admission{bounds: b, refuse: refuse, shares: make(map[netip.Prefix]*prefixShare), working: make(map[*conn]bool), api: make(map[*conn]bool)}
}

// prefixOf returns what counts as one address: of IPv6 the /64 that a
// subscriber has.
func prefixOf(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.Prefix(bits) // of an invalid address: the zero prefix
	return prefix
}

// admitConn admits a new connection; one of the largest share may have to be
// closed for it.
func (a *admission) admitConn(c *conn, prefix netip.Prefix) bool {
	a.mu.Lock()
	s := a.shares[prefix]
	if s == nil {
		s = &prefixShare{prefix: prefix, place: -1}
	}
	victim, reason := a.roomFor(s, c)
	if victim != c && !a.ended {
		a.shares[prefix] = s
		c.share, c.stage = s, silent
		c.at = s.silent.PushBack(c)
		a.strangers++
	}
	ended := a.ended
	a.mu.Unlock()
	if victim != nil {
		a.refuse(victim, reason)
	}
	return victim != c && !ended
}

// roomFor returns the connection that has to be closed so that c may come:
// none, another one, already removed, or c itself.
func (a *admission) roomFor(s *prefixShare, c *conn) (victim *conn, reason string) {
	full := a.strangers+a.scouts+len(a.api) >= a.bounds.all
	switch {
	case s.strangerCount() >= a.bounds.share:
		return a.removeOldest(s, c), reasonAddress
	case full && a.strangers == 0:
		return c, reasonCapacity
	case full || a.strangers >= a.bounds.strangers:
		return a.removeOldest(a.largestShare(), c), reasonStrangers
	}
	return nil, ""
}

// largestShare returns the share with the most strangers.
func (a *admission) largestShare() (most *prefixShare) {
	for _, s := range a.shares {
		if most == nil || s.strangerCount() > most.strangerCount() {
			most = s
		}
	}
	return most
}

// removeOldest removes the oldest silent connection of a share; if none is
// silent, the newcomer has to go.
func (a *admission) removeOldest(s *prefixShare, newcomer *conn) *conn {
	front := s.silent.Front()
	if front == nil {
		return newcomer
	}
	c := front.Value.(*conn)
	a.removeLocked(c)
	return c
}

// queueForPlace makes c wait for a place; granted is closed when it has one.
func (a *admission) queueForPlace(c *conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.stage != silent {
		return
	}
	s := c.share
	s.silent.Remove(c.at)
	c.stage, c.at = waiting, s.waiting.PushBack(c)
	c.since = time.Now()
	a.waiting++
	a.updateQueue(s)
	a.grantPlaces()
}

// grantPlaces gives free places to waiting connections; mu is held.
func (a *admission) grantPlaces() {
	for len(a.working) < a.bounds.places && a.handshaking < a.bounds.handshaking && len(a.queue) > 0 {
		s := a.queue[0]
		c := s.waiting.Remove(s.waiting.Front()).(*conn)
		a.waiting--
		c.stage, c.at, c.since, c.handshaking = working, nil, time.Now(), true
		s.places++
		a.handshaking++
		a.working[c] = true
		a.updateQueue(s)
		close(c.granted)
	}
}

// noteRequest notes that the handshake of TLS is over and the request begins.
func (a *admission) noteRequest(c *conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.asks = true
	a.endHandshake(c)
	a.grantPlaces()
}

// endHandshake no longer counts c among the handshakes; mu is held.
func (a *admission) endHandshake(c *conn) {
	if c.handshaking {
		c.handshaking = false
		a.handshaking--
	}
}

// markProved counts c as a connection that has proved whose it is: a scout's
// or, with the hash of a token, the API's. It returns false if c is gone, or
// if the API has too many connections.
func (a *admission) markProved(c *conn, api bool, token string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := c.share
	c.token = token
	switch {
	case c.stage == proved:
		return true
	case c.stage != working, api && (len(a.api) >= a.bounds.api || s.api >= a.bounds.apiShare):
		return false
	case api:
		a.leavePlace(c)
		c.stage, a.api[c] = proved, true
		s.api++
	default:
		a.leavePlace(c)
		c.stage, c.share = proved, nil
		a.scouts++
	}
	a.dropIfEmpty(s)
	return true
}

// apiConns returns the connections of the API and the hashes of their tokens.
func (a *admission) apiConns() map[*conn]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make(map[*conn]string, len(a.api))
	for c := range a.api {
		if c.token != "" {
			all[c] = c.token
		}
	}
	return all
}

// removeConn stops counting c, at whatever stage it is.
func (a *admission) removeConn(c *conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.removeLocked(c)
}

// removeLocked is removeConn with mu held.
func (a *admission) removeLocked(c *conn) {
	s := c.share
	switch c.stage {
	case silent:
		s.silent.Remove(c.at)
		a.strangers--
	case waiting:
		s.waiting.Remove(c.at)
		a.waiting--
		a.strangers--
		a.updateQueue(s)
	case working:
		a.leavePlace(c)
	case proved:
		if s == nil {
			a.scouts--
			break
		}
		delete(a.api, c)
		s.api--
	}
	if c.stage != gone {
		c.stage = gone
		close(c.gone)
	}
	a.dropIfEmpty(s)
}

// leavePlace frees the place of c; mu is held.
func (a *admission) leavePlace(c *conn) {
	delete(a.working, c)
	a.endHandshake(c)
	a.strangers--
	c.share.places--
	a.updateQueue(c.share)
	a.grantPlaces()
}

// dropIfEmpty forgets a share without connections; mu is held.
func (a *admission) dropIfEmpty(s *prefixShare) {
	if s != nil && s.strangerCount() == 0 && s.api == 0 {
		delete(a.shares, s.prefix)
	}
}

// updateQueue puts s where it belongs in the queue; mu is held.
func (a *admission) updateQueue(s *prefixShare) {
	switch waits := s.waiting.Len() > 0; {
	case waits && s.place < 0:
		heap.Push(&a.queue, s)
	case waits:
		heap.Fix(&a.queue, s.place)
	case s.place >= 0:
		heap.Remove(&a.queue, s.place)
	}
}

// refuseAll refuses everything from now on and returns the connections that
// have no place.
func (a *admission) refuseAll() (left []*conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	for _, s := range a.shares {
		for _, l := range []*list.List{&s.silent, &s.waiting} {
			for e := l.Front(); e != nil; e = e.Next() {
				left = append(left, e.Value.(*conn))
			}
		}
	}
	return left
}

// shareQueue is a heap of the shares that wait: the one with the fewest places
// first, and among equals the one that has waited longest.
type shareQueue []*prefixShare

func (q shareQueue) Len() int { return len(q) }

func (q shareQueue) Less(i, j int) bool {
	if q[i].places != q[j].places {
		return q[i].places < q[j].places
	}
	return q[i].waiting.Front().Value.(*conn).since.Before(q[j].waiting.Front().Value.(*conn).since)
}

func (q shareQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *shareQueue) Push(x any) {
	s := x.(*prefixShare)
	s.place = len(*q)
	*q = append(*q, s)
}

func (q *shareQueue) Pop() any {
	last := len(*q) - 1
	s := (*q)[last]
	(*q)[last], *q = nil, (*q)[:last]
	s.place = -1
	return s
}
