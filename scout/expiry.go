package scout

import (
	"context"
	"time"
)

// expiry wakes the loop that removes jobs whose time is over. The loop sleeps
// until the next job is due.
type expiry struct {
	changed chan struct{}
}

// wake makes the loop look again, because there is a new job.
func (e *expiry) wake() {
	select {
	case e.changed <- struct{}{}:
	default:
	}
}

// longestSleep is short enough to notice that the clock was set.
const longestSleep = 10 * time.Minute

// runExpiry removes jobs whose time is over until ctx ends.
func (s *Scout) runExpiry(ctx context.Context) error {
	for {
		timer := time.NewTimer(s.expireDueJobs())
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-s.expiry.changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// expireDueJobs removes the jobs whose time is over and returns how long to
// sleep until the next one is due. A job that is being released stays until
// its release has ended.
func (s *Scout) expireDueJobs() time.Duration {
	now, jumped, first := s.retention.now()
	if first {
		s.log.Info("the computer's clock has jumped ahead, or the computer was off; jobs expire by the time that has passed while it ran, until the clock has stayed so",
			"ahead", s.now().Sub(now).Round(time.Second), "for", clockSettle)
	}
	if !jumped {
		s.shortenStays(now)
	}
	s.refused.expireLines()
	over, sleep := s.table.expiredJobs(now, longestSleep)
	for _, j := range over {
		if err := s.table.endJob(j.id, Expired); err != nil {
			s.log.Error("a job could not be expired", "job", j.id, "error", err)
			continue
		}
		s.log.Info("job expired", "job", j.id)
		s.forgetJob(j.id, Expired)
		s.tellQueue(j)
	}
	if err := s.retention.saveIfDue(false); err != nil {
		s.log.Debug("the time could not be written down", "error", err)
	}
	return sleep
}

// shortenStays gives a job that was parked while the clock was ahead, and
// would stay far longer than any job may, the expiry of a job that is parked
// now.
func (s *Scout) shortenStays(now time.Time) {
	for _, id := range s.table.matchingIDs(func(j *job) bool {
		return j.expiresAt().Sub(now) > s.longestStay(j)+clockSlack && j.note.State.mayBecome(Expired)
	}) {
		err := s.table.amendNote(id, func(n *note) { n.Expires = new(now.Add(s.liveSettings().JobRetention)) })
		if err != nil {
			s.log.Error("a job that was parked by a clock that was ahead could not be given its time", "job", id, "error", err)
			continue
		}
		s.tellChanged(id)
	}
}

// longestStay returns the longer of what a job was promised and what jobs get
// now.
func (s *Scout) longestStay(j *job) time.Duration {
	return max(s.liveSettings().JobRetention, j.ticket.Expires.Sub(j.ticket.Created))
}
