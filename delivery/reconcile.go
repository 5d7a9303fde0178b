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

// errNoJob means that the printer answered and knows no such job.
var errNoJob = errors.New("the printer knows no such job")

// errCanceled is the failure of a delivery that a person canceled.
var errCanceled = &failure{reason: outcome.ReasonCanceled}

// awaitJob polls the job until enough returns true. After the time that a job
// has to appear or to change, it returns the last answer without an error;
// errNoJob if there is no job; or the last error if the printer was lost.
func (a *attempt) awaitJob(ctx context.Context, enough func(jobStatus) bool) (jobStatus, error) {
	began := time.Now()
	heard := began
	for {
		j, err := a.findJob(ctx)
		if err == nil && enough(j) {
			return j, nil
		}
		if err == nil || errors.Is(err, errNoJob) {
			heard = time.Now()
		}
		if time.Since(began) > a.deliverer.limit.Settle && heard.After(began) || time.Since(heard) > a.deliverer.limit.Lost {
			return j, err
		}
		if err := pauseFor(ctx, pollInterval(time.Since(began))); err != nil {
			return jobStatus{}, err
		}
	}
}

// reconcileJob finds out what became of a document that went out whole and was
// answered with an error, or not at all. The document is never sent again.
func (a *attempt) reconcileJob(ctx context.Context, t post.Result) Outcome {
	a.unconfirmed = a.unconfirmed || errors.Is(t.Err, errStopped)
	a.refused = refusesDefinitely(t.Err)
	var first *jobStatus
	grows := func(j jobStatus) bool {
		if first == nil {
			first = &j
		}
		return j.countsMoreThan(*first)
	}
	j, err := a.awaitJob(ctx, func(j jobStatus) bool { return grows(j) || !j.isIncoming() })
	switch {
	case ctx.Err() != nil:
		return a.interruptedOutcome(ctx, t)
	case err != nil && a.said.ended():
		return a.endedOutcome(ctx, a.said)
	case err != nil:
		return a.noJob(a.answerFailure(t.Err), t, err)
	case j.ended():
		return a.endedOutcome(ctx, j)
	case j.isIncoming() && !grows(j), a.refused:
		return a.undoJob(ctx, a.answerFailure(t.Err), t)
	}
	return a.followJob(ctx)
}

const mayBePrinted = " It may have been printed."

func silenceMessage(name string) string {
	return fmt.Sprintf("Printer %s did not say what became of the document.", name)
}

// answerFailure returns the failure of a document that went out whole.
func (a *attempt) answerFailure(err error) *failure {
	if post.Answered(err) {
		return a.asFailure(err)
	}
	return &failure{reason: outcome.ReasonNoAnswer, cause: err,
		message: silenceMessage(a.printer.Name)}
}

// interruptedOutcome ends a delivery whose context has ended with the document
// on its way. A person's cancel is passed on to the printer. With ErrLeave a
// document that went out whole is left to the printer, and any other is taken
// back, since the job is not given up.
func (a *attempt) interruptedOutcome(ctx context.Context, t post.Result) Outcome {
	if t.Whole && errors.Is(context.Cause(ctx), ErrLeave) {
		return a.uncertainOutcome(outcome.ReasonLeft, fmt.Sprintf("Printer %s has the document and was left to it.", a.printer.Name)+mayBePrinted)
	}
	if errors.Is(context.Cause(ctx), ErrLeave) {
		return a.undoJob(ctx, interruptionFailure(), t)
	}
	return a.undoJob(ctx, errCanceled, t)
}

// undoJob cancels the job of a document that must not or cannot be printed
// whole, and returns what the printer made of it.
func (a *attempt) undoJob(ctx context.Context, f *failure, t post.Result) Outcome {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), a.deliverer.limit.Lost+a.deliverer.limit.Settle)
	defer stop()
	j, err := a.awaitJob(ctx, func(jobStatus) bool { return true })
	if err == nil && !j.ended() && a.cancelAtPrinter(ctx, j) {
		j, err = a.awaitJob(ctx, jobStatus.ended)
	}
	if err != nil {
		return a.noJob(f, t, err)
	}
	a.noteJobState(j)
	return a.undoneOutcome(ctx, f, t, j)
}

func (a *attempt) undoneOutcome(ctx context.Context, f *failure, t post.Result, j jobStatus) Outcome {
	switch {
	case j.state == ipp.JobCompleted && t.Whole:
		o := a.endedOutcome(ctx, j)
		if f == errCanceled && o.State == outcome.Delivered {
			o.Reason, o.Message = outcome.ReasonTooLate, fmt.Sprintf("It was too late to cancel: printer %s had printed it.", a.printer.Name)
		}
		return o
	case f == errCanceled && (j.state == ipp.JobCanceled || j.state == ipp.JobAborted):
		return Outcome{Result: outcome.Result{State: outcome.Canceled, Reason: outcome.ReasonCanceled}, Message: a.cancelMessage(t, j)}
	case j.nothingPrinted():
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: f.reason}, Message: f.message + " Nothing was printed."}
	}
	return a.uncertainAfter(f, t)
}

func (a *attempt) cancelMessage(t post.Result, j jobStatus) string {
	m := fmt.Sprintf("Canceled at printer %s.", a.printer.Name)
	if !t.Whole {
		m = fmt.Sprintf("Canceled while it was being sent to printer %s.", a.printer.Name)
	}
	if j.most != nil && *j.most > 0 {
		m += fmt.Sprintf(" %d pages had come out.", *j.most)
	}
	return m
}

// noJob returns the outcome if the printer tells nothing of the job.
func (a *attempt) noJob(f *failure, t post.Result, err error) Outcome {
	if !errors.Is(err, errNoJob) {
		a.addEvidence("Asking for the job: %s", ipp.Clean(err.Error(), 300))
		return a.uncertainAfter(f, t)
	}
	a.addEvidence("The printer knows no job with the name %s.", a.token)
	if (refusesDefinitely(t.Err) || notApplied(t.Err) && !a.nameless) && a.jobID == 0 && f != errCanceled {
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: f.reason}, Message: f.message}
	}
	return a.uncertainAfter(f, t)
}

// uncertainAfter returns the outcome of a failure after which paper may have
// come out.
func (a *attempt) uncertainAfter(f *failure, t post.Result) Outcome {
	if f == errCanceled {
		return Outcome{Result: outcome.Result{State: outcome.Uncertain, Reason: outcome.ReasonNoAnswer},
			Message: fmt.Sprintf("Canceled, but printer %s did not say what became of the document. It may have been printed.", a.printer.Name)}
	}
	what := " Part of it may have been printed."
	if t.Whole {
		what = mayBePrinted
	}
	return Outcome{Result: outcome.Result{State: outcome.Uncertain, Reason: f.reason}, Message: f.message + what}
}

// cancelAtPrinter asks the printer to cancel a job that is surely ours, and
// reports whether it was asked.
func (a *attempt) cancelAtPrinter(ctx context.Context, j jobStatus) (asked bool) {
	if !a.mayCancel(a.withPrinterClock(ctx, j)) {
		a.addEvidence("Job %d was not canceled: the printer does not say whether it is ours.", j.id)
		return false
	}
	err := a.session.cancelJob(ctx, a.names.user, j.id)
	said := "it agreed"
	if err != nil {
		said = ipp.Clean(err.Error(), 300)
	}
	a.addEvidence("The printer was asked to cancel job %d: %s.", j.id, said)
	return true
}
