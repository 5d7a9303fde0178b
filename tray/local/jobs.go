package local

import (
	"net/http"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/web"
)

// jobView is a job as a page shows it.
type jobView struct {
	control.Job
	*web.Texts

	State      string // in words; hides the one of the job
	Facts      []string
	Reason     said
	Others     bool // somebody else's, that an administrator sees
	CanRelease bool
	CanResolve bool
	CanCancel  bool
	CancelText string
	Quick      []option
}

// said is a sentence, in the page's language or in the agent's own words.
type said struct {
	Text    string
	Foreign bool
}

// say prefers the sentence of a reason word.
func say(t *web.Texts, word, otherwise string) said {
	if text := t.SayReason(word, ""); text != "" {
		return said{Text: text}
	}
	return said{otherwise, otherwise != "" && t.Language() != "en"}
}

// jobStates are the states that a job is seen in, and the text of each.
var jobStates = map[string]string{
	"receiving": "state.receiving", "parked": "state.parked", "waiting": "state.waiting", "releasing": "state.releasing",
	"uncertain": "state.uncertain", "delivered": "state.delivered", "canceled": "state.canceled", "expired": "state.expired",
	control.Refused: "state.refused",
}

func stateText(t *web.Texts, state string) string {
	if key := jobStates[state]; key != "" {
		return t.Say(key)
	}
	return state
}

// view shows a job. Whose it is, is said where there are several people's.
func view(t *web.Texts, j control.Job, others bool) jobView {
	v := jobView{
		Job: j, Texts: t, State: stateText(t, j.State), Facts: facts(t, j), Reason: say(t, j.ReasonWord, j.Reason), Others: others,
		CanRelease: j.State == "parked", CanResolve: j.State == "uncertain", CanCancel: true, CancelText: t.Say("jobs.cancel"),
	}
	if j.State == control.Refused { // the state says that it was refused
		v.CancelText, v.Reason.Text = t.Say("jobs.forget"), strings.TrimPrefix(v.Reason.Text, "refused: ")
	}
	return v
}

// facts are what tells one job from another.
func facts(t *web.Texts, j control.Job) []string {
	all := []string{pagesText(t, j), t.Say("jobs.printed", "Time", t.SayTime(j.Created))}
	if j.State == "parked" || j.State == "waiting" || j.State == "uncertain" {
		all = append(all, t.Say("jobs.expires", "Time", t.SayTime(j.Expires)))
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// pagesText is how many pages a job has, "" where that is not known.
func pagesText(t *web.Texts, j control.Job) string {
	switch {
	case j.Pages == nil:
		return ""
	case j.PagesCertainty != "exact":
		return t.Say("jobs.pages.about", "Count", *j.Pages)
	}
	return t.Say("jobs.pages", "Count", *j.Pages)
}

// shownJobs is how many jobs one page shows, the newest first.
const shownJobs = 300

// jobsData is what the page of all jobs shows.
type jobsData struct {
	Summary    string
	Waiting    bool // for the person to register
	Releasable int
	Choice     choice
	Jobs       []jobView
	Releases   []lately
}

// lately is a release that was asked for on these pages.
type lately struct{ ID, Text string }

// releasable reports whether a job comes out with all others: one with a PIN
// needs that.
func releasable(j control.Job) bool { return j.State == "parked" && !j.PINRequired }

// owners is how many people's jobs they are.
func owners(jobs []control.Job) int {
	all := map[string]bool{}
	for _, j := range jobs {
		all[j.User] = true
	}
	return len(all)
}

func (s *Server) jobsPage(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	jobs, err := s.agent.Jobs(ctx)
	if err != nil {
		s.fail(w, r, "jobs", err)
		return
	}
	p := s.page(r, "jobs.title")
	var d jobsData
	// A computer that has not joined a site has jobs, and no printers.
	if printers, err := s.printers(ctx); err == nil {
		d.Choice = s.choose(p.Texts, printers)
	}
	several := owners(jobs) > 1
	waits := 0
	for _, j := range slices.Backward(jobs) {
		if len(d.Jobs) < shownJobs {
			v := view(p.Texts, j, several)
			if v.CanRelease && !j.PINRequired {
				v.Quick = d.Choice.quick(j.ID)
			}
			d.Jobs = append(d.Jobs, v)
		}
		d.Waiting = d.Waiting || j.State == "waiting"
		if releasable(j) && len(d.Choice.Groups) > 0 && !several {
			d.Releasable++
		}
		if j.State == "parked" || j.State == "waiting" {
			waits++
		}
		if j.State == "releasing" {
			p.Refresh = refreshEvery
		}
	}
	d.Summary = p.Say("jobs.waiting", "Count", waits)
	if len(jobs) > shownJobs {
		d.Summary += " " + p.Say("jobs.more", "Count", shownJobs)
	}
	for _, one := range s.releases.lately() {
		d.Releases = append(d.Releases, lately{one.id, s.releaseText(p.Texts, one)})
	}
	p.Data = d
	s.write(w, http.StatusOK, "jobs", p)
}

// jobData is what the page of one job shows.
type jobData struct {
	Job    jobView
	Choice choice
	Rows   []row
	Ask    bool // whether it is really to be canceled
}

func (s *Server) jobPage(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	j, err := s.agent.Job(ctx, r.PathValue("id"))
	if err != nil {
		s.fail(w, r, "jobs", err)
		return
	}
	p := s.page(r, "jobs.title")
	p.Title = j.Title
	d := jobData{Job: view(p.Texts, j, false), Ask: r.URL.Query().Get("ask") == "cancel"}
	printers, err := s.printers(ctx)
	if err == nil && d.Job.CanRelease {
		d.Choice = s.choose(p.Texts, printers)
	}
	d.Rows = jobRows(p.Texts, j, nameOf(printers, j.Printer))
	if j.State == "releasing" {
		p.Refresh = refreshEvery
	}
	p.Data = d
	s.write(w, http.StatusOK, "job", p)
}

// jobRows is what is known of a job, and how sure it is.
func jobRows(t *web.Texts, j control.Job, printer string) []row {
	copies := ""
	if j.Copies > 1 {
		copies = t.Say("job.copies.count", "Count", j.Copies)
	}
	only := ""
	if j.OnlyHere {
		only = t.Say("job.only")
	}
	return rows(
		row{t.Say("job.owner"), j.User}, row{t.Say("job.pages"), pagesText(t, j)}, row{t.Say("job.copies"), copies},
		row{t.Say("job.application"), j.Application}, row{t.Say("job.format"), j.Format},
		row{t.Say("job.printed"), t.SayTime(j.Created)}, row{t.Say("job.expires"), t.SayTime(j.Expires)},
		row{t.Say("job.printer"), printer}, row{t.Say("job.where"), only}, row{t.Say("job.id"), j.ID},
	)
}

func (s *Server) cancelJob(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	if _, err := s.agent.Cancel(ctx, r.PathValue("id")); err != nil {
		s.fail(w, r, "jobs", err)
		return
	}
	s.changes.tell()
	s.goOn(w, r, "jobs")
}

func (s *Server) resolveJob(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	if _, err := s.agent.Resolve(ctx, r.PathValue("id"), r.PostFormValue("said")); err != nil {
		s.fail(w, r, "jobs", err)
		return
	}
	s.changes.tell()
	s.goOn(w, r, "jobs")
}
