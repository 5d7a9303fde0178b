package scout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/vault"
)

// jobTable holds every job that is not gone. A state is changed only here, by
// setState, which follows the transitions and puts the change on disk before
// it takes effect.
type jobTable struct {
	vault    *vault.Vault
	log      *slog.Logger
	now      func() time.Time
	mustWait func(*job) bool // reports whether its owner has to register first
	tell     *hub            // is told of changes; nil: nobody is

	mu    sync.Mutex
	jobs  map[uuid.UUID]*job
	byAge []*job // the same, oldest first
}

var errState = errors.New("the job is not in a state for that")

// loadJobs loads what the vault keeps and finishes what an interruption left
// half done: a job whose order has begun stays as it is, to be continued; one
// that was only about to be released is parked.
func (t *jobTable) loadJobs(order func(id string) *orderEntry) error {
	for _, v := range t.vault.Jobs() {
		j, err := readJob(v)
		if err != nil {
			t.log.Error("a parked job cannot be read and is left alone", "job", v.ID, "error", err)
			continue
		}
		t.putEntry(j)
		if err := t.recoverJob(j, order(j.note.Order)); err != nil {
			return err
		}
	}
	t.updateWaiting()
	return nil
}

// recoverJob finishes what an interruption left of a job's release.
func (t *jobTable) recoverJob(j *job, order *orderEntry) error {
	switch {
	case j.note.State.isFinal():
		return t.removeJob(j.id, j.note.State)
	case j.note.State != Releasing:
		return nil
	case order != nil && order.Result == nil && order.Point != nil:
		return nil
	case order != nil && order.Result != nil:
		return t.applyLoggedResult(j, order.Result.Result)
	case order != nil:
		return t.markInterrupted(j, Parked, strings.TrimSpace(printedSentence(j.note.Printed)+" The agent was stopped before anything more was sent. The job can be released again."))
	}
	return t.markInterrupted(j, Uncertain, "The agent was stopped, and its journal is gone. Look at the printer: the document may have come out.")
}

// applyLoggedResult moves a job to the state that follows from the result of
// its order, which was known before the agent stopped.
func (t *jobTable) applyLoggedResult(j *job, r outcome.Result) error {
	next := stateAfter(r.State)
	if next.isFinal() {
		return t.removeJob(j.id, next)
	}
	return t.setAtStart(j, next, func(n *note) { n.Reason, n.Message, n.Evidence = r.Reason, outcome.Sentence(r.Reason), r.Sentences() })
}

// setCancel sets how the release of a job that was found releasing is broken
// off.
func (t *jobTable) setCancel(id uuid.UUID, cancel context.CancelCauseFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if j, ok := t.jobs[id]; ok {
		j.cancel = cancel
	}
}

// setMessage shows what the release of a job waits for. It is not kept on
// disk.
func (t *jobTable) setMessage(id uuid.UUID, reason, sentence string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if j, ok := t.jobs[id]; ok && j.note.State == Releasing {
		j.note.Message, j.waitsFor = sentence, reason
		t.tell.jobChanged(j)
	}
}

// markInterrupted moves a job to the state that its interruption leads to.
func (t *jobTable) markInterrupted(j *job, next State, message string) error {
	return t.setAtStart(j, next, func(n *note) { n.Reason, n.Message = outcome.ReasonInterrupted, message })
}

// setAtStart sets the state of a job at the start. On a full disk it does so
// only in memory: what is on disk leads to the same state again.
func (t *jobTable) setAtStart(j *job, next State, change func(*note)) error {
	err := t.setState(j.id, next, change)
	if !errors.Is(err, vault.ErrNoSpace) {
		return err
	}
	j.note.State = next
	change(&j.note)
	return nil
}

// addParked adds a job that has just been sealed, as parked or waiting.
func (t *jobTable) addParked(j *job) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j.note.State = t.restingState(j)
	t.putEntry(j)
	t.tell.jobChanged(j)
}

// jobByID returns a copy of a job.
func (t *jobTable) jobByID(id uuid.UUID) (job, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	if !ok {
		return job{}, false
	}
	return *j, true
}

// matchingJobs returns copies of the jobs that match, oldest first.
func (t *jobTable) matchingJobs(match func(*job) bool) []job {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []job
	for _, j := range t.byAge {
		if match(j) {
			out = append(out, *j)
		}
	}
	return out
}

// quotaSums returns how many jobs the owner of a quota has here, the bytes of
// their documents, and the bytes of all documents.
func (t *jobTable) quotaSums(owner string) (jobs int, own, all int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, j := range t.jobs {
		all += j.size
		if quotaOwner(j.ticket.User, j.ticket.Source) == owner {
			jobs++
			own += j.size
		}
	}
	return jobs, own, all
}

// expiredJobs returns copies of the jobs whose time is over, and how long it
// is until the next one is due, at most longest. It is called for each job
// that is parked.
func (t *jobTable) expiredJobs(now time.Time, longest time.Duration) (out []job, left time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left = longest
	for _, j := range t.jobs {
		switch rest := j.expiresAt().Sub(now); {
		case !j.note.State.mayBecome(Expired):
		case rest > 0:
			left = min(left, rest)
		default:
			out = append(out, *j)
		}
	}
	return out, left
}

