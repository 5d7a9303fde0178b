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

// table holds every job that is not gone. A state is changed here and nowhere
// else: by set, which keeps to the transitions and puts the change on disk
// before anybody sees it.
type table struct {
	vault *vault.Vault
	log   *slog.Logger
	now   func() time.Time
	waits func(*job) bool // for its owner to register

	mu    sync.Mutex
	jobs  map[uuid.UUID]*job
	byAge []*job // the same, oldest first
}

var errState = errors.New("the job is not in a state for that")

// load takes over what the vault keeps. What an interruption left half done
// is brought to an end: a job whose order begun knows stays as it is, to be
// taken up; one that was only about to be released is parked.
func (t *table) load(order func(id string) *orderEntry) error {
	for _, v := range t.vault.Jobs() {
		j, err := readJob(v)
		if err != nil {
			t.log.Error("a parked job cannot be read and is left alone", "job", v.ID, "error", err)
			continue
		}
		t.put(j)
		if err := t.recover(j, order(j.note.Order)); err != nil {
			return err
		}
	}
	t.reconsider()
	return nil
}

func (t *table) recover(j *job, order *orderEntry) error {
	switch {
	case j.note.State.ended():
		return t.remove(j.id)
	case j.note.State != Releasing:
		return nil
	case order != nil && order.Result == nil && order.Point != nil:
		return nil
	case order != nil && order.Result != nil:
		return t.ended(j, order.Result.Result)
	case order != nil:
		return t.interrupted(j, Parked, strings.TrimSpace(came(j.note.Printed)+" The agent was stopped before anything more was sent. The job can be released again."))
	}
	return t.interrupted(j, Uncertain, "The agent was stopped, and its journal is gone. Look at the printer: the document may have come out.")
}

// ended brings a job to where the result of its order has led, which was known
// before the agent stopped.
func (t *table) ended(j *job, r outcome.Result) error {
	next := stateAfter(r.State)
	if next.ended() {
		return t.remove(j.id)
	}
	return t.lead(j, next, func(n *note) { n.Reason, n.Message, n.Evidence = r.Reason, outcome.Sentence(r.Reason), r.Sentences() })
}

// adopt lets a job that was found being released be broken off by cancel.
func (t *table) adopt(id uuid.UUID, cancel context.CancelCauseFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if j, ok := t.jobs[id]; ok {
		j.cancel = cancel
	}
}

// remark shows what the release of a job waits for. It is not kept.
func (t *table) remark(id uuid.UUID, sentence string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if j, ok := t.jobs[id]; ok && j.note.State == Releasing {
		j.note.Message = sentence
	}
}

// interrupted brings a job to where its interruption has led.
func (t *table) interrupted(j *job, next State, message string) error {
	return t.lead(j, next, func(n *note) { n.Reason, n.Message = outcome.ReasonInterrupted, message })
}

// lead sets the state of a job at the start. On a full disk that is known in
// memory alone: what is on disk leads there again.
func (t *table) lead(j *job, next State, change func(*note)) error {
	err := t.set(j.id, next, change)
	if !errors.Is(err, vault.ErrNoSpace) {
		return err
	}
	j.note.State = next
	change(&j.note)
	return nil
}

// add takes a job that has just been sealed: parked, or waiting.
func (t *table) add(j *job) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j.note.State = t.resting(j)
	t.put(j)
}

// get is a copy of a job.
func (t *table) get(id uuid.UUID) (job, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	if !ok {
		return job{}, false
	}
	return *j, true
}

