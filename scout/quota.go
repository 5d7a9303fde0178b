package scout

import (
	"fmt"
	"strings"
	"sync"

	"github.com/printscout/printscout/spooler"
)

// quotaOwner returns the key under which jobs of a user are counted, which is
// not a user name. A name that is only claimed is counted separately, so that
// it cannot use up another person's share; accounts without a name, of which
// one person may have many in a user namespace, share one key.
func quotaOwner(user string, from spooler.Source) string {
	switch {
	case from != spooler.FromKernel:
		return "claim " + user
	case strings.HasPrefix(user, "#"):
		return "unnamed"
	}
	return "user " + user
}

// quota counts what is on its way into the vault, by quotaOwner. What is
// parked is in the table.
type quota struct {
	mu    sync.Mutex
	bytes map[string]int64
	jobs  map[string]int
	total int64 // of all
}

func newQuota() *quota { return &quota{bytes: map[string]int64{}, jobs: map[string]int{}} }

// beginJob counts one more job of an owner and returns how many are on their
// way.
func (q *quota) beginJob(owner string) (jobs int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs[owner]++
	return q.jobs[owner]
}

// inTransit returns what is on its way: jobs and bytes of an owner, and bytes
// of all owners.
func (q *quota) inTransit(owner string) (jobs int, own, all int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.jobs[owner], q.bytes[owner], q.total
}

// addBytes counts bytes of an owner and returns how many are on their way, of
// this owner and of all.
func (q *quota) addBytes(owner string, n int) (own, all int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes[owner] += int64(n)
	q.total += int64(n)
	return q.bytes[owner], q.total
}

// endJob forgets a job that has been parked or given up.
func (q *quota) endJob(owner string, bytes int64) {
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

// quotaShare is what one document may still use of its owner's quota.
type quotaShare struct {
	scout  *Scout
	owner  string
	parked int64 // bytes of the owner that were parked at the last refresh
	all    int64 // bytes of all owners
	bytes  int64
	next   int64 // how many bytes to reach before the next refresh
	over   sync.Once
}

// lookEvery is how many bytes may come before the parked bytes are looked up
// again.
const lookEvery = 16 << 20

// openShare refuses a document whose owner already has the number of jobs or
// bytes that one person may have.
func (s *Scout) openShare(owner string) (*quotaShare, error) {
	sh := &quotaShare{scout: s, owner: owner}
	jobs := s.quota.beginJob(owner)
	jobs += sh.refreshParked()
	if most := s.liveSettings().UserJobs; most > 0 && jobs > most {
		sh.endJob()
		return nil, tooManyJobs(most)
	}
	if err := sh.addBytes(0); err != nil {
		sh.endJob()
		return nil, err
	}
	return sh, nil
}

// refreshParked looks up what is parked and returns how many jobs of the owner
// are.
func (sh *quotaShare) refreshParked() (jobs int) {
	jobs, sh.parked, sh.all = sh.scout.table.quotaSums(sh.owner)
	sh.next = sh.bytes + lookEvery
	return jobs
}

// addBytes counts bytes of the document and refuses them if they are too many
// for a job, a person or this computer.
func (sh *quotaShare) addBytes(n int) error {
	set := sh.scout.liveSettings()
	if most := int64(set.MaxJobMB) << 20; most > 0 && sh.bytes+int64(n) > most {
		return overQuota(jobTooLarge, set.MaxJobMB)
	}
	if sh.bytes += int64(n); sh.bytes >= sh.next {
		sh.refreshParked()
	}
	coming, all := sh.scout.quota.addBytes(sh.owner, n)
	if most := int64(set.TotalQuotaMB) << 20; most > 0 && sh.all+all > most {
		return overTotal(set.TotalQuotaMB)
	}
	if most := int64(set.UserQuotaMB) << 20; most > 0 && sh.parked+coming > most {
		return overQuota(shareUsedUp, set.UserQuotaMB)
	}
	return nil
}

// endJob gives the share back; only the first call counts.
func (sh *quotaShare) endJob() { sh.over.Do(func() { sh.scout.quota.endJob(sh.owner, sh.bytes) }) }

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
