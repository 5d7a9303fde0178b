package local

import (
	"net/http"
	"strings"

	"github.com/printscout/printscout/internal/web"
)

// cookieName is that of the cookie that a browser gets for the token.
const cookieName = "printscout"

// maxBody bounds what a form sends.
const maxBody = 16 << 10

// ServeHTTP answers the browser that came in by the token. Everything else is
// 404, without a body that could say why.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	web.Secure(w.Header())
	entering := s.isEntrance(r)
	if !s.fromHere(r, entering) || !entering && !s.admitted(r) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_, pattern := s.mux.Handler(r)
	if pattern == "" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.idle.used()
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// fromHere reports whether a request is for exactly this address and comes from
// no other page. The way in may come from the file that redirects to it.
func (s *Server) fromHere(r *http.Request, entering bool) bool {
	if r.Host != s.host {
		return false
	}
	if origins := r.Header.Values("Origin"); len(origins) > 1 || len(origins) == 1 && origins[0] != "http://"+s.host {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		if !entering || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" {
			return false
		}
	}
	return s.crossOrigin.Check(r) == nil
}

// isEntrance reports whether a request is one for the way in.
func (s *Server) isEntrance(r *http.Request) bool {
	return r.Method == http.MethodGet && web.SameToken(r.URL.Path, s.base+"enter")
}

// admitted reports whether a request is below our path and has our cookie, once.
func (s *Server) admitted(r *http.Request) bool {
	if !strings.HasPrefix(r.URL.Path, "/") || !s.below(r.URL.Path) {
		return false
	}
	cookies := r.CookiesNamed(cookieName)
	return len(cookies) == 1 && web.SameToken(cookies[0].Value, s.cookie)
}

// below compares the first part of a path with ours in constant time.
func (s *Server) below(path string) bool {
	return len(path) > len(s.base) && web.SameToken(path[:len(s.base)], s.base)
}
