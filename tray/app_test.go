package tray

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// scripted is an agent whose events a test sends. Each connection is a channel
// of the test's; nil is none.
type scripted struct {
	mu      sync.Mutex
	dials   []time.Time
	streams []chan control.Event
	asked   []string
	fail    error
	result  control.Progress
}

func (a *scripted) stream() (<-chan control.Event, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dials = append(a.dials, time.Now())
	if len(a.streams) == 0 {
		return nil, false
	}
	s := a.streams[0]
	a.streams = a.streams[1:]
	return s, s != nil
}

func (a *scripted) Events(ctx context.Context) iter.Seq2[control.Event, error] {
	return func(yield func(control.Event, error) bool) {
		events, ok := a.stream()
		if !ok {
			yield(control.Event{}, control.ErrUnreachable)
			return
		}
		for {
			select {
			case e, more := <-events:
				if !more || !yield(e, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func (a *scripted) note(format string, args ...any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, fmt.Sprintf(format, args...))
	return a.fail
}

func (a *scripted) Release(_ context.Context, r control.Release) (control.Progress, error) {
	if r.All {
		return control.Progress{}, errors.New("an administrator would release everybody's")
	}
	return control.Progress{ID: "r"}, a.note("release %v at %s", r.Jobs, r.Printer)
}

func (a *scripted) Wait(context.Context, string, func(control.Progress)) (control.Progress, error) {
	return a.result, nil
}

func (a *scripted) Cancel(_ context.Context, id string) (control.Job, error) {
	return control.Job{}, a.note("cancel %s", id)
}

func (a *scripted) Resolve(_ context.Context, id, said string) (control.Job, error) {
	return control.Job{}, a.note("resolve %s: %s", id, said)
}

// paper is a screen that keeps what it is told, and pages.
type paper struct {
	mu sync.Mutex
	seen
}

// seen is what a screen was told.
type seen struct {
	view   View
	views  int
	said   []string
	opened []string
}

func (p *paper) Show(v View) { p.mu.Lock(); defer p.mu.Unlock(); p.view = v; p.views++ }
func (p *paper) Notify(n Notice) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, n.text())
}
func (p *paper) Withdraw(Key) {}
func (p *paper) Open(page string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opened = append(p.opened, page)
	return nil
}

// look returns what the screen was told until now.
func (p *paper) look() seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.seen
	c.said, c.opened = slices.Clone(c.said), slices.Clone(c.opened)
	return c
}

// look returns what the agent was asked until now.
func (a *scripted) look() (asked []string, dials []time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.asked), slices.Clone(a.dials)
}

// stage is an app with an agent and a screen of a test.
type stage struct {
	*app
	agent *scripted
	paper *paper
	t     *testing.T
}

// onStage runs a test beside an app, on a clock of its own.
func onStage(t *testing.T, connections []chan control.Event, test func(*stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		for i := range connections {
			if connections[i] != nil {
				connections[i] = make(chan control.Event)
			}
		}
		agent, p := &scripted{streams: slices.Clone(connections)}, new(paper)
		a := newApp(Config{Agent: agent, Pages: p, Preferences: used{}, Texts: inEnglish, Log: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); a.run(ctx, p) }()
		test(&stage{a, agent, p, t})
		cancel()
		<-done
	})
}

// connection is a connection of a test, to be made by onStage.
func connection() chan control.Event { return make(chan control.Event) }

// tells sends a whole state on a connection.
func tells(c chan<- control.Event, jobs ...control.Job) {
	c <- control.Event{Name: control.EventStatus, Status: &healthy}
	c <- control.Event{Name: control.EventPrinters, Printers: []control.Printer{{ID: "id-lobby", Name: "lobby"}}}
	for i := range jobs {
		c <- control.Event{Name: control.EventJob, Job: &jobs[i]}
	}
	c <- control.Event{Name: control.EventReady}
	synctest.Wait()
}

func event(j control.Job) control.Event { return control.Event{Name: control.EventJob, Job: &j} }

