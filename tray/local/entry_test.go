package local

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheWayInIsGoodOnce has a second browser come with the same token.
func TestTheWayInIsGoodOnce(t *testing.T) {
	v := start(t, nil)
	code, body := v.fetch("GET", v.server.URL(), nil)
	if code != http.StatusOK || !strings.Contains(body, v.server.base+"jobs") {
		t.Fatalf("the way in: %d\n%s", code, body)
	}
	u, _ := http.NewRequest("GET", v.address("jobs"), nil)
	if cookies := v.http.Jar.Cookies(u.URL); len(cookies) != 1 || cookies[0].Value != v.server.cookie {
		t.Errorf("cookies %v", cookies)
	}
	v.page("jobs", "My jobs")
	if code, body := v.fetch("GET", v.server.URL(), nil); code != http.StatusNotFound || body != "" {
		t.Errorf("a second time: %d %q", code, body)
	}
}

func TestTheCookieIsForThesePagesAlone(t *testing.T) {
	v := start(t, nil)
	resp, err := v.http.Get(v.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	c := resp.Cookies()
	if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteStrictMode || c[0].Path != v.server.base || c[0].Domain != "" || c[0].MaxAge != 0 {
		t.Errorf("%+v", c)
	}
	if got := resp.Header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("the token's address is passed on: %s", got)
	}
}

func TestTheWayInIsNotGoodForLong(t *testing.T) {
	v := start(t, nil)
	v.clock.pass(tokenTime)
	if code, body := v.fetch("GET", v.server.URL(), nil); code != http.StatusNotFound || body != "" {
		t.Errorf("too late: %d %q", code, body)
	}
}

func TestAnAddressThatIsPrintedStaysGood(t *testing.T) {
	v := start(t, func(c *Config) { c.Stands = true })
	v.clock.pass(tokenTime + time.Hour)
	v.clock.ticks <- v.clock.Now()
	for range 2 {
		if code, _ := v.fetch("GET", v.server.URL(), nil); code != http.StatusOK {
			t.Errorf("it answers %d", code)
		}
	}
}

func TestThePagesBeginWithAnyOfThem(t *testing.T) {
	v := start(t, func(c *Config) { c.First = "jobs/j1" })
	if _, body := v.fetch("GET", v.server.URL(), nil); !strings.Contains(body, v.server.base+"jobs/j1") {
		t.Errorf("it leads elsewhere:\n%s", body)
	}
	for _, page := range []string{"", "enter", "events", "style.css", "jobs/j1/cancel", "../jobs", "//evil.example", "setup", "jobs/"} {
		if s, err := New(t.Context(), Config{Agent: v.agent, First: page, Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, ErrNoPage) {
			t.Errorf("%q: %v", page, err)
			s.Close()
		}
	}
}

// onUnix is true where a file's mode says who may read it. On Windows the
// person's folders do.
const onUnix = os.PathSeparator == '/'

// opened has a server open a browser that is not there, and returns the file.
func opened(t *testing.T, v *visit) string {
	t.Helper()
	var file string
	if err := v.server.Open(func(path string) error { file = path; return nil }); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTheFileIsThePersonsAndGoesWithTheToken(t *testing.T) {
	v := start(t, nil)
	file := opened(t, v)
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o077 != 0 && onUnix || filepath.Dir(file) != os.Getenv("XDG_RUNTIME_DIR") {
		t.Errorf("%s is %v", file, info.Mode())
	}
	b, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(b), "url="+strings.ReplaceAll(v.server.URL(), "=", "&#61;")) && !strings.Contains(string(b), "url="+v.server.URL()) {
		t.Errorf("it leads elsewhere: %v\n%s", err, b)
	}
	if strings.Contains(file, v.server.entry.token) || strings.Contains(file, strings.Trim(v.server.base, "/")) {
		t.Errorf("the file's name tells: %s", file)
	}
	v.fetch("GET", v.server.URL(), nil)
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestTheFileIsRemovedWhenNobodyComes(t *testing.T) {
	missed := 0
	v := start(t, func(c *Config) { c.Missed = func() { missed++ } })
	file := opened(t, v)
	v.clock.ticks <- v.clock.Now()
	v.clock.pass(tokenTime)
	v.clock.ticks <- v.clock.Now()
	v.clock.ticks <- v.clock.Now() // the one before has been seen to
	v.stop()
	if err := <-v.served; err != nil || missed != 1 {
		t.Errorf("missed %d times, %v", missed, err)
	}
	v.served <- nil
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestTheFileIsRemovedAtTheEnd(t *testing.T) {
	v := start(t, nil)
	file := opened(t, v)
	v.stop()
	err := <-v.served
	v.served <- nil
	if _, gone := os.Stat(file); err != nil || !errors.Is(gone, os.ErrNotExist) {
		t.Errorf("served %v, file %v", err, gone)
	}
	failed := errors.New("no browser")
	if err := v.server.Open(func(path string) error { file = path; return failed }); !errors.Is(err, failed) {
		t.Errorf("opening: %v", err)
	}
	if _, gone := os.Stat(file); !errors.Is(gone, os.ErrNotExist) {
		t.Errorf("without a browser: %v", gone)
	}
}

// TestTheCacheServesWithoutARuntimeFolder is for systems that have none.
func TestTheCacheServesWithoutARuntimeFolder(t *testing.T) {
	v := start(t, nil)
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	file := opened(t, v)
	if info, err := os.Stat(filepath.Dir(file)); err != nil || info.Mode().Perm() != 0o700 && onUnix {
		t.Errorf("%s: %v, %v", filepath.Dir(file), info, err)
	}
}
