package tray

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"time"
)

// Config is what a tray is made of.
type Config struct {
	Agent       Agent
	Pages       Pages
	Preferences Preferences
	Texts       Texts
	Log         *slog.Logger
}

// View is what icon and menu show.
type View struct {
	Icon    Icon
	Tooltip string
	Menu    []Item
}

// Screen is the person's desktop. Its methods return at once and are called by
// one goroutine.
type Screen interface {
	Show(View)
	Notify(Notice)
	Withdraw(Key) // a notification that holds no longer, if it is still shown
}

// app joins the agent and a screen. Its state is of the goroutine of run.
type app struct {
	Config
	screen Screen
	heard  chan heard
	clicks chan Action
	errors chan Notice // what did not work

	state  State
	shown  View
	teller *teller
	wizard bool // it was opened for the jobs that wait now
	busy   sync.WaitGroup
}

// newApp makes an app that has not yet heard of the agent.
func newApp(c Config) *app {
	a := &app{
		Config: c, heard: make(chan heard), clicks: make(chan Action, 8), errors: make(chan Notice),
		state: NewState(), teller: newTeller(time.Now()),
	}
	a.shown = a.view(time.Now(), Preferred{})
	return a
}

// click takes what the person has clicked on. It never waits; whoever clicks
// faster than we can begin clicks again.
func (a *app) click(do Action) {
	select {
	case a.clicks <- do:
	default:
	}
}

// run shows the agent on a screen until ctx ends or the person ends it.
func (a *app) run(ctx context.Context, screen Screen) {
	a.screen = screen
	ctx, cancel := context.WithCancel(ctx)
	defer a.busy.Wait()
	defer cancel()
	a.busy.Go(func() {
		follow(ctx, a.Agent, func(h heard) {
			select {
			case a.heard <- h:
			case <-ctx.Done():
			}
		})
	})
	a.screen.Show(a.shown)
	late := time.NewTimer(0)
	late.Stop()
	defer late.Stop()
	for {
		late.Stop()
		if at := a.wake(time.Now()); !at.IsZero() {
			late.Reset(time.Until(at))
		}
		select {
		case <-ctx.Done():
			return
		case h := <-a.heard:
			a.hear(h)
		case do := <-a.clicks:
			if do.Verb == Quit {
				return
			}
			a.act(ctx, do)
		case n := <-a.errors:
			a.teller.hold(n, time.Now())
		case <-late.C:
		}
		a.update(time.Now())
	}
}

// hear folds in what the follower tells.
func (a *app) hear(h heard) {
	switch {
	case h.lost != nil:
		if a.state.Lost == nil {
			a.state.Since = time.Now()
			a.Log.Info("the agent cannot be reached", "error", h.lost)
		}
		a.state.Lost = h.lost
	case h.state != nil:
		a.state = *h.state
	default:
		a.state.Add(h.event)
	}
}

// update shows what has changed, and says what is new.
func (a *app) update(now time.Time) {
	preferred := Preferred{a.Preferences.Recent(), a.Preferences.Favorites()}
	if v := a.view(now, preferred); !reflect.DeepEqual(v, a.shown) {
		a.shown = v
		a.screen.Show(v)
	}
	for _, k := range a.teller.see(a.state, Notices(a.state, now, a.Texts, preferred), now) {
		a.screen.Withdraw(k)
	}
	for _, n := range a.teller.take(now, a.Texts) {
		a.screen.Notify(n)
	}
	a.openWizard()
}

func (a *app) view(now time.Time, p Preferred) View {
	return View{IconOf(a.state), Tooltip(a.state, now, a.Texts), Menu(a.state, now, a.Texts, p)}
}

// wake returns when something is to be said or shown without an event: at the
// next full minute while ages are shown, zero for never.
func (a *app) wake(now time.Time) (at time.Time) {
	if a.state.Lost == nil && len(a.state.Jobs) > 0 {
		at = now.Truncate(time.Minute).Add(time.Minute)
	}
	if len(a.teller.held) > 0 && (at.IsZero() || a.teller.due.Before(at)) {
		at = a.teller.due
	}
	return at
}

// openWizard opens it once for as long as jobs wait for their owner to register.
func (a *app) openWizard() {
	if a.state.Lost != nil || !a.state.Ready {
		return
	}
	wait := a.state.count(in(waiting)) > 0
	if wait && !a.wizard {
		a.openPage(PageSetup)
	}
	a.wizard = wait
}
