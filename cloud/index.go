package cloud

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// index is what scouts have said of their jobs: soft state, right again
// after each of them has connected.
type index struct {
	mu     sync.RWMutex
	scouts map[string]map[string]wire.Job
	owner  map[string]string // the scout that announced a job first
}

func newIndex() *index {
	return &index{scouts: make(map[string]map[string]wire.Job), owner: make(map[string]string)}
}

// put takes a job; false if it is another scout's, or one too many.
func (x *index) put(scout string, j wire.Job) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.add(scout, j)
}

func (x *index) add(scout string, j wire.Job) bool {
	owner, known := x.owner[j.ID]
	if known && owner != scout || !known && len(x.scouts[scout]) >= wire.MaxJobs {
		return false
	}
	if x.scouts[scout] == nil {
		x.scouts[scout] = make(map[string]wire.Job)
	}
	x.scouts[scout][j.ID] = j
	x.owner[j.ID] = scout
	return true
}

func (x *index) remove(scout, id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.drop(scout, id)
}

func (x *index) drop(scout, id string) {
	if x.owner[id] != scout {
		return
	}
	delete(x.owner, id)
	delete(x.scouts[scout], id)
	if len(x.scouts[scout]) == 0 {
		delete(x.scouts, scout)
	}
}

// replace makes jobs all that the scout has; it returns how many were not taken.
func (x *index) replace(scout string, jobs []wire.Job) (refused int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id := range x.scouts[scout] {
		delete(x.owner, id)
	}
	delete(x.scouts, scout)
	for _, j := range jobs {
		if !x.add(scout, j) {
			refused++
		}
	}
	return refused
}

// same reports whether the index has what a hello speaks of.
func (x *index) same(h wire.Hello) bool {
	x.mu.RLock()
	jobs := slices.Collect(maps.Values(x.scouts[h.Scout]))
	x.mu.RUnlock()
	return wire.Digest(jobs) == h.JobsDigest
}

// find returns a job and the scout that holds it.
func (x *index) find(id string) (scout string, j wire.Job, ok bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	scout, ok = x.owner[id]
	return scout, x.scouts[scout][id], ok
}

func (x *index) count(scout string) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.scouts[scout])
}

// held is a job and who holds it.
type held struct {
	scout string
	job   wire.Job
}

// all returns every job, oldest first.
func (x *index) all() []held {
	x.mu.RLock()
	list := make([]held, 0, len(x.owner))
	for id, scout := range x.owner {
		list = append(list, held{scout: scout, job: x.scouts[scout][id]})
	}
	x.mu.RUnlock()
	slices.SortFunc(list, func(a, b held) int {
		if c := a.job.Created.Compare(b.job.Created); c != 0 {
			return c
		}
		return cmp.Compare(a.job.ID, b.job.ID)
	})
	return list
}

// expire drops the jobs whose time is over.
func (x *index) expire(now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for scout, jobs := range x.scouts {
		for id, j := range jobs {
			if !j.Expires.IsZero() && !now.Before(j.Expires) {
				x.drop(scout, id)
			}
		}
	}
}
