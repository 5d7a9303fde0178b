package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/printscout/printscout/delivery/internal/post"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// Resume continues a delivery that was cut short when the process died, from
// the last point of its journal: it asks the printer what became of the job.
// again reports whether the document may still be sent if nothing came out for
// certain: the order is fresh and a person is waiting. Otherwise the outcome
// is not sent.
func (d *Deliverer) Resume(ctx context.Context, p directory.Printer, doc Document, h Hooks, last Point, again bool) Outcome {
	a := d.newAttempt(p, doc, h)
	a.token, a.jobID, a.jobUUID, a.lifeCount = last.Token, last.JobID, last.JobUUID, last.LifeCount
	a.addEvidence("The agent was stopped at the step %q. The printer is asked what became of the job.", last.Step)
	o := a.completeOutcome(a.continueDelivery(ctx, last))
	if !again || o.State != outcome.NotSent || o.Reason != outcome.ReasonInterrupted {
		return o
	}
	next := d.Deliver(ctx, p, doc, h)
	next.Evidence = append(o.Evidence, next.Evidence...)
	return next
}

// continueDelivery does what docs/delivery.md, After a loss, says for a point.
func (a *attempt) continueDelivery(ctx context.Context, last Point) Outcome {
	if (address{last.URI}).scheme() == schemeRaw {
		return a.uncertainOutcome(outcome.ReasonInterrupted, fmt.Sprintf("The agent was stopped while the document went to printer %s by port 9100, where nothing can be asked.", a.printer.Name)+mayBePrinted)
	}
	unlock, err := a.awaitTurn(ctx)
	if err != nil {
		return a.lostTrack(last, err)
	}
	defer unlock()
	defer a.close()
	if err := a.reachAgain(ctx, last); err != nil {
		return a.lostTrack(last, err)
	}
	if a.session.isRaw() {
		return a.lostTrack(last, errors.New("it answers only on port 9100"))
	}
	a.asked = true
	switch last.Step {
	case StepSending:
		return a.undoJob(ctx, interruptionFailure(), post.Result{Bytes: 1})
	case StepSent:
		return a.reconcileJob(ctx, post.Result{Bytes: a.doc.Size, Whole: true, Err: errStopped})
	case StepTaken:
		a.level = outcome.EvidenceTaken
		return a.followJob(ctx)
	}
	a.abandonJob(ctx)
	return a.lostTrack(last, nil)
}

// errStopped is the error of a document whose process ended before an answer
// came.
var errStopped = errors.New("the agent was stopped before an answer came")

const stoppedBefore = "The agent was stopped before anything was sent. The job can be released again."

func interruptionFailure() *failure {
	return &failure{reason: outcome.ReasonInterrupted, message: "The agent was stopped while the document was being sent."}
}

// reachAgain finds the printer that has the job, for as long as a printer may
// be silent while a job is followed.
func (a *attempt) reachAgain(ctx context.Context, last Point) error {
	began := time.Now()
	for {
		err := a.reachPrinter(ctx)
		if err == nil {
			a.compareUpTime(last)
			return nil
		}
		if a.session != nil || ctx.Err() != nil || a.asFailure(err).reason != outcome.ReasonUnreachable || time.Since(began) > a.deliverer.limit.Lost {
			return err
		}
		if err := pauseFor(ctx, pollInterval(time.Since(began))); err != nil {
			return err
		}
	}
}

// compareUpTime notes whether the printer has been restarted since it took the
// job.
func (a *attempt) compareUpTime(last Point) {
	if last.UpTime > 0 && a.upTime > 0 && a.upTime < last.UpTime {
		a.restarted = true
		a.addEvidence("The printer was restarted since: it is up for %d s, and was for %d s before the document.", a.upTime, last.UpTime)
	}
}

// lostTrack returns the outcome if the printer cannot be asked, or need not
// be.
func (a *attempt) lostTrack(last Point, err error) Outcome {
	if err != nil {
		a.addEvidence("The printer could not be asked: %s", ipp.Clean(err.Error(), 300))
	}
	if last.Step == StepCreating || last.Step == StepCreated {
		return Outcome{Result: outcome.Result{State: outcome.NotSent, Reason: outcome.ReasonInterrupted}, Message: stoppedBefore}
	}
	return a.uncertainOutcome(outcome.ReasonInterrupted, fmt.Sprintf("The agent was stopped while the document went to printer %s, and the printer could not be asked since.", a.printer.Name)+mayBePrinted)
}