// all are copies of the jobs that match, oldest first.
func (t *table) all(match func(*job) bool) []job {
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

// sums returns how many jobs the owner of a quota has here, the bytes of their
// documents, and those of everybody's.
func (t *table) sums(owner string) (jobs int, own, all int64) {
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

// over are copies of the jobs whose time is over, and how long it is until the
// next one's is, at the most so long. It is asked with each job that is parked.
func (t *table) over(now time.Time, longest time.Duration) (out []job, left time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left = longest
	for _, j := range t.jobs {
		switch rest := j.expires().Sub(now); {
		case !j.note.State.mayBecome(Expired):
		case rest > 0:
			left = min(left, rest)
		default:
			out = append(out, *j)
		}
	}
	return out, left
}

// claimFor marks a job as being released, after taken has written down for which
// order: a job that is found claimed for an order that nobody knows has lost its
// journal. Where the job may not be claimed, nothing is written at all. From
// here on nobody else may release, expire or remove it; cancel is how its
// release is broken off.
func (t *table) claimFor(id uuid.UUID, printer, order string, cancel context.CancelCauseFunc, taken func() error) error {
	return t.change(id, Releasing, taken, func(j *job, n *note) {
		*n = note{State: Releasing, Printer: printer, Order: order, Held: n.Held, Expires: n.Expires, Info: n.Info, Found: n.Found, Printed: n.Printed, Tries: n.Tries}
		j.cancel = cancel
	})
}

// set changes the state of a job, and more of its note by change, on disk
// first.
func (t *table) set(id uuid.UUID, next State, change func(*note)) error {
	return t.change(id, next, nil, func(j *job, n *note) {
		n.State = next
		j.cancel = nil
		if change != nil {
			change(n)
		}
	})
}

// change moves a job to its next state, if it may go there; before, which may be
// nil, is called once that is certain.
func (t *table) change(id uuid.UUID, next State, before func() error, change func(*job, *note)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	if !ok {
		return fmt.Errorf("job %s: %w", id, vault.ErrNotFound)
	}
	if next == Parked {
		next = t.resting(j)
	}
	if !j.note.State.mayBecome(next) {
		return fmt.Errorf("job %s is %s and cannot become %s: %w", id, j.note.State, next, errState)
	}
	if err := t.releasable(j); next == Releasing && err != nil {
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
	return t.write(j, changed)
}

// renew changes the note of a job that rests.
func (t *table) renew(id uuid.UUID, change func(*note)) error {
	return t.amendIf(id, State.rests, change)
}

// amend changes the note of a job and leaves its state.
func (t *table) amend(id uuid.UUID, change func(*note)) error {
	return t.amendIf(id, func(State) bool { return true }, change)
}

func (t *table) amendIf(id uuid.UUID, may func(State) bool, change func(*note)) error {
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
	return t.write(j, changed)
}

// learn takes in what was found in a job's documents. It is kept with the next
// change of the job's state; until then a start looks into them again, which
// costs less than a write for each job. Which documents there are stays as it
// is once one of them may have been sent.
func (t *table) learn(id uuid.UUID, found []document) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, ok := t.jobs[id]
	if !ok || len(found) != len(j.documents()) && (j.note.State == Releasing || j.note.Printed > 0) {
		return
	}
	j.note.Info = new(combined(j.parts, found))
	if len(found) > 1 {
		j.note.Found = found
	}
}

func (t *table) write(j *job, changed job) error {
	changed.note.Changed = t.now()
	raw, err := json.Marshal(changed.note.kept())
	if err != nil {
		return fmt.Errorf("encoding the note of job %s: %w", j.id, err)
	}
	if err := t.vault.SetNote(j.id, raw); err != nil {
		return fmt.Errorf("keeping the state of job %s: %w", j.id, err)
	}
	*j = changed
	return nil
}

// drop takes a job off the table that the vault has set aside as damaged.
func (t *table) drop(id uuid.UUID) bool {
	if _, err := t.vault.Job(id); !errors.Is(err, vault.ErrNotFound) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.take(id)
}

// remove forgets a job: its keys first, then the file.
func (t *table) remove(id uuid.UUID) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.destroy(id)
}

// destroy is called with mu held.
func (t *table) destroy(id uuid.UUID) error {
	if err := t.vault.Destroy(id); err != nil && !errors.Is(err, vault.ErrNotFound) {
		return fmt.Errorf("removing job %s: %w", id, err)
	}
	t.take(id)
	return nil
}

// end brings a job to an end that does not hang on the printer. On a full disk
// there is no room to write that down, and its keys are destroyed at once, which
// needs none and says as much.
func (t *table) end(id uuid.UUID, state State) error {
	may := func(s State) bool { return s.mayBecome(state) }
	return t.orDestroy(id, may, t.set(id, state, nil))
}

// withdraw is end for a job that rests, and is refused for any other.
func (t *table) withdraw(id uuid.UUID) error {
	return t.orDestroy(id, State.rests, t.renew(id, func(n *note) { n.State = Canceled }))
}

// orDestroy destroys a job that may end, where err says that there was no room
// to write its end down.
func (t *table) orDestroy(id uuid.UUID, may func(State) bool, err error) error {
	if !errors.Is(err, vault.ErrNoSpace) {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if j, ok := t.jobs[id]; !ok || !may(j.note.State) {
		return err
	}
	return t.destroy(id)
}

// find is the caller's job of which id is the whole id or, where that fits
// one alone, its start.
func (t *table) find(c control.Caller, id string) (job, error) {
	ids, err := t.resolve(c, []string{id})
	if err != nil {
		return job{}, err
	}
	j, ok := t.get(ids[0])
	if !ok {
		return job{}, noSuchJob(id)
	}
	return j, nil
}

func noSuchJob(id string) error {
	return &control.Error{Code: control.CodeNotFound, Message: fmt.Sprintf("there is no job %s of yours", id), Hint: "printscout job list shows your jobs"}
}

func severalJobs(n int, id string) error {
	return &control.Error{Code: control.CodeUsage, Message: fmt.Sprintf("%d jobs begin with %s", n, id), Hint: "give more of the id"}
}
