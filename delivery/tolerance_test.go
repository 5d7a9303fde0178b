package delivery_test

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// oddly answers a request in a way of its own, and reports whether it did.
type oddly func(w http.ResponseWriter, r *http.Request, m *goipp.Message) bool

// inFront stands before a software printer and answers some requests oddly; the
// others are passed on to /ipp/print.
func inFront(p *simprinter.Printer, odd oddly) http.Handler {
	u, err := url.Parse("http" + strings.TrimPrefix(p.PlainURI(), "ipp"))
	if err != nil {
		panic(err)
	}
	forward := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.Out.URL = u; r.Out.Host = u.Host },
		Transport: &http.Transport{DisableKeepAlives: true},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var head bytes.Buffer
		m, _ := ipp.ReadMessage(bufio.NewReader(io.TeeReader(r.Body, &head)), ipp.DefaultLimits)
		if m != nil && odd(w, r, m) {
			return
		}
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(&head, r.Body), r.Body}
		forward.ServeHTTP(w, r)
	})
}

func oddStatus(code int) oddly {
	return func(w http.ResponseWriter, _ *http.Request, _ *goipp.Message) bool { w.WriteHeader(code); return true }
}

func oddPage(w http.ResponseWriter, _ *http.Request, _ *goipp.Message) bool {
	_, _ = io.WriteString(w, "<html>Welcome</html>")
	return true
}

func hangsUp(http.ResponseWriter, *http.Request, *goipp.Message) bool { panic(http.ErrAbortHandler) }

// untilVersion is odd to all requests of a newer version.
func untilVersion(v goipp.Version, odd oddly) oddly {
	return func(w http.ResponseWriter, r *http.Request, m *goipp.Message) bool {
		return m.Version > v && odd(w, r, m)
	}
}

// oddElsewhere is odd at every path but one.
func oddElsewhere(path string, odd oddly) oddly {
	return func(w http.ResponseWriter, r *http.Request, m *goipp.Message) bool {
		return r.URL.Path != path && odd(w, r, m)
	}
}

// oddToNames is odd to a question that names so many attributes or more.
func oddToNames(n int, odd oddly) oddly {
	return func(w http.ResponseWriter, r *http.Request, m *goipp.Message) bool {
		return len(ipp.Strings(m.Operation, "requested-attributes")) >= n && odd(w, r, m)
	}
}

func oddRefusal(s goipp.Status) oddly {
	return func(w http.ResponseWriter, _ *http.Request, m *goipp.Message) bool {
		b, err := ipp.NewResponse(m, s).EncodeBytes()
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", ipp.ContentType)
		_, _ = w.Write(b)
		return true
	}
}

// TestOddPrintersArePrintedAt: what a printer gets wrong on the way to its
// description does not keep it from being used.
func TestOddPrintersArePrintedAt(t *testing.T) {
	for name, odd := range map[string]oddly{
		"HTTP 400 to IPP 2.0":         untilVersion(ipp.Version11, oddStatus(400)),
		"HTTP 500 to IPP 2.0":         untilVersion(ipp.Version11, oddStatus(500)),
		"HTTP 400 to all but IPP 1.0": untilVersion(ipp.Version10, oddStatus(400)),
		"hangs up on IPP 2.0":         untilVersion(ipp.Version11, hangsUp),
		"a page for IPP 2.0":          untilVersion(ipp.Version11, oddPage),
		"internal error to IPP 2.0":   untilVersion(ipp.Version11, oddRefusal(goipp.StatusErrorInternal)),
		"HTTP 400 elsewhere":          oddElsewhere("/ipp", oddStatus(400)),
		"HTTP 403 elsewhere":          oddElsewhere("/printer", oddStatus(403)),
		"HTTP 500 elsewhere":          oddElsewhere("/ipp/port1", oddStatus(500)),
		"a page elsewhere":            oddElsewhere("/ipp/printer", oddPage),
		"hangs up elsewhere":          oddElsewhere("/", hangsUp),
		"no names of attributes":      oddToNames(1, oddStatus(400)),
		"one name, not many":          oddToNames(2, oddRefusal(goipp.StatusErrorBadRequest)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, simprinter.Config{NoTLS: true, Versions: []string{"1.0", "1.1", "2.0"}}, small)
			s := httptest.NewServer(inFront(c.p, odd))
			defer s.Close()
			plainOnly(c)
			c.limits.Body, c.limits.Answer = time.Minute, time.Minute
			c.entry.URIs = []string{"ipp" + strings.TrimPrefix(s.URL, "http")}
			if o := c.deliver(); o.State != outcome.Delivered {
				t.Errorf("%+v", o)
			} else {
				checkTruthful(t, c.p, o, c.content)
			}
			if _, err := delivery.New(delivery.Config{Timeouts: c.limits}).Inspect(t.Context(), c.entry.URIs[0]); err != nil {
				t.Errorf("it cannot be added: %v", err)
			}
		})
	}
}

