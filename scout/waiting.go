package scout

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// A job waits where its owner has not registered. That follows from who has
// registered and from the settings, at every moment, and is never written
// down of the job itself: whatever is interrupted, the two cannot differ.

// errUnregistered: the job's owner has not registered.
var errUnregistered = errors.New("its owner has not registered")

// resting is the state of a job that is neither being released nor uncertain.
func (t *table) resting(j *job) State {
	if t.waits != nil && t.waits(j) {
		return Waiting
	}
	return Parked
}

// releasable says why a job may not be released, nil if it may. The table's
// lock is held, so that no removal of its owner comes between.
func (t *table) releasable(j *job) error {
	if t.resting(j) == Waiting {
		return fmt.Errorf("job %s: %w", j.id, errUnregistered)
	}
	return nil
}

// reconsider moves the jobs that wait, or no longer do, and returns which.
func (t *table) reconsider() (changed []uuid.UUID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, j := range t.jobs {
		if next := t.resting(j); j.note.State != next && (j.note.State == Parked || j.note.State == Waiting) {
			j.note.State = next
			changed = append(changed, id)
		}
	}
	return changed
}

// kept is a note as it is written down: a job that waits is one that is
// parked.
func (n note) kept() note {
	if n.State == Waiting {
		n.State = Parked
	}
	return n
}
