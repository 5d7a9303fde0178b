package local

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/web"
)

// refreshEvery is after how many seconds a page on which something goes on is
// asked for again by a browser without a script.
const refreshEvery = 2

// askTime is how long the agent has for an answer.
const askTime = 20 * time.Second

// texts are those of the language that the person has chosen, else of the
// browser's.
func (s *Server) texts(r *http.Request) *web.Texts {
	if tag := s.preferences.Language(); web.IsLanguage(tag) {
		return web.For(tag)
	}
	return web.For(r.Header.Get("Accept-Language"))
}

// page is what each page begins with. Its title is the text of a key.
func (s *Server) page(r *http.Request, title string) web.Page {
	t := s.texts(r)
	here := strings.TrimPrefix(r.URL.Path, s.base)
	p := web.Page{Texts: t, Title: t.Say(title), Base: s.base, Home: "Print Scout", Script: "script.js", Ended: t.Say("page.ended"), Choice: "language", Back: here}
	for _, l := range []struct{ path, key string }{
		{"jobs", "nav.jobs"}, {"printers", "nav.printers"}, {"setup/welcome", "nav.setup"}, {"diagnostics", "nav.diagnostics"}, {"about", "nav.about"},
	} {
		first, _, _ := strings.Cut(l.path, "/")
		p.Links = append(p.Links, web.Link{Href: s.base + l.path, Text: t.Say(l.key), Here: strings.HasPrefix(here+"/", first+"/")})
	}
	return p
}

func (s *Server) write(w http.ResponseWriter, status int, name string, p web.Page) {
	if err := s.pages.Write(w, status, name, p); err != nil {
		s.log.Debug("a page could not be sent", "error", err)
	}
}

// goOn leads the browser to a page after a form was sent.
func (s *Server) goOn(w http.ResponseWriter, r *http.Request, to string) {
	http.Redirect(w, r, s.base+to, http.StatusSeeOther)
}

// asking returns the context of a question to the agent.
func asking(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), askTime)
}

// problem is what a page says where it cannot show what it should.
type problem struct {
	Text   string
	Detail string // in the agent's own words
	Hint   string
}

// problems are the answers of the agent that have a text of their own.
var problems = map[control.Code]struct {
	key    string
	status int
}{
	control.CodeNotFound:     {"problem.gone", http.StatusNotFound},
	control.CodeNotPermitted: {"problem.permitted", http.StatusForbidden},
	control.CodeForbidden:    {"problem.forbidden", http.StatusForbidden},
	control.CodeNotEnrolled:  {"problem.enrolled", http.StatusConflict},
	control.CodeConflict:     {"problem.conflict", http.StatusConflict},
	control.CodeBusy:         {"problem.busy", http.StatusTooManyRequests},
}

// explain returns what a person is told of an error, and the status for it.
func explain(t *web.Texts, err error) (problem, int) {
	if e, ok := errors.AsType[*control.Error](err); ok {
		x, known := problems[e.Code]
		if !known {
			x.key, x.status = "problem.failed", http.StatusInternalServerError
		}
		return problem{t.Say(x.key), e.Message, e.Hint}, x.status
	}
	switch {
	case errors.Is(err, control.ErrUnreachable):
		return problem{Text: t.Say("problem.unreachable")}, http.StatusBadGateway
	case errors.Is(err, control.ErrStranger):
		return problem{Text: t.Say("problem.stranger")}, http.StatusBadGateway
	}
	return problem{Text: t.Say("problem.failed"), Detail: err.Error()}, http.StatusInternalServerError
}

// fail shows a problem; from there it goes back to a page.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, back string, err error) {
	p := s.page(r, "problem.title")
	x, status := explain(p.Texts, err)
	p.Back, p.Data = back, x
	if r.Method == http.MethodGet {
		p.Refresh = 5 * refreshEvery
	} else {
		p.Script = "" // the answer to a form cannot be asked for again
	}
	s.write(w, status, "problem", p)
}

// row is one line of what is known of something.
type row struct{ Name, Value string }

// rows leaves out what has no value.
func rows(all ...row) []row {
	return slices.DeleteFunc(all, func(r row) bool { return r.Value == "" })
}

// finding is something that was found to be well or wrong.
type finding struct {
	Well    bool
	Text    string
	Foreign bool // in the agent's own words
}

// chooseLanguage keeps the language for the pages to come, and for the menu.
func (s *Server) chooseLanguage(w http.ResponseWriter, r *http.Request) {
	if tag := r.PostFormValue("language"); web.IsLanguage(tag) {
		if err := s.preferences.SetLanguage(tag); err != nil {
			s.fail(w, r, s.first, err)
			return
		}
	}
	s.goOn(w, r, s.knownPage(r.PostFormValue("back")))
}

// knownPage returns a path below base if a page is there, else the first page:
// what a form says leads to no other place.
func (s *Server) knownPage(path string) string {
	if s.isPage(path) {
		return path
	}
	return s.first
}

// isPage reports whether a path below base is one of the pages that a
// person reads.
func (s *Server) isPage(path string) bool {
	_, pattern := s.mux.Handler(&http.Request{Method: http.MethodGet, Host: s.host, URL: &url.URL{Path: s.base + path}})
	for _, page := range []string{"jobs", "jobs/{id}", "releases/{id}", "setup/{step}", "printers", "diagnostics", "about"} {
		if pattern == http.MethodGet+" "+s.base+page {
			return true
		}
	}
	return false
}
