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

// An hour at the most, so that a clock that was set is noticed.
const longestSleep = time.Hour

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
	over, sleep := s.table.over(s.now(), longestSleep)
	for _, j := range over {
		if err := s.table.end(j.id, Expired); err != nil {
			s.log.Error("a job could not be expired", "job", j.id, "error", err)
			continue
		}
		s.log.Info("job expired", "job", j.id)
		s.forget(j.id, Expired)
		s.tellQueue(j)
	}
	return sleep
}
