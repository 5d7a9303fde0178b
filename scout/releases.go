package scout

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// What one account may have going on, and what is remembered for it.
const (
	releasesInHand = 16
	// jobsInHand are those of its releases in hand, and of those remembered: as
	// many as one person may have parked by default (UserJobs), and some.
	jobsInHand = 25_000
	// releasesKept are remembered for whoever asks how they went, releasesTime
	// at most.
	releasesKept = 50
	releasesTime = time.Hour
)

// releases are those in hand and those that ended lately, by account: what one
// person asks for pushes nobody else's out.
type releases struct {
	now func() time.Time

	mu        sync.Mutex
	byAccount map[string][]*release // oldest first
}

func newReleases(now func() time.Time) *releases {
	return &releases{now: now, byAccount: map[string][]*release{}}
}

// add takes a release in, unless its owner has too much in hand.
func (b *releases) add(r *release) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tidy()
	held, jobs := 0, len(r.results)
	for _, one := range b.byAccount[r.owner] {
		if !one.over() {
			held++
			jobs += len(one.results)
		}
	}
	if held >= releasesInHand || jobs > jobsInHand {
		return &control.Error{
			Code:    control.CodeBusy,
			Message: fmt.Sprintf("%d of your releases, of %d jobs, are in hand; one person may have %d, of %d jobs", held, jobs-len(r.results), releasesInHand, jobsInHand),
			Hint:    "wait until some have ended, or cancel jobs: printscout job list",
		}
	}
	b.byAccount[r.owner] = b.trim(append(b.byAccount[r.owner], r))
	return nil
}

// trim forgets the oldest that are over, until those of an account are no more
// than are kept.
func (b *releases) trim(all []*release) []*release {
	jobs := 0
	for _, r := range all {
		jobs += len(r.results)
	}
	n := len(all)
	return slices.DeleteFunc(all, func(r *release) bool {
		if n <= releasesKept && jobs <= jobsInHand || !r.over() {
			return false
		}
		n--
		jobs -= len(r.results)
		return true
	})
}

// tidy forgets what nobody asks about any more.
func (b *releases) tidy() {
	for owner, all := range b.byAccount {
		all = slices.DeleteFunc(all, func(r *release) bool { return r.over() && b.now().Sub(r.begun) > releasesTime })
		if b.byAccount[owner] = all; len(all) == 0 {
			delete(b.byAccount, owner)
		}
	}
}

// find returns a release that the caller may ask about, nil if there is none.
func (b *releases) find(c control.Caller, id string) *release {
	b.mu.Lock()
	defer b.mu.Unlock()
	for owner, all := range b.byAccount {
		if owner != c.UID && !c.Admin {
			continue
		}
		for _, r := range all {
			if r.id == id {
				return r
			}
		}
	}
	return nil
}
