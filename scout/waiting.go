package scout

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// A job waits if its owner has not registered. That follows at every moment
// from the registrations and the settings, and is never written to the job
// itself: whatever is interrupted, the two cannot differ.

// errUnregistered means that the job's owner has not registered.
var errUnregistered = errors.New("its owner has not registered")

// restingState returns the state of a job that is neither being released nor
// uncertain.
func (t *jobTable) restingState(j *job) State {
	if t.mustWait != nil && t.mustWait(j) {
		return Waiting
	}
	return Parked
}

// checkReleasable returns why a job may not be released, nil if it may. The
// table's lock is held, so that its owner's registration is not removed in
// between.
func (t *jobTable) checkReleasable(j *job) error {
	if t.restingState(j) == Waiting {
		return fmt.Errorf("job %s: %w", j.id, errUnregistered)
	}
	return nil
}

// updateWaiting moves the jobs between parked and waiting, and returns those
// that changed.
func (t *jobTable) updateWaiting() (changed []uuid.UUID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, j := range t.jobs {
		if next := t.restingState(j); j.note.State != next && (j.note.State == Parked || j.note.State == Waiting) {
			j.note.State = next
			t.tell.jobChanged(j)
			changed = append(changed, id)
		}
	}
	return changed
}

// storedForm returns a note as it is written to disk, where a waiting job is a
// parked one.
func (n note) storedForm() note {
	if n.State == Waiting {
		n.State = Parked
	}
	return n
}
