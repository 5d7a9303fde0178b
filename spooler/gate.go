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

// serveHTTP accepts what may come from a print client of this computer and
// rejects the rest before a byte of the body is read.
func (p *Printer) serveHTTP(w http.ResponseWriter, r *http.Request) {
	port := localPort(r)
	if code := p.admissionStatus(r, port); code != http.StatusOK {
		turnAway(w, r, code)
		return
	}
	if !p.beginRequest() {
		turnAway(w, r, http.StatusServiceUnavailable)
		return
	}
	defer p.endRequest()
	done, ok := p.allowRequest(r)
	if !ok {
		p.limitedLog.Warn("an account has too many requests in hand", "too-many-requests")
		turnAway(w, r, http.StatusServiceUnavailable)
		return
	}
	defer done()
	if icon, ok := iconAt(r.URL.Path); ok {
		p.serveIcon(w, icon)
		return
	}
	x := p.newExchange(w, r, port)
	defer x.releaseReader()
	x.serveRequest()
}

// turnAway responds without a body.
func turnAway(w http.ResponseWriter, r *http.Request, code int) {
	if code == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allowedMethods(r.URL.Path)[0])
	}
	w.Header().Set("Connection", "close")
	w.WriteHeader(code)
}

// allowedMethods returns the HTTP methods that a path accepts.
func allowedMethods(path string) []string {
	if _, ok := iconAt(path); ok {
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

// admissionStatus returns the HTTP status that a request is rejected with, or
// 200. Whatever a web page can make a browser send fails at least one of the
// checks: it has an Origin or the like, a Host that is not a loopback name (DNS
// rebinding), or a Content-Type that no page may send without being asked for
// permission first.
func (p *Printer) admissionStatus(r *http.Request, port int) int {
	_, icon := iconAt(r.URL.Path)
	switch {
	case !isOurs(r.Host, port, 80), r.URL.IsAbs() && !isOurTarget(r, port):
		return http.StatusBadRequest
	case hasAny(r.Header, "Origin", "Referer", "Sec-Fetch-Site"):
		return http.StatusForbidden
	case !slices.Contains(allowedMethods(r.URL.Path), r.Method):
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

// isOurs reports whether an authority, as in Host or a URI, is a loopback name
// of this printer. An authority without a port means the usual one.
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

// isName reports whether two names are equal, ignoring the case of ASCII
// letters.
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

// isOurPath reports whether a path is that of a printer, of one of its jobs, or
// the root, to which some clients post whatever the URI says.
func (p *Printer) isOurPath(path string) bool {
	if _, ok := jobIDFromPath(path); ok || path == "/" {
		return true
	}
	return p.resourceAt(path) != nil
}

// resourceAt returns the printer at that path, or nil.
func (p *Printer) resourceAt(path string) *resource {
	for _, r := range p.resources {
		if r.path == path {
			return r
		}
	}
	return nil
}

// jobIDFromPath returns the job-id in the path of a job.
func jobIDFromPath(path string) (int, bool) {
	text, ok := strings.CutPrefix(path, mainPath+"/")
	n, err := strconv.ParseInt(text, 10, 32)
	return int(n), ok && err == nil && n > 0 && text == strconv.FormatInt(n, 10)
}
