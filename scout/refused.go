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
	refusedOfAll  = 1_000 // of everybody
	refusedPrefix = "refused: "
)

// refusedJobs are the jobs of the last day that were refused: a line each in
// their owners' listings, since a print queue may have called them printed.
// Nothing of a document is in them, and they do not outlast the agent.
type refusedJobs struct {
	now func() time.Time

	mu   sync.Mutex
	jobs []refusedJob // oldest first
}

type refusedJob struct {
	id    uuid.UUID
	owner string // canonical
	at    time.Time
	spooler.Refused
}

// add notes one that was refused. A queue that sends a job again and again has
// one line.
func (r *refusedJobs) add(j spooler.Refused) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	owner := identity.Canonical(j.User)
	at := slices.IndexFunc(r.jobs, func(o refusedJob) bool { return o.owner == owner && o.Title == j.Title })
	one := refusedJob{id: uuid.New(), owner: owner, at: r.now(), Refused: j}
	if at >= 0 {
		one.id = r.jobs[at].id
		r.jobs = slices.Delete(r.jobs, at, at+1)
	}
	r.jobs = append(r.jobs, one)
	r.bound(func(o refusedJob) bool { return o.owner == owner }, refusedOfOne)
	r.bound(func(refusedJob) bool { return true }, refusedOfAll)
}

// bound drops the oldest of those that match, over a number.
func (r *refusedJobs) bound(match func(refusedJob) bool, most int) {
	n := 0
	for _, j := range r.jobs {
		if match(j) {
			n++
		}
	}
	r.jobs = slices.DeleteFunc(r.jobs, func(j refusedJob) bool {
		over := n > most && match(j)
		if over {
			n--
		}
		return over
	})
}

func (r *refusedJobs) forget() {
	r.jobs = slices.DeleteFunc(r.jobs, func(j refusedJob) bool { return r.now().Sub(j.at) >= keepRefused })
}

// taken drops the line of a job that was printed again and is parked now.
func (r *refusedJobs) taken(user, title string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	owner := identity.Canonical(user)
	r.jobs = slices.DeleteFunc(r.jobs, func(j refusedJob) bool { return j.owner == owner && j.Title == title })
}

// of returns the lines that a caller may see, oldest first.
func (r *refusedJobs) of(c control.Caller) (out []refusedJob) {
	name := identity.Canonical(userOf(c))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	for _, j := range r.jobs {
		if c.Admin || name != "" && name == j.owner {
			out = append(out, j)
		}
	}
	return out
}

// find returns the caller's one whose id begins so.
func (r *refusedJobs) find(c control.Caller, id string) (refusedJob, bool) {
	const least = 4
	all := r.of(c)
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
	r.jobs = slices.DeleteFunc(r.jobs, func(j refusedJob) bool { return j.id == id })
}

func (j refusedJob) view() control.Job {
	return control.Job{
		ID: j.id.String(), Title: j.Title, User: j.User, UserSource: string(j.Source), State: control.Refused,
		PagesCertainty: "unknown", Copies: 1, Color: docinfo.ColorUnknown,
		Created: j.at, Expires: j.at.Add(keepRefused), Reason: refusedPrefix + j.Message,
	}
}

// Refused keeps a line for the owner of a job that was not taken.
func (s intake) Refused(j spooler.Refused) { s.refused.add(j) }
