package local

import (
	"context"
	"net/http"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/web"
)

// resultView is what became of one job, as a page shows it.
type resultView struct {
	Title, State, Printer string
	Reason                said
	Message               string // in the agent's own words, where there is more to say
	Counted               string
}

// resultStates are the states of a result, and the text of each.
var resultStates = map[string]string{
	"delivered": "result.delivered", "not_sent": "result.not_sent", "uncertain": "result.uncertain", "canceled": "result.canceled",
	control.Releasing: "result.releasing",
}

func (s *Server) resultViews(t *web.Texts, one release, printers []control.Printer) (out []resultView) {
	for _, x := range one.progress.Results {
		v := resultView{Title: one.titles[x.Job], State: string(x.State), Printer: nameOf(printers, x.Printer), Reason: say(t, x.Reason, "")}
		if v.Title == "" {
			v.Title = x.Job
		}
		if key := resultStates[string(x.State)]; key != "" {
			v.State = t.Say(key)
		}
		// English has the agent's sentence, which says more than the reason's.
		if v.Message = x.Message; t.Language() == "en" && v.Message != "" {
			v.Reason = said{}
		}
		if x.PagesPrinted != nil {
			v.Counted = t.Say("result.counted", "Count", *x.PagesPrinted)
		}
		out = append(out, v)
	}
	return out
}

// ended is how many jobs of a release have ended.
func ended(p control.Progress) (n int) {
	for _, x := range p.Results {
		if x.State != control.Releasing {
			n++
		}
	}
	return n
}

// releaseText is a release in one line.
func (s *Server) releaseText(t *web.Texts, one release) string {
	if len(one.progress.Results) != 1 {
		return t.Say("release.several", "Over", ended(one.progress), "Count", len(one.progress.Results))
	}
	x := one.progress.Results[0]
	state := string(x.State)
	if key := resultStates[state]; key != "" {
		state = t.Say(key)
	}
	return t.Say("release.one", "Title", one.titles[x.Job], "State", state)
}

// releaseData is what the page of a release shows.
type releaseData struct {
	*web.Texts
	Results []resultView
	Done    bool
	Over    int
	Far     string
	Broken  string
}

func (s *Server) releasePage(w http.ResponseWriter, r *http.Request) {
	one, ok := s.releases.find(r.PathValue("id"))
	if !ok {
		s.fail(w, r, "jobs", &control.Error{Code: control.CodeNotFound})
		return
	}
	ctx, cancel := asking(r)
	defer cancel()
	p := s.page(r, "release.title")
	printers, err := s.printers(ctx)
	if err != nil {
		printers = nil // the ids have to do
	}
	d := releaseData{Texts: p.Texts, Results: s.resultViews(p.Texts, one, printers), Done: one.done(), Over: ended(one.progress)}
	d.Far = p.Say("release.far", "Over", d.Over, "Count", len(d.Results))
	if one.err != nil {
		x, _ := explain(p.Texts, one.err)
		d.Broken = x.Text
	}
	if !d.Done {
		p.Refresh = refreshEvery
	}
	p.Data = d
	s.write(w, http.StatusOK, "release", p)
}

// maxPIN is what job-password may have: PWG 5100.11.
const maxPIN = 255

var errPIN = &control.Error{Code: control.CodeUsage, Message: "a PIN has 1 to 255 bytes"}

func (s *Server) releaseJob(w http.ResponseWriter, r *http.Request) {
	pin := r.PostFormValue("pin")
	if len(pin) > maxPIN {
		s.fail(w, r, "jobs", errPIN)
		return
	}
	req := control.Release{Jobs: []string{r.PathValue("id")}, Printer: r.PostFormValue("printer")}
	if pin != "" {
		req.PIN = []byte(pin)
	}
	s.releaseThen(w, r, req)
}

// releaseAll releases what the page of all jobs counts as releasable. Where an
// administrator sees several people's jobs there is no such button.
func (s *Server) releaseAll(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	jobs, err := s.agent.Jobs(ctx)
	if err != nil {
		s.fail(w, r, "jobs", err)
		return
	}
	req := control.Release{Printer: r.PostFormValue("printer")}
	for _, j := range jobs {
		if releasable(j) {
			req.Jobs = append(req.Jobs, j.ID)
		}
	}
	if len(req.Jobs) == 0 || owners(jobs) > 1 {
		s.goOn(w, r, "jobs")
		return
	}
	s.releaseThen(w, r, req)
}

// releaseThen asks for a release and leads to its page.
func (s *Server) releaseThen(w http.ResponseWriter, r *http.Request, req control.Release) {
	ctx, cancel := asking(r)
	defer cancel()
	p, err := s.release(ctx, req)
	if err != nil {
		s.fail(w, r, "jobs", err)
		return
	}
	s.goOn(w, r, "releases/"+p.ID)
}

// release asks the agent, remembers the printer and follows what comes of it.
func (s *Server) release(ctx context.Context, req control.Release) (control.Progress, error) {
	titles := map[string]string{}
	jobs, err := s.agent.Jobs(ctx)
	if err != nil {
		return control.Progress{}, err
	}
	for _, j := range jobs {
		titles[j.ID] = j.Title
	}
	p, err := s.agent.Release(ctx, req)
	if err != nil {
		return p, err
	}
	if err := s.preferences.Used(req.Printer); err != nil {
		s.log.Warn("the printer that was used could not be remembered", "error", err)
	}
	s.releases.follow(p, titles)
	s.changes.tell()
	return p, nil
}
