package tray

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// agent answers on a socket as the real one does, for one person, with printers
// made of nothing: a release ends once the test says how.
type agent struct {
	t      *testing.T
	path   string
	server *http.Server

	mu      sync.Mutex
	status  control.Status
	jobs    []control.Job
	streams map[chan control.Event]bool
	asked   []string
}

func newAgent(t *testing.T, dir string) *agent {
	a := &agent{t: t, path: filepath.Join(dir, "agent.sock"), status: healthy, streams: map[chan control.Event]bool{}}
	a.start()
	t.Cleanup(a.stop)
	return a
}

// start listens, anew after stop.
func (a *agent) start() {
	l, err := net.Listen("unix", a.path)
	if err != nil {
		a.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/events", a.events)
	mux.HandleFunc("POST /v1/releases", a.release)
	mux.HandleFunc("GET /v1/releases/{id}", a.wait)
	mux.HandleFunc("DELETE /v1/jobs/{id}", a.cancel)
	mux.HandleFunc("POST /v1/jobs/{id}/resolution", a.resolve)
	a.server = &http.Server{Handler: mux}
	go a.server.Serve(l)
}

// stop ends all connections, as when an agent is restarted.
func (a *agent) stop() { a.server.Close() }

func (a *agent) events(w http.ResponseWriter, r *http.Request) {
	next := make(chan control.Event, 64)
	a.mu.Lock()
	first := []control.Event{{Name: control.EventStatus, Status: &a.status},
		{Name: control.EventPrinters, Printers: []control.Printer{{ID: "id-lobby", Name: "lobby", Location: "Ground floor"}, {ID: "id-attic", Name: "attic", Location: "Second floor"}}}}
	for _, j := range a.jobs {
		first = append(first, event(j))
	}
	a.streams[next] = true
	a.mu.Unlock()
	defer func() { a.mu.Lock(); delete(a.streams, next); a.mu.Unlock() }()
	for _, e := range append(first, control.Event{Name: control.EventReady}) {
		write(w, e)
	}
	for {
		select {
		case e := <-next:
			write(w, e)
		case <-r.Context().Done():
			return
		}
	}
}

func write(w http.ResponseWriter, e control.Event) {
	var data any = struct{}{}
	switch {
	case e.Status != nil:
		data = e.Status
	case e.Printers != nil:
		data = e.Printers
	case e.Job != nil:
		data = e.Job
	case e.Gone != nil:
		data = e.Gone
	}
	text, _ := json.Marshal(data)
	fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.Name, text)
	w.(http.Flusher).Flush()
}

// say tells all streams; mu is held.
func (a *agent) say(e control.Event) {
	for s := range a.streams {
		s <- e
	}
}

// has gives a job to the person, or changes it.
func (a *agent) has(j control.Job) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keep(j)
}

func (a *agent) keep(j control.Job) {
	i := slices.IndexFunc(a.jobs, func(o control.Job) bool { return o.ID == j.ID })
	if i < 0 {
		a.jobs = append(a.jobs, j)
	} else {
		a.jobs[i] = j
	}
	a.say(event(j))
}

// end has a job gone.
func (a *agent) end(id, state string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop(id, state)
}

func (a *agent) drop(id, state string) {
	i := slices.IndexFunc(a.jobs, func(o control.Job) bool { return o.ID == id })
	if i < 0 {
		return
	}
	j := a.jobs[i]
	a.jobs = slices.Delete(a.jobs, i, i+1)
	a.say(control.Event{Name: control.EventGone, Gone: &control.Gone{ID: id, Title: j.Title, State: state, Printer: j.Printer}})
}

func (a *agent) note(format string, args ...any) {
	a.asked = append(a.asked, fmt.Sprintf(format, args...))
}

// heard returns what it was asked so far.
func (a *agent) heard() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asked)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func (a *agent) release(w http.ResponseWriter, r *http.Request) {
	var q control.Release
	json.NewDecoder(r.Body).Decode(&q)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.note("release %v at %s", q.Jobs, q.Printer)
	for _, j := range slices.Clone(a.jobs) {
		if slices.Contains(q.Jobs, j.ID) {
			j.State, j.Printer = releasing, q.Printer
			a.keep(j)
		}
	}
	answer(w, control.Progress{ID: "r"})
}

func (a *agent) wait(w http.ResponseWriter, _ *http.Request) {
	answer(w, control.Progress{ID: "r", Done: true, Results: []control.Result{{Result: outcome.Result{State: outcome.Delivered}}}})
}

func (a *agent) cancel(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.note("cancel %s", r.PathValue("id"))
	a.drop(r.PathValue("id"), "canceled")
	answer(w, control.Job{})
}

func (a *agent) resolve(w http.ResponseWriter, r *http.Request) {
	var q control.Resolution
	json.NewDecoder(r.Body).Decode(&q)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.note("resolve %s: %s", r.PathValue("id"), q.Said)
	a.drop(r.PathValue("id"), delivered)
	answer(w, control.Job{})
}

// printed makes a job that was printed just now.
func printed(id, title string) control.Job {
	pages := 3
	return control.Job{ID: id, Title: title, State: parked, Pages: &pages, PagesCertainty: "exact", Created: time.Now(), Expires: time.Now().Add(24 * time.Hour)}
}