// claimFor marks a job as being released, after taken has recorded the order:
// a job that is found claimed for an unknown order has lost its journal. If
// the job may not be claimed, nothing is written. From here on nothing else
// may release, expire or remove it; cancel breaks its release off.
func (t *jobTable) claimFor(id uuid.UUID, printer, order string, cancel context.CancelCauseFunc, taken func() error) error {
	return t.changeState(id, Releasing, taken, func(j *job, n *note) {
		*n = note{State: Releasing, Printer: printer, Order: order, Held: n.Held, Expires: n.Expires, Info: n.Info, Found: n.Found, Printed: n.Printed, Tries: n.Tries}
		j.cancel, j.waitsFor = cancel, ""
	})
}

// setState changes the state of a job, and more of its note by change, on disk
// first.
func (t *jobTable) setState(id uuid.UUID, next State, change func(*note)) error {
	return t.changeState(id, next, nil, func(j *job, n *note) {
		n.State = next
		j.cancel = nil
		if change != nil {
			change(n)
		}
	})
}

// changeState moves a job to its next state, if the transitions allow it;
// before, which may be nil, is called once that is certain.
func (t *jobTable) changeState(id uuid.UUID, next State, before func() error, change func(*job, *note)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	if !ok {
		return fmt.Errorf("job %s: %w", id, vault.ErrNotFound)
	}
	if next == Parked {
		next = t.restingState(j)
	}
	if !j.note.State.mayBecome(next) {
		return fmt.Errorf("job %s is %s and cannot become %s: %w", id, j.note.State, next, errState)
	}
	if err := t.checkReleasable(j); next == Releasing && err != nil {
		return err
	}
	if before != nil {
		if err := before(); err != nil {
			return err
		}
	}
	changed := *j
	change(&changed, &changed.note)
	changed.note.State = next
	return t.writeNote(j, changed)
}

// amendResting changes the note of a resting job.
func (t *jobTable) amendResting(id uuid.UUID, change func(*note)) error {
	return t.amendNoteIf(id, State.isResting, change)
}

// amendNote changes the note of a job and leaves its state.
func (t *jobTable) amendNote(id uuid.UUID, change func(*note)) error {
	return t.amendNoteIf(id, func(State) bool { return true }, change)
}

// amendNoteIf is amendNote for a job whose state may says yes to.
func (t *jobTable) amendNoteIf(id uuid.UUID, may func(State) bool, change func(*note)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	if !ok {
		return fmt.Errorf("job %s: %w", id, vault.ErrNotFound)
	}
	if !may(j.note.State) {
		return fmt.Errorf("job %s is %s: %w", id, j.note.State, errState)
	}
	changed := *j
	change(&changed.note)
	return t.writeNote(j, changed)
}

// learnDocuments stores what was found in a job's documents. It is written
// with the next change of the job's state; until then a start examines them
// again, which costs less than a write for each job. The list of documents no
// longer changes once one of them may have been sent.
func (t *jobTable) learnDocuments(id uuid.UUID, found []document) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	if !ok || len(found) != len(j.documents()) && (j.note.State == Releasing || j.note.Printed > 0) {
		return
	}
	j.note.Info = new(combinedInfo(j.parts, found))
	if len(found) > 1 {
		j.note.Found = found
	}
	t.tell.jobChanged(j)
}

// writeNote writes the note of a changed job and then makes the change; mu is
// held.
func (t *jobTable) writeNote(j *job, changed job) error {
	changed.note.Changed = t.now()
	raw, err := json.Marshal(changed.note.storedForm())
	if err != nil {
		return fmt.Errorf("encoding the note of job %s: %w", j.id, err)
	}
	if err := t.vault.SetNote(j.id, raw); err != nil {
		return fmt.Errorf("keeping the state of job %s: %w", j.id, err)
	}
	*j = changed
	t.tell.jobChanged(j)
	return nil
}

// dropDamaged removes a job from the table that the vault has set aside as
// damaged.
func (t *jobTable) dropDamaged(id uuid.UUID) bool {
	if _, err := t.vault.Job(id); !errors.Is(err, vault.ErrNotFound) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	j := t.jobs[id]
	if !t.removeEntry(id) {
		return false
	}
	t.tell.jobGone(j, control.Damaged)
	return true
}

// removeJob forgets a job that has ended as why says: its keys first, then the
// file.
func (t *jobTable) removeJob(id uuid.UUID, why State) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.destroyJob(id, why)
}

// destroyJob is removeJob with mu held.
func (t *jobTable) destroyJob(id uuid.UUID, why State) error {
	if err := t.vault.Destroy(id); err != nil && !errors.Is(err, vault.ErrNotFound) {
		return fmt.Errorf("removing job %s: %w", id, err)
	}
	if j := t.jobs[id]; t.removeEntry(id) {
		t.tell.jobGone(j, string(why))
	}
	return nil
}

// endJob ends a job without involving the printer. On a full disk there is no
// room to record that, so the job's keys are destroyed at once, which needs
// none and means the same.
func (t *jobTable) endJob(id uuid.UUID, state State) error {
	may := func(s State) bool { return s.mayBecome(state) }
	return t.destroyIfFull(id, state, may, t.setState(id, state, nil))
}

// cancelResting is endJob for a resting job, and is refused for any other.
func (t *jobTable) cancelResting(id uuid.UUID) error {
	return t.destroyIfFull(id, Canceled, State.isResting, t.amendResting(id, func(n *note) { n.State = Canceled }))
}

// destroyIfFull destroys a job that may end, if err says that there was no
// room to record its end.
func (t *jobTable) destroyIfFull(id uuid.UUID, why State, may func(State) bool, err error) error {
	if !errors.Is(err, vault.ErrNoSpace) {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if j, ok := t.jobs[id]; !ok || !may(j.note.State) {
		return err
	}
	return t.destroyJob(id, why)
}
