package scout

import (
	"errors"

	"github.com/google/uuid"

	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/vault"
)

// Unhold lets a job be released from now on, because its print queue no longer
// holds it.
func (s intake) Unhold(jobUUID string) error {
	id, err := s.byJobUUID(jobUUID)
	if err != nil {
		return err
	}
	if err := s.table.amendNote(id, func(n *note) { n.Held = new(false) }); err != nil {
		return err
	}
	s.tellChanged(id)
	return nil
}

// Drop removes a parked job that its owner canceled in the print queue. The
// queue cannot cancel a job whose release has begun.
func (s intake) Drop(jobUUID string) error {
	id, err := s.byJobUUID(jobUUID)
	if err != nil {
		return err
	}
	err = s.table.cancelResting(id)
	switch {
	case errors.Is(err, errState), errors.Is(err, vault.ErrNotFound):
		return spooler.ErrNoJob
	case err != nil:
		return err
	}
	s.log.Info("job canceled in the print queue", "job", id)
	s.forgetJob(id, Canceled)
	return nil
}

// byJobUUID returns the id of the job with the UUID that the printer on
// loopback gave it.
func (s intake) byJobUUID(jobUUID string) (uuid.UUID, error) {
	found := s.table.matchingJobs(func(j *job) bool { return j.ticket.JobUUID == jobUUID })
	if jobUUID == "" || len(found) == 0 {
		return uuid.Nil, spooler.ErrNoJob
	}
	return found[0].id, nil
}

// Restart begins a parked job's stay anew, held by its print queue or not.
func (s intake) Restart(jobUUID string, held bool) error {
	id, err := s.byJobUUID(jobUUID)
	if err != nil {
		return err
	}
	expires := s.now().Add(s.liveSettings().JobRetention)
	err = s.table.amendResting(id, func(n *note) { n.Held, n.Expires = &held, &expires })
	if errors.Is(err, errState) {
		return spooler.ErrNotNow
	}
	if err != nil {
		return err
	}
	s.expiry.wake()
	s.tellChanged(id)
	return nil
}

// SetPaused starts or ends a pause, in which no job is released.
func (s intake) SetPaused(paused bool) error {
	if err := s.printerID.setPaused(paused); err != nil {
		return err
	}
	s.log.Info("the printer on loopback was paused or resumed", "paused", paused)
	s.hub.statusChanged()
	return nil
}

const pausedSentence = "An administrator has paused the printer on this computer: jobs are kept, and nothing is released."
