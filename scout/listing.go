package scout

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
)

// A listing is read page by page, so that no listing holds copies of all jobs,
// or the table's lock for long.
const (
	pageJobs = 16    // copied at a time
	pageScan = 1_000 // visited at most while the lock is held
)

// compareAge orders jobs by when they were printed, then by id.
func compareAge(a, b *job) int {
	return cmp.Or(a.ticket.Created.Compare(b.ticket.Created), bytes.Compare(a.id[:], b.id[:]))
}

// putEntry adds a job to the table; mu is held.
func (t *jobTable) putEntry(j *job) {
	t.removeEntry(j.id)
	j.owner = identity.Canonical(j.ticket.User)
	t.jobs[j.id] = j
	i, _ := slices.BinarySearchFunc(t.byAge, j, compareAge)
	t.byAge = slices.Insert(t.byAge, i, j)
}

// removeEntry removes a job from the table and reports whether it was there;
// mu is held.
func (t *jobTable) removeEntry(id uuid.UUID) bool {
	j, ok := t.jobs[id]
	if !ok {
		return false
	}
	delete(t.jobs, id)
	if i, found := slices.BinarySearchFunc(t.byAge, j, compareAge); found {
		t.byAge = slices.Delete(t.byAge, i, i+1)
	}
	return true
}

// eachMatching returns copies of the jobs that match, oldest first, each in
// its state when it is read.
func (t *jobTable) eachMatching(match func(*job) bool) iter.Seq[job] {
	return func(yield func(job) bool) {
		var last *job
		for more := true; more; {
			var page []job
			page, last, more = t.nextPage(last, match)
			for _, j := range page {
				if !yield(j) {
					return
				}
			}
		}
	}
}

// nextPage returns copies of the jobs that follow one job, nil for the first
// page, and the last job that it visited.
func (t *jobTable) nextPage(after *job, match func(*job) bool) (page []job, last *job, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := 0
	if after != nil {
		i = sort.Search(len(t.byAge), func(i int) bool { return compareAge(t.byAge[i], after) > 0 })
	}
	last = after
	end := min(len(t.byAge), i+pageScan)
	for ; i < end && len(page) < pageJobs; i++ {
		if last = t.byAge[i]; match(last) {
			page = append(page, *last)
		}
	}
	return page, last, i < len(t.byAge)
}

// forEachJob calls visit with every job, oldest first. The table is locked
// meanwhile: visit must be quick and keep no job.
func (t *jobTable) forEachJob(visit func(*job)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, j := range t.byAge {
		visit(j)
	}
}

// matchingIDs returns the ids of the jobs that match, oldest first.
func (t *jobTable) matchingIDs(match func(*job) bool) (ids []uuid.UUID) {
	t.forEachJob(func(j *job) {
		if match(j) {
			ids = append(ids, j.id)
		}
	})
	return ids
}

// highestJobID returns the highest number that the printer on loopback gave to
// a job that is here, 0 for none.
func (t *jobTable) highestJobID() (highest int) {
	t.forEachJob(func(j *job) { highest = max(highest, j.ticket.JobID) })
	return highest
}

// ownedBy returns a function that matches the jobs that a caller may see and
// cancel.
func ownedBy(c control.Caller) func(*job) bool {
	name := identity.Canonical(userOf(c))
	return func(j *job) bool { return c.Admin || name != "" && name == j.owner }
}

// resolveNames returns the ids of the caller's jobs that names stand for, each
// once, in the order given. A name is a whole id, or the start of one that
// fits only one of these jobs.
func (t *jobTable) resolveNames(c control.Caller, names []string) ([]uuid.UUID, error) {
	var own []string // the caller's ids, sorted; looked up once there is a need
	seen := map[uuid.UUID]bool{}
	var ids []uuid.UUID
	for _, name := range names {
		id, whole := t.findWholeID(c, name)
		if !whole {
			if own == nil {
				own = t.sortedIDsOf(c)
			}
			var err error
			if id, err = findPrefix(own, name); err != nil {
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

// findWholeID returns the id in a name and whether it is the whole id of one
// of the caller's jobs.
func (t *jobTable) findWholeID(c control.Caller, name string) (uuid.UUID, bool) {
	id, err := uuid.Parse(name)
	if err != nil || id.String() != name {
		return uuid.Nil, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	return id, ok && ownedBy(c)(j)
}

// sortedIDsOf returns the ids of a caller's jobs, sorted.
func (t *jobTable) sortedIDsOf(c control.Caller) []string {
	own := []string{}
	for _, id := range t.matchingIDs(ownedBy(c)) {
		own = append(own, id.String())
	}
	slices.Sort(own)
	return own
}

// findPrefix returns the one of sorted ids that begins with a name.
func findPrefix(own []string, name string) (uuid.UUID, error) {
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

// findOwned returns the caller's job with an id, or whose id is the only one
// that begins so.
func (t *jobTable) findOwned(c control.Caller, id string) (job, error) {
	ids, err := t.resolveNames(c, []string{id})
	if err != nil {
		return job{}, err
	}
	j, ok := t.jobByID(ids[0])
	if !ok {
		return job{}, noSuchJob(id)
	}
	return j, nil
}

func noSuchJob(id string) error {
	return &control.Error{Code: control.CodeNotFound, Message: fmt.Sprintf("there is no job %s of yours", id), Hint: "printscout job list shows your jobs"}
}

func severalJobs(n int, id string) error {
	return &control.Error{Code: control.CodeUsage, Message: fmt.Sprintf("%d jobs begin with %s", n, id), Hint: "give more of the id"}
}
