package control

import (
	"log/slog"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/loglimit"
)

// audits logs requests that change something: one line each, with the uid or SID
// of the account, never its name. Refused requests have one line a minute for each
// account and code.
type audits struct {
	log *slog.Logger

	mu      sync.Mutex
	refused map[string]*loglimit.Limiter // by account
}

// mostAudited is how many accounts have limits of their own; beyond it all start
// anew.
const mostAudited = 256

func newAudits(log *slog.Logger) *audits {
	return &audits{log: log, refused: map[string]*loglimit.Limiter{}}
}

// add logs a request. key is the account that it counts against.
func (a *audits) add(route Route, key, account string, about *subject, err error) {
	args := append([]any{"route", route.Method + " " + route.Pattern, "account", account}, about.args()...)
	if err == nil {
		a.log.Info("control request", append(args, "outcome", "ok")...)
		return
	}
	code := string(asError(err).Code)
	a.limiter(key).Info("control request", code, append(args, "outcome", "refused")...)
}

func (a *audits) limiter(key string) *loglimit.Limiter {
	a.mu.Lock()
	defer a.mu.Unlock()
	if l, ok := a.refused[key]; ok {
		return l
	}
	if len(a.refused) >= mostAudited {
		clear(a.refused)
	}
	l := loglimit.New(a.log, time.Now)
	a.refused[key] = l
	return l
}

// subject is what a request is about, without text of the caller's: ids of jobs
// and releases.
type subject struct {
	jobs    []string
	release string
}

func newSubject(r *http.Request) *subject {
	if id := r.PathValue("id"); id != "" {
		return &subject{jobs: []string{id}}
	}
	return new(subject)
}

// job notes the job of an answer and returns the answer.
func (s *subject) job(j Job, err error) (Job, error) {
	if err == nil {
		s.jobs = []string{j.ID}
	}
	return j, err
}

func (s *subject) args() (args []any) {
	if s.release != "" {
		args = append(args, "release", s.release)
	}
	if len(s.jobs) != 1 {
		if n := len(s.jobs); n > 0 {
			args = append(args, "jobs", n)
		}
		return args
	}
	if idOfJob.MatchString(s.jobs[0]) {
		args = append(args, "job", s.jobs[0])
	}
	return args
}

// idOfJob matches a whole id; the start of an id may be any text.
var idOfJob = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
