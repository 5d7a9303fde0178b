package scout

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// These limits say what one account may have running, and what is remembered
// for it.
const (
	releasesInHand = 500
	// jobsAtOnce is how many of its jobs are brought to printers at the same
	// time; the next one waits, so that another person's need not wait for
	// more.
	jobsAtOnce = 8
	// jobsInHand bounds the jobs of its running releases, and of those
	// remembered: as many as one person may have parked by default (UserJobs),
	// and some more.
	jobsInHand = 25_000
	// releasesKept is how many are remembered for callers who ask for their
	// results, for releasesTime at most.
	releasesKept = 50
	releasesTime = time.Hour
)

// releases are the running ones and those that ended lately, by account: the
// requests of one person do not displace another's.
type releases struct {
	now func() time.Time

	mu        sync.Mutex
	byAccount map[string]*accountReleases
}

// accountReleases are the releases of one account.
type accountReleases struct {
	all  []*release    // oldest first
	turn chan struct{} // has room for jobsAtOnce
}

func newReleases(now func() time.Time) *releases {
	return &releases{now: now, byAccount: map[string]*accountReleases{}}
}

// add adds a release, unless its owner has too many running.
func (b *releases) add(r *release) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgetOld()
	of := b.byAccount[r.owner]
	if of == nil {
		of = &accountReleases{turn: make(chan struct{}, jobsAtOnce)}
	}
	held, jobs := 0, len(r.results)
	for _, one := range of.all {
		if !one.isDone() {
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
	of.all, r.turn = trimEnded(append(of.all, r)), of.turn
	b.byAccount[r.owner] = of
	return nil
}

// trimEnded forgets the oldest that are done, until no more are left than are
// kept for an account.
func trimEnded(all []*release) []*release {
	jobs := 0
	for _, r := range all {
		jobs += len(r.results)
	}
	n := len(all)
	return slices.DeleteFunc(all, func(r *release) bool {
		if n <= releasesKept && jobs <= jobsInHand || !r.isDone() {
			return false
		}
		n--
		jobs -= len(r.results)
		return true
	})
}

// forgetOld forgets releases that ended long ago.
func (b *releases) forgetOld() {
	for owner, of := range b.byAccount {
		of.all = slices.DeleteFunc(of.all, func(r *release) bool { return r.isDone() && b.now().Sub(r.begun) > releasesTime })
		if len(of.all) == 0 {
			delete(b.byAccount, owner)
		}
	}
}

// findFor returns a release that the caller may ask about, nil if there is
// none.
func (b *releases) findFor(c control.Caller, id string) *release {
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
