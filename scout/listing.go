package scout

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
	"sort"
	"strings"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
)

// A listing is read page by page, so that nobody's listing holds copies of all
// jobs, nor the table's lock for long.
const (
	pageJobs = 16    // copied at a time
	pageLook = 1_000 // looked at, at the most, while the lock is held
)

// older orders jobs by when they were printed, then by id.
func older(a, b *job) int {
	return cmp.Or(a.ticket.Created.Compare(b.ticket.Created), bytes.Compare(a.id[:], b.id[:]))
}

// put adds a job to the table; mu is held.
func (t *table) put(j *job) {
	t.take(j.id)
	j.owner = identity.Canonical(j.ticket.User)
	t.jobs[j.id] = j
	i, _ := slices.BinarySearchFunc(t.byAge, j, older)
	t.byAge = slices.Insert(t.byAge, i, j)
}

// take removes a job from the table, and reports whether it was there; mu is
// held.
func (t *table) take(id uuid.UUID) bool {
	j, ok := t.jobs[id]
	if !ok {
		return false
	}
	delete(t.jobs, id)
	if i, found := slices.BinarySearchFunc(t.byAge, j, older); found {
		t.byAge = slices.Delete(t.byAge, i, i+1)
	}
	return true
}

// each returns copies of the jobs that match, oldest first, each as it is when
// it is read.
func (t *table) each(match func(*job) bool) iter.Seq[job] {
	return func(yield func(job) bool) {
		var last *job
		for more := true; more; {
			var page []job
			page, last, more = t.page(last, match)
			for _, j := range page {
				if !yield(j) {
					return
				}
			}
		}
	}
}

// page returns copies of the next jobs after one, nil for the first, and the
// last one that it has looked at.
func (t *table) page(after *job, match func(*job) bool) (page []job, last *job, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := 0
	if after != nil {
		i = sort.Search(len(t.byAge), func(i int) bool { return older(t.byAge[i], after) > 0 })
	}
	last = after
	end := min(len(t.byAge), i+pageLook)
	for ; i < end && len(page) < pageJobs; i++ {
		if last = t.byAge[i]; match(last) {
			page = append(page, *last)
		}
	}
	return page, last, i < len(t.byAge)
}

// look shows every job, oldest first, to see, which keeps nothing of it and is
// quick: the table is locked meanwhile.
func (t *table) look(see func(*job)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, j := range t.byAge {
		see(j)
	}
}

// ids returns the ids of the jobs that match, oldest first.
func (t *table) ids(match func(*job) bool) (ids []uuid.UUID) {
	t.look(func(j *job) {
		if match(j) {
			ids = append(ids, j.id)
		}
	})
	return ids
}

// highestJobID returns the highest number that the printer on loopback gave to
// a job that is here, 0 for none.
func (t *table) highestJobID() (highest int) {
	t.look(func(j *job) { highest = max(highest, j.ticket.JobID) })
	return highest
}

// owns returns what matches the jobs that a caller may see and give up.
func owns(c control.Caller) func(*job) bool {
	name := identity.Canonical(userOf(c))
	return func(j *job) bool { return c.Admin || name != "" && name == j.owner }
}

// resolve returns the ids of the caller's jobs that names stand for, each once,
// in the order given. A name is a whole id, or the start of one that fits one
// of these jobs alone.
func (t *table) resolve(c control.Caller, names []string) ([]uuid.UUID, error) {
	var own []string // the caller's ids, sorted; looked up once there is a need
	seen := map[uuid.UUID]bool{}
	var ids []uuid.UUID
	for _, name := range names {
		id, whole := t.whole(c, name)
		if !whole {
			if own == nil {
				own = t.namesOf(c)
			}
			var err error
			if id, err = startOf(own, name); err != nil {
				return nil, err
			}
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// whole returns the caller's job of which a name is the whole id.
func (t *table) whole(c control.Caller, name string) (uuid.UUID, bool) {
	id, err := uuid.Parse(name)
	if err != nil || id.String() != name {
		return uuid.Nil, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	return id, ok && owns(c)(j)
}

func (t *table) namesOf(c control.Caller) []string {
	own := []string{}
	for _, id := range t.ids(owns(c)) {
		own = append(own, id.String())
	}
	slices.Sort(own)
	return own
}

// startOf returns the one of sorted ids that begins with a name.
func startOf(own []string, name string) (uuid.UUID, error) {
	const least = 4
	i := sort.SearchStrings(own, name)
	if len(name) < least || i == len(own) || !strings.HasPrefix(own[i], name) {
		return uuid.Nil, noSuchJob(name)
	}
	n := sort.Search(len(own)-i, func(n int) bool { return !strings.HasPrefix(own[i+n], name) })
	if n > 1 {
		return uuid.Nil, severalJobs(n, name)
	}
	return uuid.MustParse(own[i]), nil
}