// TestNothingWeakerBehindThePinnedKey: once the printer has shown its key, a
// plain address of it gets nothing, whatever it says over TLS.
func TestNothingWeakerBehindThePinnedKey(t *testing.T) {
	t.Parallel()
	garbage := func(w http.ResponseWriter, _ *http.Request, _ *goipp.Message) bool {
		_, _ = w.Write(make([]byte, 30))
		return true
	}
	cutShort := func(w http.ResponseWriter, _ *http.Request, _ *goipp.Message) bool {
		w.Header().Set("Content-Length", "500")
		_, _ = w.Write([]byte{2, 0, 0, 0})
		return true
	}
	for name, odd := range map[string]oddly{
		"garbage": garbage, "a page": oddPage, "cut short": cutShort, "hangs up": hangsUp,
		"HTTP 400": oddStatus(400), "HTTP 401": oddStatus(401), "HTTP 403": oddStatus(403), "HTTP 404": oddStatus(404), "HTTP 426": oddStatus(426),
		"HTTP 500": oddStatus(500), "HTTP 503": oddStatus(503), "HTTP 302": oddStatus(302),
		"not found": oddRefusal(goipp.StatusErrorNotFound), "no such operation": oddRefusal(goipp.StatusErrorOperationNotSupported),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCall(t, simprinter.Config{NoTLS: true}, small)
			s := httptest.NewTLSServer(inFront(c.p, odd))
			defer s.Close()
			c.limits.Answer = time.Minute
			c.entry.URIs = []string{"ipps" + strings.TrimPrefix(s.URL, "https") + "/ipp/print", c.p.PlainURI()}
			c.entry.Pin, c.entry.Floor = directory.PinOf(s.Certificate().RawSubjectPublicKeyInfo), directory.GradeIPP
			o := c.deliver()
			if n := c.p.Stats().PlainConnections; o.State != outcome.NotSent || n > 0 {
				t.Errorf("%d plain connections; %+v", n, o)
			}
			if strings.Contains(o.Message, "no answer from") {
				t.Errorf("it answered, and is said not to have: %s", o.Message)
			}
		})
	}
}

// TestRedirectionToTLS: a printer that sends its plain address to https is
// spoken to there, if that is the same host, and nowhere else.
func TestRedirectionToTLS(t *testing.T) {
	for name, c := range map[string]struct {
		code int
		host string // "" for the same
		want outcome.State
	}{
		"301": {301, "", outcome.Delivered}, "302": {302, "", outcome.Delivered}, "307": {307, "", outcome.Delivered}, "308": {308, "", outcome.Delivered},
		"another host": {307, "localhost", outcome.NotSent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newCall(t, simprinter.Config{}, small)
			to, err := url.Parse(v.p.URI())
			if err != nil {
				t.Fatal(err)
			}
			to.Scheme = "https"
			if c.host != "" {
				to.Host = c.host + ":" + to.Port()
			}
			s := httptest.NewServer(http.RedirectHandler(to.String(), c.code))
			defer s.Close()
			v.entry.URIs, v.entry.Pin, v.entry.Floor = []string{"ipp" + strings.TrimPrefix(s.URL, "http") + "/ipp/print"}, "", directory.GradeIPP
			roots := x509.NewCertPool()
			roots.AddCert(v.p.Certificate())
			o := delivery.New(delivery.Config{Timeouts: v.limits, Roots: roots}).Deliver(v.ctx, v.entry, v.doc, delivery.Hooks{})
			if o.State != c.want || o.State == outcome.Delivered && o.Protocol != "ipps" {
				t.Errorf("%+v", o)
			}
			if n := v.p.Stats().TLSConnections; c.host != "" && n > 0 {
				t.Errorf("%d connections elsewhere", n)
			}
		})
	}
}

// TestFirstReleaseUsesWhatWasLearned: a printer that never asks for the body is
// waited for when it is added, and not when it is first printed at.
func TestFirstReleaseUsesWhatWasLearned(t *testing.T) {
	t.Parallel()
	for never, want := range map[string]bool{"never": true, "": false} {
		c := newCall(t, simprinter.Config{HTTP: simprinter.HTTP{Expect: never}}, small)
		id, err := delivery.New(delivery.Config{Timeouts: c.limits}).Inspect(t.Context(), c.p.URI())
		if err != nil || id.NoExpect != want || id.TLS != "" {
			t.Fatalf("expect %q: %+v, %v", never, id, err)
		}
		c.entry.NoExpect = id.NoExpect
		asked := c.p.Stats().TLSConnections
		if o := c.deliver(); o.State != outcome.Delivered {
			t.Errorf("%+v", o)
		}
		if n := c.p.Stats().TLSConnections - asked; n > 3 { // its questions, the document, its questions
			t.Errorf("%d connections for one delivery", n)
		}
	}
	c := newCall(t, simprinter.Config{TLS: simprinter.TLS{Only: "1.2"}}, small)
	if id, err := delivery.New(delivery.Config{Timeouts: c.limits}).Inspect(t.Context(), c.p.URI()); err != nil || id.TLS != "" {
		t.Errorf("TLS 1.2 is within the newest profile: %+v, %v", id, err)
	}
}
