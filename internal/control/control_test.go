package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/identity"
)

// agent answers with what a test gives it and remembers who asked.
type agent struct {
	caller  Caller
	bundle  []byte
	release Release
	waits   int
	events  func(context.Context, Caller, func(Event) bool) bool
}

func (a *agent) Status(c Caller) Status    { a.caller = c; return Status{Version: "v", Enrolled: true} }
func (a *agent) Jobs(Caller) iter.Seq[Job] { return slices.Values([]Job{{ID: "1"}}) }
func (a *agent) Job(_ Caller, id string) (Job, error) {
	if id != "1" {
		return Job{}, &Error{CodeNotFound, "there is no job " + id, "see job list"}
	}
	return Job{ID: id}, nil
}
func (a *agent) Cancel(_ context.Context, _ Caller, id string) (Job, error) {
	return Job{ID: id, State: "canceled"}, nil
}
func (a *agent) Resolve(_ Caller, id string, r Resolution) (Job, error) {
	return Job{ID: id, State: r.Said}, nil
}
func (a *agent) Release(_ Caller, r Release) (Report, error) {
	a.release = r
	return Report{ID: "r", Results: none}, nil
}
func (a *agent) Wait(context.Context, Caller, string) (Report, error) {
	a.waits++
	return Report{ID: "r", Done: a.waits > 1, Results: none}, nil
}
func (a *agent) Printers(Caller) (iter.Seq[Printer], error) { return nil, errors.New("broken") }
func (a *agent) Enroll(_ context.Context, e Enrollment) (Enrolled, error) {
	a.bundle = e.Bundle
	return Enrolled{Scout: "s"}, nil
}

func (a *agent) Unenroll(_ context.Context, l Leaving) (Left, error) {
	return Left{Scout: "s", Site: l.Jobs}, nil
}

func (a *agent) People(c Caller) []Person { a.caller = c; return []Person{{Name: "a"}} }
func (a *agent) Settings(Caller) Settings {
	return Settings{Settings: []Setting{{Name: "Port", Value: 1}}, Problems: []SettingProblem{}}
}
func (a *agent) Register(_ Caller, r Registration) (Person, error) {
	return Person{Name: r.Name}, nil
}
func (a *agent) Unregister(_ Caller, name string) (Person, error) { return Person{Name: name}, nil }

func (a *agent) Events(ctx context.Context, c Caller) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		_ = a.events != nil && a.events(ctx, c, yield)
	}
}

func none(func(Result) bool) {}

func serve(t *testing.T, a Agent) (path string) {
	t.Helper()
	path = socketPath(t)
	l := listen(t, path)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- NewServer(a, slog.New(slog.DiscardHandler)).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return path
}

