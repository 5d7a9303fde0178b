package spooler

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/printscout/printscout/internal/ipp"
)

// serveHTTP lets in what may be a print client of this computer and turns away
// the rest, before a byte of the body is read.
func (p *Printer) serveHTTP(w http.ResponseWriter, r *http.Request) {
	port := localPort(r)
	if code := p.admit(r, port); code != http.StatusOK {
		turnAway(w, r, code)
		return
	}
	if !p.enter() {
		turnAway(w, r, http.StatusServiceUnavailable)
		return
	}
	defer p.leave()
	done, ok := p.allow(r)
	if !ok {
		p.quiet.Warn("an account has too many requests in hand", "too-many-requests")
		turnAway(w, r, http.StatusServiceUnavailable)
		return
	}
	defer done()
	if icon, ok := iconOf(r.URL.Path); ok {
		p.serveIcon(w, icon)
		return
	}
	x := p.newExchange(w, r, port)
	defer x.release()
	x.run()
}

// turnAway answers without a body.
func turnAway(w http.ResponseWriter, r *http.Request, code int) {
	if code == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", methods(r.URL.Path)[0])
	}
	w.Header().Set("Connection", "close")
	w.WriteHeader(code)
}

// methods are those a path may be asked with.
func methods(path string) []string {
	if _, ok := iconOf(path); ok {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{http.MethodPost}
}

func localPort(r *http.Request) int {
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// admit returns the HTTP status a request is turned away with, or 200. What a
// web page can make a browser send fails at least one of the checks: it has an
// Origin or the like, a Host that is no loopback name where a name was bound
// anew, or a Content-Type that no page may send unasked.
func (p *Printer) admit(r *http.Request, port int) int {
	_, icon := iconOf(r.URL.Path)
	switch {
	case !isOurs(r.Host, port, 80), r.URL.IsAbs() && !isOurTarget(r, port):
		return http.StatusBadRequest
	case hasAny(r.Header, "Origin", "Referer", "Sec-Fetch-Site"):
		return http.StatusForbidden
	case !slices.Contains(methods(r.URL.Path), r.Method):
		return http.StatusMethodNotAllowed
	case icon:
		return http.StatusOK
	case !p.isOurPath(r.URL.Path):
		return http.StatusNotFound
	case !isIPP(r.Header):
		return http.StatusUnsupportedMediaType
	}
	return http.StatusOK
}

func isOurTarget(r *http.Request, port int) bool {
	return r.URL.Scheme == "http" && r.URL.User == nil && isOurs(r.URL.Host, port, 80)
}

// isOurs reports whether an authority, as in Host or a URI, is a loopback name of
// this printer. Where it names no port, usual is meant.
func isOurs(authority string, port, usual int) bool {
	host, ok := strings.CutSuffix(authority, ":"+strconv.Itoa(port))
	if !ok && port != usual || port == 0 {
		return false
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		a, err := netip.ParseAddr(inner)
		return ok && err == nil && a == netip.IPv6Loopback()
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return a == netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return isName(host, "localhost") || isName(host, "localhost.")
}

// isName compares without the case of ASCII letters.
func isName(host, name string) bool {
	return len(host) == len(name) && strings.EqualFold(host, name)
}

func hasAny(h http.Header, names ...string) bool {
	for _, n := range names {
		if len(h.Values(n)) > 0 {
			return true
		}
	}
	return false
}

func isIPP(h http.Header) bool {
	t := h.Values("Content-Type")
	return len(t) == 1 && strings.EqualFold(t[0], ipp.ContentType) && !hasAny(h, "Content-Encoding")
}

// isOurPath takes a printer's path, that of one of its jobs, and the root,
// which some clients post to whatever the URI says.
func (p *Printer) isOurPath(path string) bool {
	if _, ok := jobOfPath(path); ok || path == "/" {
		return true
	}
	return p.resource(path) != nil
}

// resource returns the printer of that path, nil where there is none.
func (p *Printer) resource(path string) *resource {
	for _, r := range p.resources {
		if r.path == path {
			return r
		}
	}
	return nil
}

// jobOfPath returns the number in the path of a job.
func jobOfPath(path string) (int, bool) {
	text, ok := strings.CutPrefix(path, mainPath+"/")
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), ok && err == nil && n > 0 && text == strconv.FormatInt(n, 10)
}
