package cloud

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

const (
	// longestStay bounds how long the index believes in a job that its scout
	// does not speak of again, whatever expiry was said.
	longestStay = 31 * 24 * time.Hour
	// awayFor is how long the jobs of a scout that is gone still count for
	// "all": after that nobody vouches for them.
	awayFor = 5 * time.Minute
)

// index is what scouts have said of their jobs: soft state, right again
// after each of them has connected.
type index struct {
	mu     sync.RWMutex
	jobs   map[string]*held
	scouts map[string]map[string]*held
	users  map[string]map[string]*held // by owner tag
	away   map[string]time.Time        // when scouts with jobs were last lost
}

// held is a job and who holds it. It is not changed once it is in the index.
type held struct {
	scout string
	job   wire.Job
	until time.Time // when it is dropped
}

func newIndex() *index {
	return &index{jobs: make(map[string]*held), scouts: make(map[string]map[string]*held),
		users: make(map[string]map[string]*held), away: make(map[string]time.Time)}
}

// put takes a job; false if it is another scout's, one too many, or one that
// does not say when it expires.
func (x *index) put(scout string, j wire.Job, now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.add(scout, j, now)
}

func (x *index) add(scout string, j wire.Job, now time.Time) bool {
	known := x.jobs[j.ID]
	switch {
	case j.Expires.IsZero(), known != nil && known.scout != scout, known == nil && len(x.scouts[scout]) >= wire.MaxJobs:
		return false
	case known != nil:
		x.drop(known)
	}
	h := &held{scout: scout, job: j, until: j.Expires}
	if latest := now.Add(longestStay); latest.Before(h.until) {
		h.until = latest
	}
	x.jobs[j.ID] = h
	into(x.scouts, scout, h)
	into(x.users, j.User, h)
	return true
}

func into(m map[string]map[string]*held, key string, h *held) {
	if m[key] == nil {
		m[key] = make(map[string]*held)
	}
	m[key][h.job.ID] = h
}

func outOf(m map[string]map[string]*held, key string, h *held) {
	delete(m[key], h.job.ID)
	if len(m[key]) == 0 {
		delete(m, key)
	}
}

func (x *index) drop(h *held) {
	delete(x.jobs, h.job.ID)
	outOf(x.scouts, h.scout, h)
	outOf(x.users, h.job.User, h)
}

func (x *index) remove(scout, id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if h := x.jobs[id]; h != nil && h.scout == scout {
		x.drop(h)
	}
}

// replace makes jobs all that the scout has; it returns how many were not taken.
func (x *index) replace(scout string, jobs []wire.Job, now time.Time) (refused int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.empty(scout)
	for _, j := range jobs {
		if !x.add(scout, j, now) {
			refused++
		}
	}
	return refused
}

func (x *index) empty(scout string) {
	for _, h := range x.scouts[scout] {
		x.drop(h)
	}
}

// forget drops all that is known of a scout.
func (x *index) forget(scout string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.empty(scout)
	delete(x.away, scout)
}

// holders returns the scouts that have jobs.
func (x *index) holders() []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return slices.Collect(maps.Keys(x.scouts))
}

// went notes that a scout is no longer connected.
func (x *index) went(scout string, now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.scouts[scout]) > 0 {
		x.away[scout] = now
	}
}

// same reports whether the index has what a hello speaks of.
func (x *index) same(h wire.Hello) bool {
	x.mu.RLock()
	jobs := make([]wire.Job, 0, len(x.scouts[h.Scout]))
	for _, held := range x.scouts[h.Scout] {
		jobs = append(jobs, held.job)
	}
	x.mu.RUnlock()
	return wire.Digest(jobs) == h.JobsDigest
}

// find returns a job and who holds it; nil if there is none, or no longer.
func (x *index) find(id string, now time.Time) *held {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if h := x.jobs[id]; h != nil && now.Before(h.until) {
		return h
	}
	return nil
}

func (x *index) count(scout string) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.scouts[scout])
}

// selection says which jobs are meant; an empty one means all.
type selection struct {
	user, scout string                  // of this owner tag, of this scout
	online      func(scout string) bool // where set: no jobs of scouts that have been away for long
}

// list returns the jobs of a selection, oldest first.
func (x *index) list(s selection, now time.Time) []*held {
	x.mu.RLock()
	from := x.jobs
	switch {
	case s.user != "":
		from = x.users[s.user]
	case s.scout != "":
		from = x.scouts[s.scout]
	}
	found := make([]*held, 0, len(from))
	for h := range maps.Values(from) {
		if now.Before(h.until) && (s.scout == "" || h.scout == s.scout) && !x.lost(h.scout, s.online, now) {
			found = append(found, h)
		}
	}
	x.mu.RUnlock()
	slices.SortFunc(found, func(a, b *held) int { return placeOf(a).compare(placeOf(b)) })
	return found
}

func (x *index) lost(scout string, online func(string) bool, now time.Time) bool {
	since, away := x.away[scout]
	return away && online != nil && now.Sub(since) >= awayFor && !online(scout)
}

// expire drops the jobs whose time is over. Requests do not wait for it: they
// look at the time of each job they find.
func (x *index) expire(now time.Time) {
	x.mu.RLock()
	var over []*held
	for _, h := range x.jobs {
		if !now.Before(h.until) {
			over = append(over, h)
		}
	}
	x.mu.RUnlock()
	if len(over) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, h := range over {
		if x.jobs[h.job.ID] == h {
			x.drop(h)
		}
	}
	for scout := range x.away {
		if len(x.scouts[scout]) == 0 {
			delete(x.away, scout)
		}
	}
}
