package cloud

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

const (
	// longestStay bounds how long the index keeps a job that its scout does
	// not mention again, whatever its expiry.
	longestStay = 31 * 24 * time.Hour
	// awayFor is how long the jobs of a scout that is gone still count for
	// "all": after that they may no longer be there.
	awayFor = 5 * time.Minute
)

// jobIndex is what scouts have said about their jobs: soft state, right again
// after each of them has connected.
type jobIndex struct {
	mu     sync.RWMutex
	jobs   map[string]*heldJob
	scouts map[string]map[string]*heldJob
	users  map[string]map[string]*heldJob // by owner tag
	away   map[string]time.Time           // when scouts with jobs were last lost
}

// heldJob is a job and the scout that holds it. It is not changed once it is
// in the index.
type heldJob struct {
	scout string
	job   wire.Job
	until time.Time // when it is dropped
}

func newIndex() *jobIndex {
	return &jobIndex{jobs: make(map[string]*heldJob), scouts: make(map[string]map[string]*heldJob),
		users: make(map[string]map[string]*heldJob), away: make(map[string]time.Time)}
}

// putJob adds or replaces a job; it returns false if the job is another
// scout's, is one too many, or has no expiry.
func (x *jobIndex) putJob(scout string, j wire.Job, now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.addJob(scout, j, now)
}

// addJob is putJob with mu held.
func (x *jobIndex) addJob(scout string, j wire.Job, now time.Time) bool {
	known := x.jobs[j.ID]
	switch {
	case j.Expires.IsZero(), known != nil && known.scout != scout, known == nil && len(x.scouts[scout]) >= wire.MaxJobs:
		return false
	case known != nil:
		x.dropJob(known)
	}
	h := &heldJob{scout: scout, job: j, until: j.Expires}
	if latest := now.Add(longestStay); latest.Before(h.until) {
		h.until = latest
	}
	x.jobs[j.ID] = h
	addTo(x.scouts, scout, h)
	addTo(x.users, j.User, h)
	return true
}

func addTo(m map[string]map[string]*heldJob, key string, h *heldJob) {
	if m[key] == nil {
		m[key] = make(map[string]*heldJob)
	}
	m[key][h.job.ID] = h
}

func removeFrom(m map[string]map[string]*heldJob, key string, h *heldJob) {
	delete(m[key], h.job.ID)
	if len(m[key]) == 0 {
		delete(m, key)
	}
}

// dropJob removes a job from all maps; mu is held.
func (x *jobIndex) dropJob(h *heldJob) {
	delete(x.jobs, h.job.ID)
	removeFrom(x.scouts, h.scout, h)
	removeFrom(x.users, h.job.User, h)
}

// removeJob removes a job, if it is the scout's.
func (x *jobIndex) removeJob(scout, id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if h := x.jobs[id]; h != nil && h.scout == scout {
		x.dropJob(h)
	}
}

// replaceJobs makes jobs all that the scout has; it returns how many were
// refused.
func (x *jobIndex) replaceJobs(scout string, jobs []wire.Job, now time.Time) (refused int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.dropScoutJobs(scout)
	for _, j := range jobs {
		if !x.addJob(scout, j, now) {
			refused++
		}
	}
	return refused
}

// dropScoutJobs removes all jobs of a scout; mu is held.
func (x *jobIndex) dropScoutJobs(scout string) {
	for _, h := range x.scouts[scout] {
		x.dropJob(h)
	}
}

// forgetScout drops all that is known of a scout.
func (x *jobIndex) forgetScout(scout string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.dropScoutJobs(scout)
	delete(x.away, scout)
}

// scoutIDs returns the scouts that have jobs.
func (x *jobIndex) scoutIDs() []string {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return slices.Collect(maps.Keys(x.scouts))
}

// scoutLeft notes that a scout is no longer connected.
func (x *jobIndex) scoutLeft(scout string, now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.scouts[scout]) > 0 {
		x.away[scout] = now
	}
}

// matchesDigest reports whether the index holds the jobs that a hello
// describes.
func (x *jobIndex) matchesDigest(h wire.Hello) bool {
	x.mu.RLock()
	jobs := make([]wire.Job, 0, len(x.scouts[h.Scout]))
	for _, held := range x.scouts[h.Scout] {
		jobs = append(jobs, held.job)
	}
	x.mu.RUnlock()
	return wire.Digest(jobs) == h.JobsDigest
}

// findJob returns a job and its scout; nil if there is none, or it has
// expired.
func (x *jobIndex) findJob(id string, now time.Time) *heldJob {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if h := x.jobs[id]; h != nil && now.Before(h.until) {
		return h
	}
	return nil
}

func (x *jobIndex) countJobs(scout string) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.scouts[scout])
}

// selection says which jobs are meant; the zero value means all.
type selection struct {
	user, scout string                  // only of this owner tag, only of this scout
	online      func(scout string) bool // if set, leave out jobs of scouts that have been away for long
}

// listJobs returns the jobs of a selection, oldest first.
func (x *jobIndex) listJobs(s selection, now time.Time) []*heldJob {
	x.mu.RLock()
	from := x.jobs
	switch {
	case s.user != "":
		from = x.users[s.user]
	case s.scout != "":
		from = x.scouts[s.scout]
	}
	found := make([]*heldJob, 0, len(from))
	for h := range maps.Values(from) {
		if now.Before(h.until) && (s.scout == "" || h.scout == s.scout) && !x.isLost(h.scout, s.online, now) {
			found = append(found, h)
		}
	}
	x.mu.RUnlock()
	slices.SortFunc(found, func(a, b *heldJob) int { return positionOf(a).compare(positionOf(b)) })
	return found
}

// isLost reports whether a scout has been away for too long to count on its
// jobs.
func (x *jobIndex) isLost(scout string, online func(string) bool, now time.Time) bool {
	since, away := x.away[scout]
	return away && online != nil && now.Sub(since) >= awayFor && !online(scout)
}

// dropExpired drops the jobs whose time is over. Requests do not wait for it:
// they check the expiry of each job that they find.
func (x *jobIndex) dropExpired(now time.Time) {
	x.mu.RLock()
	var over []*heldJob
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
			x.dropJob(h)
		}
	}
	for scout := range x.away {
		if len(x.scouts[scout]) == 0 {
			delete(x.away, scout)
		}
	}
}
