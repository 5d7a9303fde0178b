package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/printscout/printscout/delivery/internal/post"
	"github.com/printscout/printscout/delivery/internal/raw"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// judgeRaw returns the outcome of the document: docs/raw.md, Result.
func (a *attempt) judgeRaw(ctx context.Context, job raw.Job, r raw.Result) Outcome {
	for _, e := range r.Evidence {
		a.addEvidence("%s", e)
	}
	a.pages, a.level = r.Pages, cmp.Or(r.Level, outcome.EvidenceNone)
	if r.Err != nil && len(r.Evidence) == 0 {
		a.addEvidence("%d of %d bytes of the document were handed over; then: %s", r.Bytes, a.doc.Size, ipp.Clean(r.Err.Error(), 300))
	}
	name := a.printer.Name
	switch {
	case errors.Is(r.Err, raw.ErrCopies):
		return a.nothingSent(ctx, copiesFailure(name, job.Copies))
	case r.Bytes == 0 && !r.Whole:
		return a.nothingSent(ctx, errors.Join(a.source.readError(), r.Err))
	case r.Ended != "" && r.Ended != raw.EndedOK:
		return a.rawGivenUp(r.Ended)
	case a.source.readError() != nil:
		return a.uncertainAfter(&failure{reason: outcome.ReasonUnreadable, message: "The document could not be read to its end."}, post.Result{})
	case r.Err == nil:
		return a.rawTaken(ctx, job, r)
	case errors.Is(context.Cause(ctx), ErrLeave) && !r.Whole:
		return a.uncertainAfter(interruptionFailure(), post.Result{})
	case ctx.Err() != nil && !r.Whole:
		return a.uncertainAfter(errCanceled, post.Result{})
	case r.Whole:
		return a.uncertainOutcome(outcome.ReasonNoAnswer, silenceMessage(name)+mayBePrinted)
	}
	return a.uncertainAfter(a.cutFailure(r.Err), post.Result{})
}

// rawGivenUp returns the outcome of a job that did not end well, by the
// printer's word for it: a person canceled it, or the printer could not go on.
func (a *attempt) rawGivenUp(word string) Outcome {
	name := a.printer.Name
	switch {
	case word == raw.EndedResource:
		return a.uncertainOutcome(outcome.ReasonAborted, fmt.Sprintf("Printer %s gave the job up. Part of it may have been printed.", name))
	case strings.Contains(word, "CANCEL"):
		return Outcome{Result: outcome.Result{State: outcome.Canceled, Reason: outcome.ReasonAtPrinter}, Message: fmt.Sprintf("The job was canceled at printer %s.", name)}
	}
	return a.uncertainOutcome(outcome.ReasonWithErrors, fmt.Sprintf("Printer %s ended the job with errors: %s. Part of it may have been printed.", name, word))
}

// rawTaken returns the outcome of a document that the printer took whole. The
// level, and the sentence, say what that proves.
func (a *attempt) rawTaken(ctx context.Context, job raw.Job, r raw.Result) Outcome {
	e := a.rawEndOf(job, r)
	if reason, _ := e.evidenceAgainst(); a.level != outcome.RawOut || reason != "" || e.pages == nil && a.known.Raw.Counter {
		e.grown = a.awaitPageCount(ctx, e.least)
	}
	a.known.Raw.learnFrom(e)
	if reason, why := e.evidenceAgainst(); reason != "" {
		return a.uncertainOutcome(reason, fmt.Sprintf("Printer %s %s.", a.printer.Name, why)+mayBePrinted)
	}
	if e.printed() && a.level != outcome.RawOut {
		a.level = outcome.RawPages
	}
	said := map[string]string{
		outcome.RawClosed: "Printer %s took the whole document, and tells no more.",
		outcome.RawRead:   "Printer %s has read the whole document, and does not tell that it was printed.",
	}[a.level]
	return Outcome{Result: outcome.Result{State: outcome.Delivered}, Message: fmt.Sprintf(cmp.Or(said, "Printed at %s."), a.printer.Name)}
}

func (a *attempt) rawEndOf(job raw.Job, r raw.Result) rawEnd {
	return rawEnd{
		before: a.known.Raw, level: r.Level, ended: r.Ended != "", early: r.Early, lost: r.Lost, waits: r.Waits,
		pages: r.Pages, whole: a.doc.Pages, least: a.leastPages(job, r),
	}
}

// leastPages returns the fewest pages that the printer may count for the
// document. A PDF does not say how it is laid on the sheet, documents in other
// languages may print on both sides, and a header of the document's own may
// say anything.
func (a *attempt) leastPages(job raw.Job, r raw.Result) int {
	if r.Header {
		return min(a.doc.Pages, 1)
	}
	bothSides := strings.HasPrefix(job.Sides, "two-sided") || a.format != "application/pdf"
	return leastPages(a.doc.Pages, max(job.Copies, a.doc.Copies), bothSides)
}

// awaitPageCount waits a little for the page counter to go up by the
// document's pages, and returns how far it came; nil if it could not be read.
// A counter that is known to count is waited for longer: the printer may have
// to warm up.
func (a *attempt) awaitPageCount(ctx context.Context, least int) (grown *int64) {
	if a.lifeCount == nil || a.doc.Pages == 0 {
		return nil
	}
	limit := a.deliverer.limit.Settle
	if a.known.Raw.Counter {
		limit = max(limit, a.deliverer.limit.Lost)
	}
	for began := time.Now(); time.Since(began) < limit; {
		if now, err := a.readPageCounter(ctx); err == nil {
			grown = new(now - *a.lifeCount)
		}
		enough := a.doc.Pages
		if time.Since(began) > a.deliverer.limit.Settle {
			enough = least
		}
		if grown != nil && *grown >= int64(enough) || pauseFor(ctx, time.Second) != nil {
			break
		}
	}
	return grown
}
