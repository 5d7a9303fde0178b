package scout

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/spooler/docinfo"
)

const (
	keepRefused   = 24 * time.Hour
	refusedOfOne  = 20    // of one person
	refusedOfAll  = 1_000 // of all persons
	refusedPrefix = "refused: "
)

// refusedJobs are the jobs that were refused during the last day: a line each
// in their owners' listings, since a print queue may have called them printed.
// They hold nothing of a document and do not outlast the agent.
type refusedJobs struct {
	now  func() time.Time
	tell *hub // of what changes; nil: nobody

	mu   sync.Mutex
	jobs []refusedJob // oldest first
}

type refusedJob struct {
	id    uuid.UUID
	owner string // canonical
	at    time.Time
	spooler.Refused
}

// addLine adds a line for a refused job. A job that a queue sends again and
// again has one line.
func (r *refusedJobs) addLine(j spooler.Refused) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropExpired()
	owner := identity.Canonical(j.User)
	at := slices.IndexFunc(r.jobs, func(o refusedJob) bool { return o.owner == owner && o.Title == j.Title })
	one := refusedJob{id: uuid.New(), owner: owner, at: r.now(), Refused: j}
	if at >= 0 {
		one.id = r.jobs[at].id
		r.jobs = slices.Delete(r.jobs, at, at+1)
	}
	r.jobs = append(r.jobs, one)
	r.dropOldest(func(o refusedJob) bool { return o.owner == owner }, refusedOfOne)
	r.dropOldest(func(refusedJob) bool { return true }, refusedOfAll)
	r.tell.refusedChanged(one)
}

// dropOldest drops the oldest matching lines beyond a number.
func (r *refusedJobs) dropOldest(match func(refusedJob) bool, most int) {
	n := 0
	for _, j := range r.jobs {
		if match(j) {
			n++
		}
	}
	r.drop(func(j refusedJob) bool {
		over := n > most && match(j)
		if over {
			n--
		}
		return over
	})
}

// drop drops the lines that match; mu is held.
func (r *refusedJobs) drop(match func(refusedJob) bool) {
	r.jobs = slices.DeleteFunc(r.jobs, func(j refusedJob) bool {
		if !match(j) {
			return false
		}
		r.tell.refusedGone(j)
		return true
	})
}

// dropExpired drops the lines that are older than keepRefused; mu is held.
func (r *refusedJobs) dropExpired() {
	r.drop(func(j refusedJob) bool { return r.now().Sub(j.at) >= keepRefused })
}

// expireLines drops the lines that are older than keepRefused.
func (r *refusedJobs) expireLines() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropExpired()
}

// dropPrintedAgain drops the line of a job that was printed again and is
// parked now.
func (r *refusedJobs) dropPrintedAgain(user, title string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	owner := identity.Canonical(user)
	r.drop(func(j refusedJob) bool { return j.owner == owner && j.Title == title })
}

// listFor returns the lines that a caller may see, oldest first.
func (r *refusedJobs) listFor(c control.Caller) (out []refusedJob) {
	name := identity.Canonical(userOf(c))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropExpired()
	for _, j := range r.jobs {
		if c.Admin || name != "" && name == j.owner {
			out = append(out, j)
		}
	}
	return out
}

// findFor returns the caller's line whose id begins with id.
func (r *refusedJobs) findFor(c control.Caller, id string) (refusedJob, bool) {
	const least = 4
	all := r.listFor(c)
	i := slices.IndexFunc(all, func(j refusedJob) bool { return len(id) >= least && strings.HasPrefix(j.id.String(), id) })
	if i < 0 {
		return refusedJob{}, false
	}
	return all[i], true
}

// dismiss drops a line for good.
func (r *refusedJobs) dismiss(id uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(func(j refusedJob) bool { return j.id == id })
}

// controlJob returns the line as the local API shows it.
func (j refusedJob) controlJob() control.Job {
	return control.Job{
		ID: j.id.String(), Title: j.Title, User: j.User, UserSource: string(j.Source), State: control.Refused,
		PagesCertainty: "unknown", Copies: 1, Color: docinfo.ColorUnknown,
		Created: j.at, Expires: j.at.Add(keepRefused), Reason: refusedPrefix + j.Message,
	}
}

// Refused adds a line for the owner of a job that was refused.
func (s intake) Refused(j spooler.Refused) { s.refused.addLine(j) }
