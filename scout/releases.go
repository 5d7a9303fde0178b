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
	releasesInHand = 500
	// jobsAtOnce are those of its jobs that are brought to printers at the same
	// time; the next one waits, so that another person's need not wait for more.
	jobsAtOnce = 8
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
	byAccount map[string]*releasesOf
}

// releasesOf are one account's.
type releasesOf struct {
	all  []*release    // oldest first
	turn chan struct{} // has room for jobsAtOnce
}

func newReleases(now func() time.Time) *releases {
	return &releases{now: now, byAccount: map[string]*releasesOf{}}
}

// add takes a release in, unless its owner has too much in hand.
func (b *releases) add(r *release) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tidy()
	of := b.byAccount[r.owner]
	if of == nil {
		of = &releasesOf{turn: make(chan struct{}, jobsAtOnce)}
	}
	held, jobs := 0, len(r.results)
	for _, one := range of.all {
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
	of.all, r.turn = trim(append(of.all, r)), of.turn
	b.byAccount[r.owner] = of
	return nil
}

// trim forgets the oldest that are over, until those of an account are no more
// than are kept.
func trim(all []*release) []*release {
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
	for owner, of := range b.byAccount {
		of.all = slices.DeleteFunc(of.all, func(r *release) bool { return r.over() && b.now().Sub(r.begun) > releasesTime })
		if len(of.all) == 0 {
			delete(b.byAccount, owner)
		}
	}
}

// find returns a release that the caller may ask about, nil if there is none.
func (b *releases) find(c control.Caller, id string) *release {
	b.mu.Lock()
	defer b.mu.Unlock()
	for owner, of := range b.byAccount {
		if owner != c.UID && !c.Admin {
			continue
		}
		if i := slices.IndexFunc(of.all, func(r *release) bool { return r.id == id }); i >= 0 {
			return of.all[i]
		}
	}
	return nil
}
