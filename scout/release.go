package scout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// These are the reasons for which the context of a release ends.
var (
	errCanceledByPerson = errors.New("canceled by its owner")
	errStopping         = fmt.Errorf("the agent is stopping: %w", delivery.ErrLeave)
)

// release is one request to print jobs.
type release struct {
	id    string
	owner string // uid of the caller
	begun time.Time
	turn  chan struct{} // taken while a job of its owner is brought to a printer
	done  chan struct{}

	mu      sync.Mutex
	results []control.Result
}

// isDone reports whether all of it has ended.
func (r *release) isDone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// report returns how far the release has come. Once it is done, all results
// are final.
func (r *release) report() control.Report {
	return control.Report{ID: r.id, Done: r.isDone(), Results: func(yield func(control.Result) bool) {
		for i := range r.results { // their number does not change
			if !yield(r.resultAt(i)) {
				return
			}
		}
	}}
}

func (r *release) resultAt(i int) control.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results[i]
}

func (r *release) setResult(i int, result control.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[i] = result
}

// setMessage shows what the release of a job waits for.
func (r *release) setMessage(i int, sentence string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[i].Message = sentence
}

// hasEnded reports whether the result of a job is already known.
func (r *release) hasEnded(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results[i].State != control.Releasing
}

// releaseJob prints a job, if it may be released, and moves it to its next
// state. The result is on disk before the job is forgotten; nothing is written
// for a job that may not be released.
func (s *Scout) releaseJob(id uuid.UUID, printer directory.Printer, order string, tell func(string)) control.Result {
	ctx, cancel := context.WithCancelCause(s.releasing)
	defer cancel(nil)
	if err := s.examineConcatenated(ctx, id); err != nil {
		return notSentResult(id.String(), printer.Name, outcome.ReasonInterrupted, "It could not be found out which files the document is made of. Release the job again.")
	}
	taken := false
	err := s.table.claimFor(id, printer.Name, order, cancel, func() error {
		err := s.orders.recordTaken(order, id.String(), printer.ID)
		taken = err == nil
		return err
	})
	if err != nil {
		refused := s.claimErrorResult(id, printer, err)
		if taken {
			s.recordResult(order, refused)
		}
		return refused
	}
	s.tellChanged(id)
	return s.deliverJob(ctx, id, printer, orderEntry{Order: order}, tell)
}

// deliverJob brings a claimed job to a printer, or continues that if the entry
// has a point.
func (s *Scout) deliverJob(ctx context.Context, id uuid.UUID, printer directory.Printer, e orderEntry, tell func(string)) control.Result {
	result := notSentResult(id.String(), printer.Name, outcome.ReasonJobUnknown, "")
	if j, ok := s.table.jobByID(id); ok {
		result = s.printDocuments(ctx, j, printer, e, tell)
	}
	if result.Reason == outcome.ReasonLeft && errors.Is(context.Cause(ctx), errStopping) {
		s.log.Info("a release is left to the next start", "job", id, "printer", printer.Name)
		return result
	}
	s.recordResult(e.Order, result)
	s.table.keepResult(id, printer.ID, result)
	s.applyResult(id, result)
	s.log.Info("release ended", "job", id, "printer", printer.Name, "state", result.State, "reason", result.Reason, "grade", result.Grade, "total_ms", result.TotalMS)
	return result
}

// recordResult records the result of an order and logs if that fails.
func (s *Scout) recordResult(order string, r control.Result) {
	if err := s.orders.recordResult(order, r); err != nil {
		s.log.Error("the result of an order could not be kept", "order", order, "error", err)
	}
}

// deliveryHooks returns hooks that record the delivery of a job's document for
// an order, and show what it waits for.
func (s *Scout) deliveryHooks(id uuid.UUID, order string, document int, tell func(string)) delivery.Hooks {
	return delivery.Hooks{
		Journal: func(p delivery.Point) error { return s.orders.recordStep(order, document, &p) },
		Tell: func(reason, sentence string) {
			s.table.setMessage(id, reason, sentence)
			tell(sentence)
		},
	}
}

