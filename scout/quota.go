package scout

import (
	"fmt"
	"strings"
	"sync"

	"github.com/printscout/printscout/spooler"
)

// quotaOwner returns what jobs of a user are counted under, which is no user
// name. A name that is only claimed is counted apart, so that nobody uses up
// another person's share; accounts that have no name, as many as one person may
// have in a user namespace, share one.
func quotaOwner(user string, from spooler.Source) string {
	switch {
	case from != spooler.FromKernel:
		return "claim " + user
	case strings.HasPrefix(user, "#"):
		return "unnamed"
	}
	return "user " + user
}

// quota counts what is on its way into the vault, by quotaOwner. What has been
// parked the table knows.
type quota struct {
	mu    sync.Mutex
	bytes map[string]int64
	jobs  map[string]int
	total int64 // of all
}

func newQuota() *quota { return &quota{bytes: map[string]int64{}, jobs: map[string]int{}} }

// begin counts one more job of a person and returns how many are on their way.
func (q *quota) begin(owner string) (jobs int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs[owner]++
	return q.jobs[owner]
}

// of returns what is on its way: jobs and bytes of a person, and bytes of all.
func (q *quota) of(owner string) (jobs int, own, all int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.jobs[owner], q.bytes[owner], q.total
}

// grow counts bytes of a person and returns how many are on their way, of this
// person and of all.
func (q *quota) grow(owner string, n int) (own, all int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes[owner] += int64(n)
	q.total += int64(n)
	return q.bytes[owner], q.total
}

// end forgets a job that has been parked or given up.
func (q *quota) end(owner string, bytes int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.total -= bytes
	if q.jobs[owner]--; q.jobs[owner] <= 0 {
		delete(q.jobs, owner)
		delete(q.bytes, owner)
		return
	}
	q.bytes[owner] -= bytes
}

// share is what one document may still have of its owner's quota.
type share struct {
	scout  *Scout
	owner  string
	parked int64 // bytes of the owner's that were parked when it was last looked
	all    int64 // everybody's
	bytes  int64
	next   int64 // how many bytes to have when it is looked again
	over   sync.Once
}

// lookEvery is how many bytes may come before it is looked again what has been
// parked meanwhile.
const lookEvery = 16 << 20

// openShare refuses a document whose owner has as many jobs, or as many bytes,
// as one person may have.
func (s *Scout) openShare(owner string) (*share, error) {
	sh := &share{scout: s, owner: owner}
	jobs := s.quota.begin(owner)
	jobs += sh.look()
	if most := s.cfg.Settings.UserJobs; most > 0 && jobs > most {
		sh.end()
		return nil, tooManyJobs(most)
	}
	if err := sh.grow(0); err != nil {
		sh.end()
		return nil, err
	}
	return sh, nil
}

// look takes in what is parked, and returns how many jobs of the owner's are.
func (sh *share) look() (jobs int) {
	jobs, sh.parked, sh.all = sh.scout.table.sums(sh.owner)
	sh.next = sh.bytes + lookEvery
	return jobs
}

// grow refuses bytes that are too many for a job, a person or this computer.
func (sh *share) grow(n int) error {
	set := sh.scout.cfg.Settings
	if most := int64(set.MaxJobMB) << 20; most > 0 && sh.bytes+int64(n) > most {
		return overQuota(jobTooLarge, set.MaxJobMB)
	}
	if sh.bytes += int64(n); sh.bytes >= sh.next {
		sh.look()
	}
	coming, all := sh.scout.quota.grow(sh.owner, n)
	if most := int64(set.TotalQuotaMB) << 20; most > 0 && sh.all+all > most {
		return overTotal(set.TotalQuotaMB)
	}
	if most := int64(set.UserQuotaMB) << 20; most > 0 && sh.parked+coming > most {
		return overQuota(shareUsedUp, set.UserQuotaMB)
	}
	return nil
}

func (sh *share) end() { sh.over.Do(func() { sh.scout.quota.end(sh.owner, sh.bytes) }) }

const (
	jobTooLarge = "The document is larger than %d MB, the most that a job may have here."
	shareUsedUp = "Your parked jobs have %d MB together, as much as one person may have here. Release or cancel some."
)

func tooManyJobs(most int) error {
	return overQuota("You have %d jobs parked, as many as one person may have here. Release or cancel some.", most)
}

func overTotal(most int) error {
	return &spooler.Refusal{Err: spooler.ErrNoSpace, Message: fmt.Sprintf("The parked jobs on this computer have %d MB together, as much as they may have. Release or cancel some of yours, or ask an administrator.", most)}
}

func overQuota(format string, most int) error {
	return &spooler.Refusal{Err: spooler.ErrQuota, Message: fmt.Sprintf(format, most)}
}
