package scout

import (
	"context"
	"time"
)

// expiry removes jobs whose time is over. It sleeps until the next one's.
type expiry struct {
	changed chan struct{}
}

// wake makes it look again: there is a new job.
func (e *expiry) wake() {
	select {
	case e.changed <- struct{}{}:
	default:
	}
}

// longestSleep is short enough that a clock that was set is noticed.
const longestSleep = 10 * time.Minute

func (s *Scout) expire(ctx context.Context) error {
	for {
		timer := time.NewTimer(s.expireDue())
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

// expireDue removes what is over and returns how long nothing more will be.
// A job that is being released is left alone until that has ended.
func (s *Scout) expireDue() time.Duration {
	now, jumped, first := s.retention.now()
	if first {
		s.log.Info("the computer's clock has jumped ahead, or the computer was off; jobs expire by the time that has passed while it ran, until the clock has stayed so",
			"ahead", s.now().Sub(now).Round(time.Second), "for", clockSettle)
	}
	if !jumped {
		s.shortenStays(now)
	}
	over, sleep := s.table.over(now, longestSleep)
	for _, j := range over {
		if err := s.table.end(j.id, Expired); err != nil {
			s.log.Error("a job could not be expired", "job", j.id, "error", err)
			continue
		}
		s.log.Info("job expired", "job", j.id)
		s.forget(j.id, Expired)
		s.tellQueue(j)
	}
	if err := s.retention.keep(false); err != nil {
		s.log.Debug("the time could not be written down", "error", err)
	}
	return sleep
}

// shortenStays gives a job that was parked while the clock was ahead, and would
// stay far longer than any may, the stay of one that was parked now.
func (s *Scout) shortenStays(now time.Time) {
	for _, id := range s.table.ids(func(j *job) bool {
		return j.expires().Sub(now) > s.longestStay(j)+clockSlack && j.note.State.mayBecome(Expired)
	}) {
		err := s.table.amend(id, func(n *note) { n.Expires = new(now.Add(s.cfg.Settings.JobRetention)) })
		if err != nil {
			s.log.Error("a job that was parked by a clock that was ahead could not be given its time", "job", id, "error", err)
			continue
		}
		s.tellChanged(id)
	}
}

// longestStay is the longer one of what a job was promised and what jobs have
// now.
func (s *Scout) longestStay(j *job) time.Duration {
	return max(s.cfg.Settings.JobRetention, j.ticket.Expires.Sub(j.ticket.Created))
}
