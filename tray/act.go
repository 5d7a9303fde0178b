package tray

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
)

// act begins what a person asked for. What comes of it is told by the agent's
// events; only what fails is said here.
func (a *app) act(ctx context.Context, do Action) {
	switch do.Verb {
	case Open:
		a.openPage(do.Page)
	case Release:
		a.release(ctx, do.Printer, []string{do.Job})
	case ReleaseAll:
		a.release(ctx, do.Printer, a.releasable())
	case Cancel:
		a.ask(ctx, do.Job, func(ctx context.Context) error { _, err := a.Agent.Cancel(ctx, do.Job); return err })
	case Printed:
		a.resolve(ctx, do.Job, control.Printed)
	case PrintAgain:
		a.resolve(ctx, do.Job, control.PrintAgain)
	}
}

func (a *app) resolve(ctx context.Context, job, said string) {
	a.ask(ctx, job, func(ctx context.Context) error { _, err := a.Agent.Resolve(ctx, job, said); return err })
}

// releasable returns the person's own jobs by id. The agent's own "all" would
// be everybody's for an administrator.
func (a *app) releasable() (ids []string) {
	for _, j := range a.state.jobs() {
		if releasable(j) {
			ids = append(ids, j.ID)
		}
	}
	return ids
}

func (a *app) release(ctx context.Context, printer string, jobs []string) {
	if len(jobs) == 0 {
		return
	}
	if err := a.Preferences.Used(printer); err != nil {
		a.Log.Warn("which printer was used could not be kept", "error", err)
	}
	a.teller.again(jobs)
	a.ask(ctx, jobs[0], func(ctx context.Context) error {
		p, err := a.Agent.Release(ctx, control.Release{Jobs: jobs, Printer: printer})
		if err == nil && !p.Done {
			p, err = a.Agent.Wait(ctx, p.ID, nil)
		}
		return errors.Join(err, a.refusals(p))
	})
}

// refusals returns why jobs were not released of which no event tells, since
// their release has not begun: they are as before.
func (a *app) refusals(p control.Progress) error {
	var all []error
	for _, r := range p.Results {
		if r.State == outcome.NotSent && isRefusal(r.Reason) {
			all = append(all, errors.New(reason(a.Texts, r.Reason, r.Message)))
		}
	}
	return errors.Join(all...)
}

// isRefusal reports whether a release may not have begun, by its reason.
func isRefusal(word string) bool {
	return strings.HasPrefix(word, "job-") || word == outcome.ReasonJournal || word == outcome.ReasonFailed
}

// ask runs a request to the agent beside all else, and says what does not work.
func (a *app) ask(ctx context.Context, job string, request func(context.Context) error) {
	a.busy.Go(func() {
		err := request(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		a.Log.Info("what a person asked for did not work", "error", err)
		n := Notice{Key: Key{Kind: kindError, Job: job}, Title: a.Texts.Say("tray.note.error"), Body: sentence(err), Click: open(PageJobs)}
		select {
		case a.errors <- n:
		case <-ctx.Done():
		}
	})
}

// sentence returns an error as a person reads it, with what to do.
func sentence(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", " ")
	if e, ok := errors.AsType[*control.Error](err); ok {
		text = e.Message
		if e.Hint != "" {
			text = fmt.Sprintf("%s (%s)", text, e.Hint)
		}
	}
	return short(text, 3*maxSentence)
}

// openPage opens a page, and says where it cannot.
func (a *app) openPage(page string) {
	if err := a.Pages.Open(page); err != nil {
		a.Log.Warn("a page could not be opened", "page", page, "error", err)
		a.teller.hold(Notice{Key: Key{Kind: kindError, Job: page}, Title: a.Texts.Say("tray.note.error"), Body: sentence(err)}, time.Now())
	}
}
