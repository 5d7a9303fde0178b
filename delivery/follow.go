package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/printscout/printscout/delivery/internal/post"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// pollEvery is the wait between two questions after a job: short while
// somebody stands at the printer.
func pollEvery(since time.Duration) time.Duration {
	switch {
	case since < 20*time.Millisecond:
		return 2 * time.Millisecond
	case since < 50*time.Millisecond:
		return 5 * time.Millisecond
	case since < 333*time.Millisecond:
		return 30 * time.Millisecond
	case since < 30*time.Second:
		return 200 * time.Millisecond
	case since < 5*time.Minute:
		return 2 * time.Second
	}
	return 10 * time.Second
}

// follower is what following has seen so far.
type follower struct {
	began   time.Time
	heard   time.Time // the last answer
	changed time.Time // the last answer that said something new
	missing time.Time // since when the printer knows no such job; zero while it does
	asked   time.Time // when the printer was last asked whether it waits for somebody
	waits   bool      // it does
	last    string
	seen    job // the last answer
}

// follow asks after a job that the printer has taken until it has ended, or
// until nothing more can be expected.
func (a *attempt) follow(ctx context.Context) Outcome {
	now := time.Now()
	f := follower{began: now, heard: now, changed: now}
	for {
		j, err := a.look(ctx)
		if ctx.Err() != nil {
			return a.interrupted(ctx, post.Result{Whole: true})
		}
		if err == nil && j.ended() {
			return a.ended(ctx, j)
		}
		if o, over := a.heed(&f, j, err); over {
			return o
		}
		a.minds(ctx, &f)
		if pause(ctx, pollEvery(time.Since(f.began))) != nil {
			return a.interrupted(ctx, post.Result{Whole: true})
		}
	}
}

// mindEvery is how long a job may stand still before the printer is asked
// whether it waits for somebody, and how often then.
const mindEvery = 5 * time.Second

// minds tells what a printer waits for whose job stands still.
func (a *attempt) minds(ctx context.Context, f *follower) {
	now := time.Now()
	if now.Sub(f.changed) < min(mindEvery, a.d.limit.Unchanged/4) || now.Sub(f.asked) < min(mindEvery, a.d.limit.Unchanged/4) {
		return
	}
	f.asked = now
	words := a.waitsForPerson(ctx)
	a.tell(words)
	if f.waits = words != ""; f.waits {
		a.note("%s", words)
	}
}

// heed takes in one answer and reports whether to stop following.
func (a *attempt) heed(f *follower, j job, err error) (o Outcome, over bool) {
	now := time.Now()
	switch {
	case errors.Is(err, errNoJob):
		f.heard = now
		if f.missing.IsZero() {
			f.missing = now
		}
		if now.Sub(f.missing) > a.d.limit.Settle {
			a.note("The printer knows no job with the name %s.", a.token)
			return a.unknown(outcome.ReasonForgotten, fmt.Sprintf("Printer %s no longer knows the job.", a.printer.Name)+mayBePrinted), true
		}
	case err != nil:
		if now.Sub(f.heard) > a.d.limit.Lost {
			a.note("Asking for the job: %s", ipp.Clean(err.Error(), 300))
			return a.unknown(outcome.ReasonNoAnswer, silence(a.printer.Name)+mayBePrinted), true
		}
	default:
		f.heard, f.missing = now, time.Time{}
		words := j.progress()
		if words != f.last || j.beyond(f.seen) {
			f.changed, f.waits = now, false
			a.tell("")
		}
		if words != f.last {
			a.learn(j)
		}
		f.last, f.seen = words, j
	}
	if now.Sub(f.changed) > a.d.limit.Unchanged && !f.waits || now.Sub(f.began) > a.d.limit.Follow {
		return a.unknown(outcome.ReasonStillPrinting, fmt.Sprintf("Printer %s has the document and has not finished it: %s.", a.printer.Name, orUnknown(f.last))), true
	}
	return o, false
}

func orUnknown(words string) string {
	if words == "" {
		return "state not known"
	}
	return words
}

// progress tells one answer from another.
func (j job) progress() string {
	if j.pages == nil {
		return j.words()
	}
	return fmt.Sprintf("%s, pages: %d", j.words(), *j.pages)
}

// learn notes what the printer says of the job.
func (a *attempt) learn(j job) {
	if j.pages != nil {
		a.pages = j.pages
	}
	switch {
	case !j.ended():
	case a.numbered: // whose state it is, is not proven
		a.level = outcome.EvidenceTaken
	case j.pages != nil:
		a.level = outcome.EvidenceCounted
	default:
		a.level = outcome.EvidenceState
	}
	a.note("The printer on job %d: %s.", j.id, j.progress())
}

func (a *attempt) unknown(reason, message string) Outcome {
	return Outcome{Result: outcome.Result{State: outcome.Uncertain, Reason: reason}, Message: message}
}

// ending is what is known now that the printer calls the job ended.
func (a *attempt) ending(j job) ending {
	return ending{
		job: j, size: a.doc.Size, expected: a.expected(), octets: a.known.Counts.Octets && !a.packed,
		unconfirmed: a.unconfirmed, refused: a.refused,
	}
}

// ended is the outcome of a job whose document went out whole and that the
// printer calls ended. Some printers count on for a moment behind that.
func (a *attempt) ended(ctx context.Context, j job) Outcome {
	if a.ending(j).mayCount() {
		later, err := a.await(ctx, func(j job) bool { return j.ended() && !a.ending(j).mayCount() })
		if err == nil && later.ended() {
			j = later
		}
	}
	return a.concluded(j)
}

// concluded is the outcome by what the printer says now.
func (a *attempt) concluded(j job) Outcome {
	a.learn(j)
	name := a.printer.Name
	e := a.ending(j)
	switch fate := e.decide(); fate {
	case fatePrinted:
		a.learnCounts(j)
		return Outcome{Result: outcome.Result{State: outcome.Delivered}, Message: fmt.Sprintf("Printed at %s.", name)}
	case fateConnected:
		return a.dropped(j)
	case fateCanceled:
		return Outcome{Result: outcome.Result{State: outcome.Canceled, Reason: outcome.ReasonAtPrinter}, Message: fmt.Sprintf("The job was canceled at printer %s.", name)}
	case fateNothing:
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonAborted}, Message: fmt.Sprintf("Printer %s gave the job up before it printed anything: %s.", name, j.words())}
	case fatePartly:
		return a.unknown(outcome.ReasonAborted, fmt.Sprintf("Printer %s gave the job up. Part of it may have been printed.", name))
	default:
		return a.unknown(e.doubt(fate, name))
	}
}

// dropped is the outcome of a job that the printer gave up by itself when the
// connection broke: nobody has decided against the document.
func (a *attempt) dropped(j job) Outcome {
	f := a.cutFailure(nil)
	if j.nothingPrinted() {
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: f.reason}, Message: f.message + " Nothing was printed."}
	}
	return a.doubtful(f, post.Result{})
}
