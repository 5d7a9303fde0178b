package local

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/web"
)

// tokenTime is how long the way in is open.
const tokenTime = 2 * time.Minute

// entry is the token by which a browser comes in: once and soon, unless it is
// kept open for the person to use by hand.
type entry struct {
	clock  Clock
	stands bool // it stays good while the pages are served

	mu    sync.Mutex
	token string // "" once it is no longer good
	until time.Time
}

func newEntry(c Clock, stands bool) *entry {
	return &entry{clock: c, stands: stands, token: web.NewToken(256), until: c.Now().Add(tokenTime)}
}

// take reports whether a token is the right one, and uses it up.
func (e *entry) take(token string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.past() || !web.SameToken(token, e.token) {
		return false
	}
	if !e.stands {
		e.token = ""
	}
	return true
}

// past reports whether the token is no longer good.
func (e *entry) past() bool {
	return e.token == "" || !e.stands && !e.clock.Now().Before(e.until)
}

// closed reports whether nobody can come in by the token any more.
func (e *entry) closed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.past()
}

// URL returns the address of the way in.
func (s *Server) URL() string {
	return "http://" + s.host + s.base + "enter?token=" + url.QueryEscape(s.entry.token)
}

// enter gives the cookie for the token. The page goes on by itself rather than
// by a status: a browser sends a strict cookie only where our own page led.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) {
	if !s.entry.take(r.URL.Query().Get("token")) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.file.remove()
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: s.cookie, Path: s.base, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	first := s.base + s.first
	w.Header().Set("Refresh", "0; url="+first)
	w.Header().Set("Referrer-Policy", "no-referrer") // the address has the token
	p := s.page(r, "enter.title")
	p.Links, p.Choice, p.Script = nil, "", ""
	p.Data = first
	s.write(w, http.StatusOK, "enter", p)
}
