package local

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/printscout/printscout/tray/preferences"
)

// FuzzRequest sends what somebody else's page could have a browser send: only
// what is exactly right gets more than 404 without a body.
func FuzzRequest(f *testing.F) {
	agent := newFakeAgent()
	s, err := New(f.Context(), Config{Agent: agent, Queues: new(fakeQueues), Clock: newFakeClock(), Preferences: preferences.New(f.TempDir()), First: FirstJobs, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	f.Add("POST", "jobs/j1/release", "printer=p1", "", "", "", "")
	f.Add("POST", "language", "language=de&back=//x", "", "http://evil.example", "same-origin", "")
	f.Add("GET", "jobs/j1?ask=cancel", "", "evil.example", "", "cross-site", "printscout=x")
	f.Add("GET", "../enter?token=", "", "", "null", "none", "printscout=x; printscout=x")
	f.Fuzz(func(t *testing.T, method, path, form, host, origin, site, cookie string) {
		u := "http://" + s.host + s.base + path
		r, err := http.NewRequestWithContext(t.Context(), method, u, strings.NewReader(form))
		if err != nil || r.URL.Path == s.base+"events" || r.URL.Path == s.base+"setup/test" {
			return // a stream has no end, and the test page goes out
		}
		right := host == "" && (origin == "" || origin == "http://"+s.host) && (site == "" || site == "same-origin" || site == "none") && cookie == ""
		if host != "" {
			r.Host = host
		}
		for name, value := range map[string]string{"Origin": origin, "Sec-Fetch-Site": site} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if cookie == "" {
			cookie = cookieName + "=" + s.cookie
		}
		r.Header.Set("Cookie", cookie)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Error("an answer without the headers")
		}
		if !right && (w.Code != http.StatusNotFound || w.Body.Len() != 0) {
			t.Errorf("%d with %d bytes for %q of host %q, origin %q, site %q, cookie %q", w.Code, w.Body.Len(), path, host, origin, site, cookie)
		}
		if to := w.Header().Get("Location"); to != "" && !strings.HasPrefix(to, s.base) {
			t.Errorf("it leads to %q", to)
		}
	})
}
