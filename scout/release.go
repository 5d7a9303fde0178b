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

// Why the context of a release was ended.
var (
	errCanceledByPerson = errors.New("canceled by its owner")
	errStopping         = fmt.Errorf("the agent is stopping: %w", delivery.ErrLeave)
)

// release is one request to print jobs, by whomever.
type release struct {
	id    string
	owner string // uid of who asked
	begun time.Time
	turn  chan struct{} // taken while a job of its owner's is brought to a printer
	done  chan struct{}

	mu      sync.Mutex
	results []control.Result
}

// over reports whether all of it has ended.
func (r *release) over() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// report shows how far it has come. Of results that are read once it is over,
// none is still to come.
func (r *release) report() control.Report {
	return control.Report{ID: r.id, Done: r.over(), Results: func(yield func(control.Result) bool) {
		for i := range r.results { // their number does not change
			if !yield(r.result(i)) {
				return
			}
		}
	}}
}

func (r *release) result(i int) control.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results[i]
}

func (r *release) set(i int, result control.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[i] = result
}

// waits shows what the release of a job waits for.
func (r *release) waits(i int, sentence string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[i].Message = sentence
}

// ended reports whether the result of a job is there already.
func (r *release) ended(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results[i].State != control.Releasing
}

// execute prints a job, if it may be released, and brings it to its next
// state. What became of it is on disk before the job is forgotten; of a job
// that may not be released nothing is written.
func (s *Scout) execute(id uuid.UUID, printer directory.Printer, order string, tell func(string)) control.Result {
	ctx, cancel := context.WithCancelCause(s.releasing)
	defer cancel(nil)
	if err := s.examineStrung(ctx, id); err != nil {
		return notSent(id.String(), printer.Name, outcome.ReasonInterrupted, "It could not be found out which files the document is made of. Release the job again.")
	}
	taken := false
	err := s.table.claimFor(id, printer.Name, order, cancel, func() error {
		err := s.orders.take(order, id.String(), printer.ID)
		taken = err == nil
		return err
	})
	if err != nil {
		refused := s.refusal(id, printer, err)
		if taken {
			s.finish(order, refused)
		}
		return refused
	}
	s.tellChanged(id)
	return s.carryOut(ctx, id, printer, orderEntry{Order: order}, tell)
}

// carryOut brings a job that was claimed to a printer, or goes on with that
// where an entry has a point.
func (s *Scout) carryOut(ctx context.Context, id uuid.UUID, printer directory.Printer, e orderEntry, tell func(string)) control.Result {
	result := notSent(id.String(), printer.Name, outcome.ReasonJobUnknown, "")
	if j, ok := s.table.get(id); ok {
		result = s.print(ctx, j, printer, e, tell)
	}
	if result.Reason == outcome.ReasonLeft && errors.Is(context.Cause(ctx), errStopping) {
		s.log.Info("a release is left to the next start", "job", id, "printer", printer.Name)
		return result
	}
	s.finish(e.Order, result)
	s.conclude(id, result)
	s.log.Info("release ended", "job", id, "printer", printer.Name, "state", result.State, "reason", result.Reason, "grade", result.Grade, "total_ms", result.TotalMS)
	return result
}

func (s *Scout) finish(order string, r control.Result) {
	if err := s.orders.finish(order, r); err != nil {
		s.log.Error("the result of an order could not be kept", "order", order, "error", err)
	}
}

// hooks journal the delivery of a job's document for an order, and show what
// it waits for.
func (s *Scout) hooks(id uuid.UUID, order string, document int, tell func(string)) delivery.Hooks {
	return delivery.Hooks{
		Journal: func(p delivery.Point) error { return s.orders.step(order, document, &p) },
		Tell: func(sentence string) {
			s.table.remark(id, sentence)
			tell(sentence)
		},
	}
}

