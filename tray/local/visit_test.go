package local

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/tray/preferences"
)

// visit is a person's browser without a script, at a server of a test.
type visit struct {
	t      *testing.T
	agent  *fakeAgent
	queues *fakeQueues
	clock  *fakeClock
	server *Server
	http   *http.Client
	served chan error
	stop   context.CancelFunc
}

// start serves the pages to a browser that has not come in yet.
func start(t *testing.T, change func(*Config)) *visit {
	t.Helper()
	v := &visit{t: t, agent: newFakeAgent(), queues: new(fakeQueues), clock: newFakeClock(), served: make(chan error, 1)}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	c := Config{Agent: v.agent, Queues: v.queues, Clock: v.clock, Preferences: preferences.New(t.TempDir()), First: FirstJobs, Version: "v0", Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&c)
	}
	var err error
	if v.server, err = New(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, v.stop = context.WithCancel(t.Context())
	go func() { v.served <- v.server.Serve(ctx) }()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v.http = &http.Client{Jar: jar, Transport: &http.Transport{}, Timeout: time.Minute}
	t.Cleanup(func() {
		v.http.CloseIdleConnections()
		v.stop()
		if err := <-v.served; err != nil {
			t.Error(err)
		}
	})
	return v
}

// enter comes in by the token.
func enter(t *testing.T, change func(*Config)) *visit {
	t.Helper()
	v := start(t, change)
	if code, _ := v.fetch("GET", v.server.URL(), nil); code != http.StatusOK {
		t.Fatalf("the way in answers %d", code)
	}
	return v
}

func (v *visit) address(path string) string { return "http://" + v.server.host + v.server.base + path }

func (v *visit) fetch(method, address string, form url.Values) (code int, body string) {
	v.t.Helper()
	var in io.Reader
	if form != nil {
		in = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(v.t.Context(), method, address, in)
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", "http://"+v.server.host)
	}
	resp, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// page is a page that has to be there, with what it has to say.
func (v *visit) page(path string, wants ...string) string {
	v.t.Helper()
	code, body := v.fetch("GET", v.address(path), nil)
	v.has(path, code, body, wants)
	return body
}

// post sends a form and wants the page that it leads to to say something.
func (v *visit) post(path string, form url.Values, wants ...string) string {
	v.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	code, body := v.fetch("POST", v.address(path), form)
	v.has(path, code, body, wants)
	return body
}

func (v *visit) has(path string, code int, body string, wants []string) {
	v.t.Helper()
	if code != http.StatusOK {
		v.t.Errorf("%s answers %d:\n%s", path, code, body)
	}
	for _, want := range wants {
		if !strings.Contains(body, want) {
			v.t.Errorf("%s does not say %q:\n%s", path, want, body)
		}
	}
}

// until asks for a page again until it says something.
func (v *visit) until(path, want string) {
	v.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	late := time.After(time.Minute)
	for {
		code, body := v.fetch("GET", v.address(path), nil)
		if code == http.StatusOK && strings.Contains(body, want) {
			return
		}
		select {
		case <-again.C:
		case <-late:
			v.t.Fatalf("%s never says %q:\n%s", path, want, body)
		}
	}
}
