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

// pollInterval returns the wait between two questions about a job: short while
// a person is likely to stand at the printer.
func pollInterval(since time.Duration) time.Duration {
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

// followState is what following a job has seen so far.
type followState struct {
	began   time.Time
	heard   time.Time // the last answer
	changed time.Time // the last answer that said something new
	missing time.Time // when the printer began to know no such job; zero while it does
	asked   time.Time // when the printer was last asked whether it waits for a person
	waits   bool      // it does
	last    string
	seen    jobStatus // the last answer
}

// followJob polls a job that the printer has taken until it has ended, or
// until nothing more can be expected.
func (a *attempt) followJob(ctx context.Context) Outcome {
	now := time.Now()
	f := followState{began: now, heard: now, changed: now}
	for {
		j, err := a.findJob(ctx)
		if ctx.Err() != nil {
			return a.interruptedOutcome(ctx, post.Result{Whole: true})
		}
		if err == nil && j.ended() {
			return a.endedOutcome(ctx, j)
		}
		if o, over := a.handleAnswer(&f, j, err); over {
			return o
		}
		a.tellStandstill(ctx, &f)
		if pauseFor(ctx, pollInterval(time.Since(f.began))) != nil {
			return a.interruptedOutcome(ctx, post.Result{Whole: true})
		}
	}
}

// standstillInterval is how long a job may stand still before the printer is
// asked whether it waits for a person, and the interval between such
// questions.
const standstillInterval = 5 * time.Second

// tellStandstill asks a printer whose job does not advance what it waits for,
// and tells it.
func (a *attempt) tellStandstill(ctx context.Context, f *followState) {
	now := time.Now()
	if now.Sub(f.changed) < min(standstillInterval, a.deliverer.limit.Unchanged/4) || now.Sub(f.asked) < min(standstillInterval, a.deliverer.limit.Unchanged/4) {
		return
	}
	f.asked = now
	words := a.waitsForPerson(ctx)
	a.tellWaiting(outcome.ReasonStopped, words)
	if f.waits = words != ""; f.waits {
		a.addEvidence("%s", words)
	}
}

// handleAnswer handles one answer about the job and reports whether to stop
// following.
func (a *attempt) handleAnswer(f *followState, j jobStatus, err error) (o Outcome, over bool) {
	now := time.Now()
	switch {
	case errors.Is(err, errNoJob):
		f.heard = now
		if f.missing.IsZero() {
			f.missing = now
		}
		if now.Sub(f.missing) > a.deliverer.limit.Settle {
			a.addEvidence("The printer knows no job with the name %s.", a.token)
			return a.uncertainOutcome(outcome.ReasonForgotten, fmt.Sprintf("Printer %s no longer knows the job.", a.printer.Name)+mayBePrinted), true
		}
	case err != nil:
		if now.Sub(f.heard) > a.deliverer.limit.Lost {
			a.addEvidence("Asking for the job: %s", ipp.Clean(err.Error(), 300))
			return a.uncertainOutcome(outcome.ReasonNoAnswer, silenceMessage(a.printer.Name)+mayBePrinted), true
		}
	default:
		f.heard, f.missing = now, time.Time{}
		words := j.progress()
		if words != f.last || j.countsMoreThan(f.seen) {
			f.changed, f.waits = now, false
			a.tellGoesOn()
		}
		if words != f.last {
			a.noteJobState(j)
		}
		f.last, f.seen = words, j
	}
	if now.Sub(f.changed) > a.deliverer.limit.Unchanged && !f.waits || now.Sub(f.began) > a.deliverer.limit.Follow {
		return a.uncertainOutcome(outcome.ReasonStillPrinting, fmt.Sprintf("Printer %s has the document and has not finished it: %s.", a.printer.Name, orUnknown(f.last))), true
	}
	return o, false
}

func orUnknown(words string) string {
	if words == "" {
		return "state not known"
	}
	return words
}

// progress returns the job's state as text, by which one answer is told from
// another.
func (j jobStatus) progress() string {
	if j.pages == nil {
		return j.stateWords()
	}
	return fmt.Sprintf("%s, pages: %d", j.stateWords(), *j.pages)
}

// noteJobState adds what the printer says of the job to the evidence.
func (a *attempt) noteJobState(j jobStatus) {
	if j.pages != nil {
		a.pages = j.pages
	}
	switch {
	case !j.ended():
	case a.numbered: // the state may be that of another job
		a.level = outcome.EvidenceTaken
	case j.pages != nil:
		a.level = outcome.EvidenceCounted
	default:
		a.level = outcome.EvidenceState
	}
	a.addEvidence("The printer on job %d: %s.", j.id, j.progress())
}

func (a *attempt) uncertainOutcome(reason, message string) Outcome {
	return Outcome{Result: outcome.Result{State: outcome.Uncertain, Reason: reason}, Message: message}
}

// endingOf returns what is known when the printer calls the job ended.
func (a *attempt) endingOf(j jobStatus) jobEnding {
	return jobEnding{
		job: j, size: a.doc.Size, expected: a.expectedPages(), octets: a.known.Counts.Octets && !a.packed,
		unconfirmed: a.unconfirmed, refused: a.refused,
	}
}

// endedOutcome returns the outcome of a job whose document went out whole and
// that the printer calls ended. Some printers go on counting for a moment
// after that.
func (a *attempt) endedOutcome(ctx context.Context, j jobStatus) Outcome {
	if a.endingOf(j).mayCount() {
		later, err := a.awaitJob(ctx, func(j jobStatus) bool { return j.ended() && !a.endingOf(j).mayCount() })
		if err == nil && later.ended() {
			j = later
		}
	}
	return a.concludedOutcome(j)
}

// concludedOutcome returns the outcome by what the printer says now.
func (a *attempt) concludedOutcome(j jobStatus) Outcome {
	a.noteJobState(j)
	name := a.printer.Name
	e := a.endingOf(j)
	switch fate := e.decide(); fate {
	case verdictPrinted:
		a.learnCounts(j)
		return Outcome{Result: outcome.Result{State: outcome.Delivered}, Message: fmt.Sprintf("Printed at %s.", name)}
	case verdictConnection:
		return a.droppedOutcome(j)
	case verdictCanceled:
		return Outcome{Result: outcome.Result{State: outcome.Canceled, Reason: outcome.ReasonAtPrinter}, Message: fmt.Sprintf("The job was canceled at printer %s.", name)}
	case verdictNothing:
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonAborted}, Message: fmt.Sprintf("Printer %s gave the job up before it printed anything: %s.", name, j.stateWords())}
	case verdictPartly:
		return a.uncertainOutcome(outcome.ReasonAborted, fmt.Sprintf("Printer %s gave the job up. Part of it may have been printed.", name))
	default:
		return a.uncertainOutcome(e.describeDoubt(fate, name))
	}
}

// droppedOutcome returns the outcome of a job that the printer gave up by
// itself when the connection broke.
func (a *attempt) droppedOutcome(j jobStatus) Outcome {
	f := a.cutFailure(nil)
	if j.nothingPrinted() {
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: f.reason}, Message: f.message + " Nothing was printed."}
	}
	return a.uncertainAfter(f, post.Result{})
}
