package web

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTokens(t *testing.T) {
	a, b := NewToken(256), NewToken(256)
	if a == b || len(a) != 43 || len(NewToken(128)) != 22 {
		t.Errorf("%q, %q", a, b)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(a) {
		t.Errorf("%q needs escaping", a)
	}
	for _, x := range []struct {
		got, want string
		same      bool
	}{{a, a, true}, {b, a, false}, {"", a, false}, {a + "x", a, false}, {"", "", false}} {
		if SameToken(x.got, x.want) != x.same {
			t.Errorf("SameToken(%q, %q) is not %v", x.got, x.want, x.same)
		}
	}
}

func TestHeadersForbidWhatIsNotNeeded(t *testing.T) {
	h := http.Header{}
	Secure(h)
	policy := h.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy has no %s", want)
		}
	}
	for _, never := range []string{"unsafe", "*", "data:", "http"} {
		if strings.Contains(policy, never) {
			t.Errorf("the policy has %s", never)
		}
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
		if h.Get(name) != want {
			t.Errorf("%s is %q", name, h.Get(name))
		}
	}
}

// TestLayout looks at the whole of a page: no inline code, and what comes from
// outside is text.
func TestLayout(t *testing.T) {
	pages, err := ParsePages(fstest.MapFS{
		"p/_part.html": {Data: []byte(`{{define "part"}}<b>{{.}}</b>{{end}}`)},
		"p/one.html":   {Data: []byte(`{{define "main"}}{{template "part" .Data}}{{.Say "nav.jobs"}}{{end}}`)},
	}, "p")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	page := Page{Texts: For("de"), Title: "<T>", Base: "/x/", Home: "H", Refresh: 2, Script: "s.js", Choice: "language", Back: `a"b`, Data: "<script>",
		Links: []Link{{Href: "/x/jobs", Text: "J", Here: true}}}
	if err := pages.Write(w, http.StatusTeapot, "one", page); err != nil {
		t.Fatal(err)
	}
	body := w.Body.String()
	for _, want := range []string{`<html lang="de">`, "&lt;T&gt;", "<b>&lt;script&gt;</b>", "Meine Aufträge", `<noscript><meta http-equiv="refresh" content="2"></noscript>`,
		`src="/x/s.js"`, `aria-current="page"`, `value="a&#34;b"`, `<option value="de" lang="de" selected>`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s:\n%s", want, body)
		}
	}
	for _, never := range []string{" style=", " onclick", "<style", "<script>"} {
		if strings.Contains(body, never) {
			t.Errorf("the page has %s", never)
		}
	}
	if w.Code != http.StatusTeapot || w.Header().Get("Content-Language") != "de" {
		t.Errorf("status %d, language %q", w.Code, w.Header().Get("Content-Language"))
	}
	if pages.Write(httptest.NewRecorder(), http.StatusOK, "none", page) == nil {
		t.Error("a page that is not there was written")
	}
}

// TestStyleHasBothWays holds what the sheet has to have for people who need it.
func TestStyleHasBothWays(t *testing.T) {
	for _, want := range []string{"prefers-color-scheme: dark", "prefers-contrast: more", "prefers-reduced-motion", "forced-colors", ":focus-visible", "min-height: 2.75rem"} {
		if !strings.Contains(string(Style), want) {
			t.Errorf("the style sheet has no %s", want)
		}
	}
	if strings.Contains(string(Style), "url(") || strings.Contains(string(Style), "@import") {
		t.Error("the style sheet loads something")
	}
}