// conclude moves a job to the state its result says.
func (s *Scout) conclude(id uuid.UUID, r control.Result) {
	next := stateAfter(r.State)
	if next == Delivered {
		// Its result is kept, so that a start after a crash here finishes this.
		s.forget(id, Delivered)
		return
	}
	if s.setAside(id) {
		return
	}
	err := s.table.set(id, next, func(n *note) {
		n.Reason, n.Message, n.Evidence = r.Reason, r.Message, r.Evidence
	})
	if err != nil {
		s.log.Error("the state of a job could not be kept", "job", id, "error", err)
	}
	if next == Canceled {
		s.forget(id, Canceled)
		return
	}
	s.tellChanged(id)
}

// stateAfter returns what a job becomes by the result of its release.
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

// setAside reports whether a job turned out to be damaged: the vault keeps its
// file aside, and status reports it.
func (s *Scout) setAside(id uuid.UUID) bool {
	if !s.table.drop(id) {
		return false
	}
	s.pins.forget(id)
	s.log.Error("a parked job is damaged and was set aside", "job", id)
	s.tellGone(id, "damaged")
	return true
}

// forget removes a job that has come to an end and tells the server. Where
// that fails the job is kept as ended, and the next start tries again.
func (s *Scout) forget(id uuid.UUID, why State) {
	s.examiner.letGo(id)
	s.pins.forget(id)
	if err := s.table.remove(id); err != nil {
		s.log.Error("a job that ended could not be removed; the next start tries again", "job", id, "error", err)
		if j, ok := s.table.get(id); ok && !j.note.State.ended() {
			err = s.table.set(id, why, nil)
			s.log.Error("a job that ended is kept as such", "job", id, "error", err)
		}
	}
	s.tellGone(id, why)
}

func asResult(j job, printer directory.Printer, o delivery.Outcome) control.Result {
	return control.Result{
		Job: j.id.String(), Printer: printer.Name, Result: o.Result,
		Message: o.Message, Evidence: slices.Clip(append([]string{}, o.Evidence...)),
	}
}

// notSent is the result of a job of which nothing was sent. Where there is no
// message, the reason's own sentence says enough.
func notSent(job, printer, reason, message string) control.Result {
	return control.Result{
		Job: job, Printer: printer, Result: outcome.Result{State: outcome.NotSent, Reason: reason},
		Message: cmp.Or(message, outcome.Sentence(reason)), Evidence: []string{},
	}
}

// run carries out a release, one job after the other in the order given, and
// closes done. Once the agent is stopping no further job is begun.
func (s *Scout) run(r *release, ids []uuid.UUID, printer directory.Printer) {
	defer close(r.done)
	for i, id := range ids {
		if r.ended(i) {
			continue
		}
		r.turn <- struct{}{}
		if s.isStopping() {
			r.set(i, notSent(id.String(), printer.Name, outcome.ReasonInterrupted, stoppingSentence))
		} else {
			r.set(i, s.execute(id, printer, fmt.Sprintf("%s.%d", r.id, i), func(sentence string) { r.waits(i, sentence) }))
		}
		<-r.turn
	}
}

const stoppingSentence = "The agent is stopping. The job can be released again."

const noJournalSentence = "Nothing was sent, since this computer cannot write down what it prints (" + ordersFile + "). The agent's log says why; an administrator can mend that."

// refusal is the result of a job that could not be claimed.
func (s *Scout) refusal(id uuid.UUID, printer directory.Printer, err error) control.Result {
	j, ok := s.table.get(id)
	switch {
	case !ok:
		return notSent(id.String(), printer.Name, outcome.ReasonJobUnknown, "")
	case errors.Is(err, errUnregistered):
		return notSent(id.String(), printer.Name, outcome.ReasonJobWaiting, waitingSentence)
	case errors.Is(err, errState):
		return notSent(id.String(), printer.Name, reasonOfState(j.note.State), "")
	case errors.Is(err, errNoJournal):
		s.quiet.Error("an order was refused: it could not be written down", outcome.ReasonJournal, "job", id, "error", err)
		return notSent(id.String(), printer.Name, outcome.ReasonJournal, noJournalSentence)
	}
	return notSent(id.String(), printer.Name, outcome.ReasonFailed, err.Error())
}
