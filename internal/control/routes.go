package control

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"

	"github.com/printscout/printscout/internal/identity"
)

// Who says who may call a route.
type Who string

// Any is everybody on this computer, Owner the owner of the job, or the
// person, in question or an administrator, Admin an administrator alone.
const (
	Any   Who = "any"
	Owner Who = "owner"
	Admin Who = "admin"
)

// Caller is who calls, from the kernel.
type Caller = identity.Peer

// Agent is what answers. It is asked only by callers that a route's Who lets
// in; of Owner's routes it must itself keep to the caller's own jobs and name.
type Agent interface {
	Status(Caller) Status
	// Jobs are read while they are sent, each at its time.
	Jobs(Caller) iter.Seq[Job]
	Job(Caller, string) (Job, error)
	Cancel(ctx context.Context, c Caller, id string) (Job, error)
	// Resolve takes a person's word on a job whose fate is uncertain.
	Resolve(c Caller, id string, r Resolution) (Job, error)
	Release(Caller, Release) (Report, error)
	// Wait returns how far the release has come once it is done or ctx ends.
	Wait(ctx context.Context, c Caller, id string) (Report, error)
	Printers(Caller) (iter.Seq[Printer], error)
	// Events returns what changes, until ctx ends: only the caller's own jobs, for
	// an administrator too. It begins with the present state, up to EventReady. A
	// job that changes several times while the reader is busy comes once.
	Events(context.Context, Caller) iter.Seq[Event]
	Enroll(context.Context, Enrollment) (Enrolled, error)
	Unenroll(context.Context, Leaving) (Left, error)
	People(Caller) []Person
	Register(Caller, Registration) (Person, error)
	Unregister(c Caller, name string) (Person, error)
	Settings(Caller) Settings
}

// Route is one thing that can be asked.
type Route struct {
	Method  string
	Pattern string // of http.ServeMux
	Who     Who
	Audited bool // each request has a line in the log

	do func(*Server, request) (status int, answer any, err error)
}

// request is one call: its body is read, its caller known.
type request struct {
	*http.Request
	caller Caller
	body   []byte
	place  *place
	about  *subject
}

// Routes is everything that can be asked on the socket.
func Routes() []Route {
	return []Route{
		{"GET", "/v1/status", Any, false, func(s *Server, q request) (int, any, error) {
			return http.StatusOK, s.agent.Status(q.caller), nil
		}},
		{"GET", "/v1/settings", Any, false, func(s *Server, q request) (int, any, error) {
			return http.StatusOK, s.agent.Settings(q.caller), nil
		}},
		{"GET", "/v1/printers", Any, false, func(s *Server, q request) (int, any, error) {
			printers, err := s.agent.Printers(q.caller)
			if err != nil {
				return 0, nil, err
			}
			return http.StatusOK, listed(printers), nil
		}},
		{"GET", "/v1/jobs", Owner, false, func(s *Server, q request) (int, any, error) {
			return http.StatusOK, listed(s.agent.Jobs(q.caller)), nil
		}},
		{"GET", "/v1/jobs/{id}", Owner, false, func(s *Server, q request) (int, any, error) {
			return answered(s.agent.Job(q.caller, q.PathValue("id")))
		}},
		{"DELETE", "/v1/jobs/{id}", Owner, true, (*Server).cancel},
		{"POST", "/v1/jobs/{id}/resolution", Owner, true, (*Server).resolve},
		{"POST", "/v1/releases", Owner, true, (*Server).release},
		{"GET", "/v1/releases/{id}", Owner, false, (*Server).wait},
		{"GET", "/v1/events", Owner, false, (*Server).events},
		{"POST", "/v1/enroll", Admin, true, (*Server).enroll},
		{"DELETE", "/v1/enrollment", Admin, true, (*Server).unenroll},
		{"GET", "/v1/people", Owner, false, (*Server).people},
		{"POST", "/v1/people", Owner, true, (*Server).register},
		{"DELETE", "/v1/people/{name}", Owner, true, (*Server).unregister},
	}
}

// answered adds the status to what an Agent's method returns.
func answered(v any, err error) (int, any, error) { return http.StatusOK, v, err }

func (s *Server) cancel(q request) (int, any, error) {
	return answered(q.about.job(s.agent.Cancel(q.Context(), q.caller, q.PathValue("id"))))
}

func (s *Server) release(q request) (int, any, error) {
	var rel Release
	if err := q.decode(&rel); err != nil {
		return 0, nil, err
	}
	q.about.jobs = rel.Jobs
	r, err := s.agent.Release(q.caller, rel)
	q.about.release = r.ID
	return reported(http.StatusAccepted)(r, err)
}

// reported joins a status to a report.
func reported(status int) func(Report, error) (int, any, error) {
	return func(r Report, err error) (int, any, error) {
		if err != nil {
			return 0, nil, err
		}
		l, err := r.listing()
		return status, l, err
	}
}

func (s *Server) resolve(q request) (int, any, error) {
	var r Resolution
	if err := q.decode(&r); err != nil {
		return 0, nil, err
	}
	if r.Said != Printed && r.Said != PrintAgain {
		return 0, nil, &Error{CodeUsage, "say printed or print-again", ""}
	}
	return answered(q.about.job(s.agent.Resolve(q.caller, q.PathValue("id"), r)))
}

func (s *Server) enroll(q request) (int, any, error) {
	var e Enrollment
	if err := q.decode(&e); err != nil {
		return 0, nil, err
	}
	return answered(s.agent.Enroll(q.Context(), e))
}

func (s *Server) unenroll(q request) (int, any, error) {
	var l Leaving
	if len(q.body) > 0 {
		if err := q.decode(&l); err != nil {
			return 0, nil, err
		}
	}
	if l.Jobs != "" && l.Jobs != KeepJobs && l.Jobs != DiscardJobs {
		return 0, nil, &Error{CodeUsage, "jobs is neither keep nor discard", ""}
	}
	return answered(s.agent.Unenroll(q.Context(), l))
}

func (q request) decode(to any) error {
	if err := json.Unmarshal(q.body, to); err != nil {
		return &Error{CodeUsage, "the request is not the json it should be: " + err.Error(), ""}
	}
	return nil
}

// maxWait is how long one request may wait; a client asks again.
const maxWait = time.Minute

func (s *Server) wait(q request) (int, any, error) {
	d, err := time.ParseDuration(q.FormValue("wait"))
	if err != nil || d < 0 {
		d = 0
	}
	ctx, cancel := context.WithTimeout(q.Context(), min(d, maxWait))
	defer cancel()
	q.place.leave()
	r, err := s.agent.Wait(ctx, q.caller, q.PathValue("id"))
	if !q.place.take(q.Context()) {
		return 0, nil, errBusy
	}
	return reported(http.StatusOK)(r, err)
}