func TestEveryCall(t *testing.T) {
	a := new(agent)
	c := NewClient(serve(t, a))
	defer c.Close()
	ctx := t.Context()
	if s, err := c.Status(ctx); err != nil || s.Version != "v" || !a.caller.Admin {
		t.Errorf("status %+v of %+v, %v", s, a.caller, err)
	}
	if j, err := c.Jobs(ctx); err != nil || len(j) != 1 {
		t.Errorf("jobs %v, %v", j, err)
	}
	if j, err := c.Cancel(ctx, "1"); err != nil || j.State != "canceled" {
		t.Errorf("cancel %v, %v", j, err)
	}
	for _, said := range []string{Printed, PrintAgain} {
		if j, err := c.Resolve(ctx, "1", said); err != nil || j.State != said || j.ID != "1" {
			t.Errorf("resolve %v, %v", j, err)
		}
	}
	if _, err := c.Resolve(ctx, "1", "perhaps"); !strings.Contains(fmt.Sprint(err), "print-again") {
		t.Errorf("resolve: %v", err)
	}
	if p, err := c.Release(ctx, Release{All: true, Printer: "p"}); err != nil || p.ID != "r" || !a.release.All {
		t.Errorf("release %v, %v", p, err)
	}
	told := 0
	if p, err := c.Wait(ctx, "r", func(Progress) { told++ }); err != nil || !p.Done || a.waits != 2 || told != 2 {
		t.Errorf("wait %v after %d, told %d times, %v", p, a.waits, told, err)
	}
	if e, err := c.Enroll(ctx, Enrollment{Bundle: json.RawMessage(`{"a":1}`)}); err != nil || e.Scout != "s" || string(a.bundle) != `{"a":1}` {
		t.Errorf("enroll %v with %s, %v", e, a.bundle, err)
	}
	if s, err := c.Settings(ctx); err != nil || len(s.Settings) != 1 || s.Settings[0].Value != 1.0 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, jobs := range []string{"", KeepJobs, DiscardJobs} {
		if l, err := c.Unenroll(ctx, Leaving{Jobs: jobs}); err != nil || l.Scout != "s" || l.Site != jobs {
			t.Errorf("unenroll %+v, %v", l, err)
		}
	}
	if _, err := c.Unenroll(ctx, Leaving{Jobs: "perhaps"}); !strings.Contains(fmt.Sprint(err), "discard") {
		t.Errorf("unenroll: %v", err)
	}
	if p, err := c.People(ctx); err != nil || len(p) != 1 || !a.caller.Admin {
		t.Errorf("people %v, %v", p, err)
	}
	for _, name := range []string{"", "alice", `DOMAIN\alice`, "a/b", "a b%2F"} {
		if p, err := c.Register(ctx, Registration{Name: name}); err != nil || p.Name != name {
			t.Errorf("register %v, %v", p, err)
		}
		if p, err := c.Unregister(ctx, name); name != "" && (err != nil || p.Name != name) {
			t.Errorf("unregister %v, %v", p, err)
		}
	}
	_, err := c.Job(ctx, "2/../1")
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeNotFound || e.Hint != "see job list" {
		t.Errorf("job: %v", err)
	}
	if _, err := c.Printers(ctx); err == nil || err.Error() != "broken" {
		t.Errorf("printers: %v", err)
	}
}

// TestAdminRoutesRefuseOthers asks every route as the kernel would name an
// ordinary user; a real one needs a second account, which the agent's own
// tests use.
func TestAdminRoutesRefuseOthers(t *testing.T) {
	for _, route := range Routes() {
		err := permit(route, peer{Peer: identity.Peer{UID: "4711"}}, true)
		if (err != nil) != (route.Who == Admin) {
			t.Errorf("%s %s for a user: %v", route.Method, route.Pattern, err)
		}
		for name, p := range map[string]struct {
			peer
			ok bool
		}{
			"unknown":     {peer{err: identity.ErrUnknown}, true},
			"not told at": {peer{}, false},
		} {
			if permit(route, p.peer, p.ok) == nil {
				t.Errorf("%s %s let in somebody %s", route.Method, route.Pattern, name)
			}
		}
	}
}

func TestTooLargeABodyIsRefused(t *testing.T) {
	a := new(agent)
	c := NewClient(serve(t, a))
	defer c.Close()
	big := json.RawMessage(`"` + strings.Repeat("x", maxBody) + `"`)
	_, err := c.Enroll(t.Context(), Enrollment{Bundle: big})
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeUsage || a.bundle != nil {
		t.Errorf("got %v", err)
	}
}

func TestUnreachable(t *testing.T) {
	c := NewClient(socketPath(t))
	defer c.Close()
	if _, err := c.Status(t.Context()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

func TestNothingElseIsAnswered(t *testing.T) {
	path := serve(t, new(agent))
	hc := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return connect(ctx, path)
	}}, Timeout: 10 * time.Second}
	for _, q := range []string{"GET /", "GET /v2/status", "PUT /v1/jobs", "POST /v1/jobs/1", "DELETE /v1/jobs"} {
		method, target, _ := strings.Cut(q, " ")
		req, _ := http.NewRequestWithContext(t.Context(), method, "http://x"+target, nil)
		resp, err := hc.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode < 400 {
			t.Errorf("%s: %s", q, resp.Status)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(200, []byte(`{"id":"r","done":true,"results":[]}`))
	f.Add(404, []byte(`{"code":"not-found","error":"e"}`))
	f.Fuzz(func(t *testing.T, status int, b []byte) {
		if _, err := decode[Progress](status, b); err == nil && status >= 400 {
			t.Error("a refusal was taken for an answer")
		}
	})
}
