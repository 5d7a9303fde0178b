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

// canceled is the failure of a person having canceled.
var canceled = &failure{reason: outcome.ReasonCanceled}

// await looks until enough says so. It gives up after the time a job has to
// show itself or to change, with what it saw last and no error; with errNoJob
// where there is no job; and with the last error where the printer was lost.
func (a *attempt) await(ctx context.Context, enough func(job) bool) (job, error) {
	began := time.Now()
	heard := began
	for {
		j, err := a.look(ctx)
		if err == nil && enough(j) {
			return j, nil
		}
		if err == nil || errors.Is(err, errNoJob) {
			heard = time.Now()
		}
		if time.Since(began) > a.d.limit.Settle && heard.After(began) || time.Since(heard) > a.d.limit.Lost {
			return j, err
		}
		if err := pause(ctx, pollEvery(time.Since(began))); err != nil {
			return job{}, err
		}
	}
}

// reconcile finds out what a document has become that went out whole and was
// answered with an error, or not at all. It is never sent again.
func (a *attempt) reconcile(ctx context.Context, t post.Result) Outcome {
	a.unconfirmed = a.unconfirmed || errors.Is(t.Err, errStopped)
	a.refused = definite(t.Err)
	var first *job
	grows := func(j job) bool {
		if first == nil {
			first = &j
		}
		return j.beyond(*first)
	}
	j, err := a.await(ctx, func(j job) bool { return grows(j) || !j.incoming() })
	switch {
	case ctx.Err() != nil:
		return a.interrupted(ctx, t)
	case err != nil && a.said.ended():
		return a.ended(ctx, a.said)
	case err != nil:
		return a.noJob(a.unanswered(t.Err), t, err)
	case j.ended():
		return a.ended(ctx, j)
	case j.incoming() && !grows(j), a.refused:
		return a.undo(ctx, a.unanswered(t.Err), t)
	}
	return a.follow(ctx)
}

const mayBePrinted = " It may have been printed."

func silence(name string) string {
	return fmt.Sprintf("Printer %s did not say what became of the document.", name)
}

// unanswered is the failure of a document that went out whole.
func (a *attempt) unanswered(err error) *failure {
	if post.Answered(err) {
		return a.failure(err)
	}
	return &failure{reason: outcome.ReasonNoAnswer, cause: err,
		message: silence(a.printer.Name)}
}

// interrupted is the end of a delivery whose context has ended with the
// document on its way. A person's cancel is passed on to the printer; with
// ErrLeave a document that went out whole is left to it, and one that did not
// is taken back: nobody has given the job up.
func (a *attempt) interrupted(ctx context.Context, t post.Result) Outcome {
	if t.Whole && errors.Is(context.Cause(ctx), ErrLeave) {
		return a.unknown(outcome.ReasonLeft, fmt.Sprintf("Printer %s has the document and was left to it.", a.printer.Name)+mayBePrinted)
	}
	if errors.Is(context.Cause(ctx), ErrLeave) {
		return a.undo(ctx, interruption(), t)
	}
	return a.undo(ctx, canceled, t)
}

// undo cancels the job of a document that shall not or cannot be printed
// whole, and says what the printer made of it.
func (a *attempt) undo(ctx context.Context, f *failure, t post.Result) Outcome {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), a.d.limit.Lost+a.d.limit.Settle)
	defer stop()
	j, err := a.await(ctx, func(job) bool { return true })
	if err == nil && !j.ended() && a.cancelAtPrinter(ctx, j) {
		j, err = a.await(ctx, job.ended)
	}
	if err != nil {
		return a.noJob(f, t, err)
	}
	a.learn(j)
	return a.undone(ctx, f, t, j)
}

func (a *attempt) undone(ctx context.Context, f *failure, t post.Result, j job) Outcome {
	switch {
	case j.state == ipp.JobCompleted && t.Whole:
		o := a.ended(ctx, j)
		if f == canceled && o.State == outcome.Delivered {
			o.Reason, o.Message = outcome.ReasonTooLate, fmt.Sprintf("It was too late to cancel: printer %s had printed it.", a.printer.Name)
		}
		return o
	case f == canceled && (j.state == ipp.JobCanceled || j.state == ipp.JobAborted):
		return Outcome{Result: outcome.Result{State: outcome.Canceled, Reason: outcome.ReasonCanceled}, Message: a.cancelMessage(t, j)}
	case j.nothingPrinted():
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: f.reason}, Message: f.message + " Nothing was printed."}
	}
	return a.doubtful(f, t)
}

func (a *attempt) cancelMessage(t post.Result, j job) string {
	m := fmt.Sprintf("Canceled at printer %s.", a.printer.Name)
	if !t.Whole {
		m = fmt.Sprintf("Canceled while it was being sent to printer %s.", a.printer.Name)
	}
	if j.most != nil && *j.most > 0 {
		m += fmt.Sprintf(" %d pages had come out.", *j.most)
	}
	return m
}

// noJob is the outcome where the printer tells nothing of the job.
func (a *attempt) noJob(f *failure, t post.Result, err error) Outcome {
	if !errors.Is(err, errNoJob) {
		a.note("Asking for the job: %s", ipp.Clean(err.Error(), 300))
		return a.doubtful(f, t)
	}
	a.note("The printer knows no job with the name %s.", a.token)
	if (definite(t.Err) || unapplied(t.Err) && !a.nameless) && a.jobID == 0 && f != canceled {
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: f.reason}, Message: f.message}
	}
	return a.doubtful(f, t)
}

// doubtful is the outcome where paper may have come out.
func (a *attempt) doubtful(f *failure, t post.Result) Outcome {
	if f == canceled {
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
func (a *attempt) cancelAtPrinter(ctx context.Context, j job) (asked bool) {
	if !a.mayCancel(a.dated(ctx, j)) {
		a.note("Job %d was not canceled: the printer does not say whether it is ours.", j.id)
		return false
	}
	err := a.s.cancel(ctx, a.names.user, j.id)
	said := "it agreed"
	if err != nil {
		said = ipp.Clean(err.Error(), 300)
	}
	a.note("The printer was asked to cancel job %d: %s.", j.id, said)
	return true
}