// applyResult moves a job to the state that follows from its result.
func (s *Scout) applyResult(id uuid.UUID, r control.Result) {
	next := stateAfter(r.State)
	if next == Delivered {
		// Its result is on disk, so that the next start finishes this after a crash.
		s.forgetJob(id, Delivered)
		return
	}
	if s.dropIfDamaged(id) {
		return
	}
	err := s.table.setState(id, next, func(n *note) {
		n.Reason, n.Message, n.Evidence = r.Reason, r.Message, r.Evidence
	})
	if err != nil {
		s.log.Error("the state of a job could not be kept", "job", id, "error", err)
	}
	if next == Canceled {
		s.forgetJob(id, Canceled)
		return
	}
	s.tellChanged(id)
}

// stateAfter returns the state of a job after the result of its release.
func stateAfter(s outcome.State) State {
	switch s {
	case outcome.Delivered:
		return Delivered
	case outcome.Canceled:
		return Canceled
	case outcome.Uncertain:
		return Uncertain
	}
	return Parked
}

// dropIfDamaged reports whether a job turned out to be damaged, and drops it:
// the vault sets its file aside, and status reports it.
func (s *Scout) dropIfDamaged(id uuid.UUID) bool {
	if !s.table.dropDamaged(id) {
		return false
	}
	s.pins.forgetJob(id)
	s.log.Error("a parked job is damaged and was set aside", "job", id)
	s.tellGone(id, "damaged")
	return true
}

// forgetJob removes a job that has ended and tells the server. If that fails,
// the job is kept as ended, and the next start tries again.
func (s *Scout) forgetJob(id uuid.UUID, why State) {
	s.examiner.stopReading(id)
	s.pins.forgetJob(id)
	if err := s.table.removeJob(id, why); err != nil {
		s.log.Error("a job that ended could not be removed; the next start tries again", "job", id, "error", err)
		if j, ok := s.table.jobByID(id); ok && !j.note.State.isFinal() {
			err = s.table.setState(id, why, nil)
			s.log.Error("a job that ended is kept as such", "job", id, "error", err)
		}
	}
	s.tellGone(id, why)
}

// deliveryResult returns the outcome of a delivery as the result of a job.
func deliveryResult(j job, printer directory.Printer, o delivery.Outcome) control.Result {
	return control.Result{
		Job: j.id.String(), Printer: printer.Name, Result: o.Result,
		Message: o.Message, Evidence: slices.Clip(append([]string{}, o.Evidence...)),
	}
}

// notSentResult returns the result of a job of which nothing was sent. The
// message defaults to the reason's own sentence.
func notSentResult(job, printer, reason, message string) control.Result {
	return control.Result{
		Job: job, Printer: printer, Result: outcome.Result{State: outcome.NotSent, Reason: reason},
		Message: cmp.Or(message, outcome.Sentence(reason)), Evidence: []string{},
	}
}

// runRelease carries out a release, one job after another in the order given,
// and closes done. No further job is begun once the agent is stopping.
func (s *Scout) runRelease(r *release, ids []uuid.UUID, printer directory.Printer) {
	defer close(r.done)
	for i, id := range ids {
		if r.hasEnded(i) {
			continue
		}
		r.turn <- struct{}{}
		if s.isStopping() {
			r.setResult(i, notSentResult(id.String(), printer.Name, outcome.ReasonInterrupted, stoppingSentence))
		} else {
			r.setResult(i, s.releaseJob(id, printer, fmt.Sprintf("%s.%d", r.id, i), func(sentence string) { r.setMessage(i, sentence) }))
		}
		<-r.turn
	}
}

const stoppingSentence = "The agent is stopping. The job can be released again."

const noJournalSentence = "Nothing was sent, since this computer cannot write down what it prints (" + ordersFile + "). The agent's log says why; an administrator can mend that."

// claimErrorResult returns the result of a job that could not be claimed.
func (s *Scout) claimErrorResult(id uuid.UUID, printer directory.Printer, err error) control.Result {
	j, ok := s.table.jobByID(id)
	switch {
	case !ok:
		return notSentResult(id.String(), printer.Name, outcome.ReasonJobUnknown, "")
	case errors.Is(err, errUnregistered):
		return notSentResult(id.String(), printer.Name, outcome.ReasonJobWaiting, waitingSentence)
	case errors.Is(err, errState):
		return notSentResult(id.String(), printer.Name, reasonOfState(j.note.State), "")
	case errors.Is(err, errNoJournal):
		s.quiet.Error("an order was refused: it could not be written down", outcome.ReasonJournal, "job", id, "error", err)
		return notSentResult(id.String(), printer.Name, outcome.ReasonJournal, noJournalSentence)
	}
	return notSentResult(id.String(), printer.Name, outcome.ReasonFailed, err.Error())
}