// fresh is a job printed just now.
func fresh(id, state string) control.Job {
	return job(id, state, func(j *control.Job) { j.Created, j.Expires = time.Now(), time.Now().Add(24*time.Hour) })
}

// TestReconnects wants pauses that grow from a second to a minute, and one of
// a second after an agent that was there.
func TestReconnects(t *testing.T) {
	connections := []chan control.Event{nil, nil, nil, nil, nil, nil, nil, nil, nil, connection(), nil, nil}
	onStage(t, connections, func(s *stage) {
		began := time.Now()
		pass(time.Hour / 4)
		tells(connections[9])
		if v := s.paper.look().view; v.Icon != Connected {
			t.Errorf("with an agent the icon is %d", v.Icon)
		}
		close(connections[9])
		synctest.Wait()
		if v := s.paper.look().view; v.Icon != Offline {
			t.Errorf("without an agent the icon is %d", v.Icon)
		}
		pass(4 * time.Second)
		var pauses []time.Duration
		_, dials := s.agent.look()
		for _, d := range dials {
			pauses = append(pauses, d.Sub(began)/time.Second)
			began = d
		}
		want := []time.Duration{0, 1, 2, 4, 8, 16, 32, 60, 60, 60, pauses[10], 2}
		if !reflect.DeepEqual(pauses, want) || pauses[10] < 600 {
			t.Errorf("seconds between the dials: %v, not %v", pauses, want)
		}
	})
}

// TestIdleTrayDoesNothing wants nothing shown, said or asked in a day of rest.
func TestIdleTrayDoesNothing(t *testing.T) {
	connections := []chan control.Event{connection()}
	onStage(t, connections, func(s *stage) {
		tells(connections[0])
		before := s.paper.look().views
		pass(24 * time.Hour)
		got := s.paper.look()
		asked, dials := s.agent.look()
		if got.views != before || len(asked) > 0 || len(dials) > 1 || len(got.said) > 0 {
			t.Errorf("shown %d times, asked %q, dialed %d times, said %q", got.views-before, asked, len(dials), got.said)
		}
	})
}

// TestAgesGoOn with the clock, each minute at the most.
func TestAgesGoOn(t *testing.T) {
	connections := []chan control.Event{connection()}
	onStage(t, connections, func(s *stage) {
		tells(connections[0], fresh("1", parked))
		before := s.paper.look().views
		pass(10*time.Minute + time.Second)
		if got := s.paper.look().views - before; got != 10 {
			t.Errorf("shown %d times in ten minutes", got)
		}
		pass(24 * time.Hour)
		if want := []string{"Report 1 | It waits, sealed. Release it at a printer, or from this icon. [Show]"}; !reflect.DeepEqual(s.paper.look().said[:1], want) || len(s.paper.look().said) != 2 {
			t.Errorf("in a day was said %q", s.paper.look().said)
		}
	})
}

// TestReconnectionKeepsTheMenu until everything has been said anew.
func TestReconnectionKeepsTheMenu(t *testing.T) {
	connections := []chan control.Event{connection(), connection()}
	onStage(t, connections, func(s *stage) {
		tells(connections[0], fresh("1", parked), fresh("2", parked))
		pass(together)
		close(connections[0])
		pass(shortestPause)
		connections[1] <- control.Event{Name: control.EventStatus, Status: &healthy}
		synctest.Wait()
		if s.paper.look().view.Icon != Offline {
			t.Error("before everything is said the agent counts as reached")
		}
		tells(connections[1], fresh("2", parked))
		pass(together)
		if want := []string{"2 documents wait |  [Show]"}; !reflect.DeepEqual(s.paper.look().said, want) {
			t.Errorf("was said %q, not %q", s.paper.look().said, want)
		}
	})
}

