package local

import (
	"context"
	"errors"
	"iter"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(strangerVariable); task != "" {
		os.Exit(beStranger(task))
	}
	goleak.VerifyTestMain(m)
}

// fakeAgent is an agent whose jobs a test makes. A release ends when the test
// says how.
type fakeAgent struct {
	mu       sync.Mutex
	status   control.Status
	jobs     []control.Job
	printers []control.Printer
	err      error // of every question, where it is set

	released   []control.Release
	resolved   []string
	registered int
	ends       chan control.Result // what becomes of the next job released
	events     chan control.Event
	listening  int
}

func newFakeAgent() *fakeAgent {
	three := 3
	at := time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC)
	job := func(id, title, state string) control.Job {
		return control.Job{ID: id, Title: title, State: state, User: "ann", Format: "application/pdf", Copies: 1, Pages: &three, PagesCertainty: "exact",
			Created: at, Expires: at.Add(72 * time.Hour), OnlyHere: true}
	}
	secret, lost, refused := job("j2", "Payroll", "parked"), job("j3", "Plan", "uncertain"), job("j4", "Poster", control.Refused)
	secret.PINRequired = true
	lost.ReasonWord, lost.Reason, lost.Evidence, lost.Printer = outcome.ReasonConnection, "The connection was lost.", []string{"the printer took it"}, "p1"
	refused.Pages, refused.Reason = nil, "refused: It is too large."
	return &fakeAgent{
		status: control.Status{Version: "1", Enrolled: true, Site: "Example", Connected: true, Accepting: true, Registration: "off",
			PrinterURI: "ipp://localhost:1/ipp/print", PrinterURIs: []string{"ipp://localhost:1/ipp/print"}, Started: at},
		jobs: []control.Job{job("j1", "Letter <b>", "parked"), secret, lost, refused},
		printers: []control.Printer{
			{ID: "p1", Name: "Lobby", Location: "Ground floor", Floor: "ipps-pinned"},
			{ID: "p2", Name: "Annex", Location: "First floor", Floor: "ipp", Last: &control.Seen{Grade: "ipp", State: "not_sent", ReasonWord: outcome.ReasonStopped}},
			{ID: "p3", Name: "Cellar", Floor: "ipps"},
		},
		ends: make(chan control.Result, 10), events: make(chan control.Event),
	}
}

// do runs with the lock, unless the agent is to fail.
func (f *fakeAgent) do(what func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	return what()
}

func (f *fakeAgent) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *fakeAgent) change(what func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what()
}

func (f *fakeAgent) Status(context.Context) (s control.Status, err error) {
	err = f.do(func() error { s = f.status; return nil })
	return s, err
}

func (f *fakeAgent) Jobs(context.Context) (all []control.Job, err error) {
	err = f.do(func() error { all = slices.Clone(f.jobs); return nil })
	return all, err
}

var errNoJob = &control.Error{Code: control.CodeNotFound, Message: "there is no such job"}

// at is where a job is; the caller has the lock.
func (f *fakeAgent) at(id string) (int, error) {
	i := slices.IndexFunc(f.jobs, func(j control.Job) bool { return j.ID == id })
	if i < 0 {
		return 0, errNoJob
	}
	return i, nil
}

func (f *fakeAgent) Job(_ context.Context, id string) (j control.Job, err error) {
	err = f.do(func() error {
		i, err := f.at(id)
		if err == nil {
			j = f.jobs[i]
		}
		return err
	})
	return j, err
}

func (f *fakeAgent) Cancel(_ context.Context, id string) (j control.Job, err error) {
	err = f.do(func() error {
		i, err := f.at(id)
		if err == nil {
			j, f.jobs = f.jobs[i], slices.Delete(f.jobs, i, i+1)
		}
		return err
	})
	return j, err
}

func (f *fakeAgent) Resolve(_ context.Context, id, said string) (j control.Job, err error) {
	err = f.do(func() error {
		if _, err := f.at(id); err != nil {
			return err
		}
		if said != control.Printed && said != control.PrintAgain {
			return &control.Error{Code: control.CodeUsage, Message: "say printed or print-again"}
		}
		f.resolved = append(f.resolved, id+" "+said)
		return nil
	})
	return j, err
}

func (f *fakeAgent) Release(_ context.Context, r control.Release) (p control.Progress, err error) {
	err = f.do(func() error {
		f.released = append(f.released, r)
		p.ID = "r" + string(rune('0'+len(f.released)))
		for _, id := range r.Jobs {
			i, err := f.at(id)
			if err != nil {
				return err
			}
			f.jobs[i].State = "releasing"
			p.Results = append(p.Results, control.Result{Job: id, Printer: r.Printer, Result: outcome.Result{State: control.Releasing}, Message: "Add paper to tray 2."})
		}
		return nil
	})
	return p, err
}

func (f *fakeAgent) Wait(ctx context.Context, id string, tell func(control.Progress)) (control.Progress, error) {
	select {
	case r := <-f.ends:
		p := control.Progress{ID: id, Done: true, Results: []control.Result{r}}
		err := f.do(func() error {
			if i, err := f.at(r.Job); err == nil && r.State == outcome.Delivered {
				f.jobs = slices.Delete(f.jobs, i, i+1)
			}
			return nil
		})
		if err == nil {
			tell(p)
		}
		return p, err
	case <-ctx.Done():
		return control.Progress{}, ctx.Err()
	}
}

func (f *fakeAgent) Printers(context.Context) (all []control.Printer, err error) {
	err = f.do(func() error { all = slices.Clone(f.printers); return nil })
	return all, err
}

func (f *fakeAgent) People(context.Context) ([]control.Person, error) { return nil, nil }

func (f *fakeAgent) Register(context.Context, control.Registration) (p control.Person, err error) {
	err = f.do(func() error { f.registered++; f.status.Registered = true; return nil })
	return p, err
}

func (f *fakeAgent) Events(ctx context.Context) iter.Seq2[control.Event, error] {
	f.change(func() { f.listening++ })
	return func(yield func(control.Event, error) bool) {
		if !yield(control.Event{Name: control.EventReady}, nil) {
			return
		}
		for {
			select {
			case e := <-f.events:
				if e.Name == "" {
					yield(control.Event{}, control.ErrUnreachable)
					return
				}
				if !yield(e, nil) {
					return
				}
			case <-ctx.Done():
				yield(control.Event{}, ctx.Err())
				return
			}
		}
	}
}

// fakeQueues are print queues as a test wants them.
type fakeQueues struct {
	mu    sync.Mutex
	found string
	err   error
	made  string
}

func (q *fakeQueues) Find(context.Context, []string) (string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.found, nil
}

func (q *fakeQueues) Make(_ context.Context, address string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		q.made, q.found = address, queueName
	}
	return q.err
}

func (q *fakeQueues) Command(address string) string { return "sudo make-queue " + address }

// fakeClock is a Clock that a test sets.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	ticks chan time.Time
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), ticks: make(chan time.Time)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Ticks() (<-chan time.Time, func()) { return c.ticks, func() {} }

// pass lets time pass without that it is looked.
func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var errPlain = errors.New("boiler is cold")