func TestActions(t *testing.T) {
	for name, c := range map[string]struct {
		do   Action
		want []string
	}{
		"release":     {Action{Verb: Release, Job: "1", Printer: "id-lobby"}, []string{"release [1] at id-lobby"}},
		"release all": {Action{Verb: ReleaseAll, Printer: "id-lobby"}, []string{"release [1 2] at id-lobby"}},
		"cancel":      {Action{Verb: Cancel, Job: "1"}, []string{"cancel 1"}},
		"printed":     {Action{Verb: Printed, Job: "4"}, []string{"resolve 4: printed"}},
		"print again": {Action{Verb: PrintAgain, Job: "4"}, []string{"resolve 4: print-again"}},
	} {
		connections := []chan control.Event{connection()}
		onStage(t, connections, func(s *stage) {
			pin := fresh("3", parked)
			pin.PINRequired = true
			tells(connections[0], fresh("1", parked), fresh("2", parked), pin, fresh("4", uncertain))
			s.click(c.do)
			synctest.Wait()
			if asked, _ := s.agent.look(); !reflect.DeepEqual(asked, c.want) {
				t.Errorf("%s: the agent was asked %q, not %q", name, asked, c.want)
			}
		})
	}
}

// TestWhatDoesNotWorkIsSaid in the agent's words, with what to do.
func TestWhatDoesNotWorkIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		fail   error
		result control.Progress
		want   string
	}{
		"an error": {&control.Error{Code: control.CodeForbidden, Message: "The directory forbids it.", Hint: "ask"}, control.Progress{}, "That did not work | The directory forbids it. (ask)"},
		"no agent": {control.ErrUnreachable, control.Progress{}, "That did not work | " + control.ErrUnreachable.Error()},
		"a job that could not be released": {nil, control.Progress{Done: true, Results: []control.Result{
			{Job: "1", Result: outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonJobReleasing}}}},
			"That did not work | The job is being released already."},
		"a release of which events tell": {nil, control.Progress{Done: true, Results: []control.Result{
			{Job: "1", Result: outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonUnreachable}}}}, ""},
	} {
		connections := []chan control.Event{connection()}
		onStage(t, connections, func(s *stage) {
			s.agent.fail, s.agent.result = c.fail, c.result
			tells(connections[0], fresh("1", releasing))
			s.click(Action{Verb: Release, Job: "1", Printer: "id-lobby"})
			pass(together)
			synctest.Wait()
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			if !reflect.DeepEqual(s.paper.look().said, want) {
				t.Errorf("%s: was said %q, not %q", name, s.paper.look().said, want)
			}
		})
	}
}

// TestWizardOpensOnce for as long as jobs wait, across reconnections, and once
// more when others wait later.
func TestWizardOpensOnce(t *testing.T) {
	connections := []chan control.Event{connection(), connection()}
	onStage(t, connections, func(s *stage) {
		tells(connections[0])
		for _, c := range []struct {
			job  control.Job
			want int
		}{
			{fresh("1", waiting), 1}, {fresh("2", waiting), 1}, {fresh("1", parked), 1}, {fresh("2", parked), 1}, {fresh("3", waiting), 2},
		} {
			connections[0] <- event(c.job)
			synctest.Wait()
			if len(s.paper.look().opened) != c.want {
				t.Fatalf("with job %s %s, the wizard was opened %d times, not %d", c.job.ID, c.job.State, len(s.paper.look().opened), c.want)
			}
		}
		close(connections[0])
		pass(shortestPause)
		tells(connections[1], fresh("3", waiting))
		if want := []string{PageSetup, PageSetup}; !reflect.DeepEqual(s.paper.look().opened, want) {
			t.Errorf("opened were %q, not %q", s.paper.look().opened, want)
		}
	})
}

// TestQuitEndsTheApp and all that it has begun.
func TestQuitEndsTheApp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(Config{Agent: &scripted{}, Pages: new(paper), Preferences: used{}, Texts: inEnglish, Log: slog.New(slog.DiscardHandler)})
		done := make(chan struct{})
		go func() { defer close(done); a.run(t.Context(), new(paper)) }()
		a.click(Action{Verb: Quit})
		<-done
	})
}

// pass lets the clock go on.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
