package raw

import (
	"errors"
	"io"
	"time"
)

// isSettled reports whether everything has been heard of the job: its end, or
// our ECHO from a printer that has not told of its beginning.
func (s *documentSender) isSettled() bool {
	k, _, _ := s.listener.snapshot()
	return k.complete && (k.echoed || k.result != "") || k.echoed && !k.began
}

// awaitDone waits until done returns true, as long as the printer speaks of
// our job or of itself, or acknowledges bytes, and the connection and the
// context last.
func (s *documentSender) awaitDone(limit time.Duration, done func() bool) {
	tick := time.NewTicker(queuePollInterval(limit))
	defer tick.Stop()
	since, left := time.Now(), -1
	for {
		k, heard, gone := s.listener.snapshot()
		if done() || gone != nil || s.ctx.Err() != nil {
			return
		}
		queue, _ := sendQueue(s.conn)
		if queue != left {
			since, left = time.Now(), queue
		}
		if heard.After(since) {
			since = heard
		}
		if time.Since(since) >= s.stallLimit(limit, k.waits != "" || queue > 0) {
			return
		}
		select {
		case <-s.listener.wake:
		case <-tick.C:
		case <-s.ctx.Done():
		}
	}
}

func (s *documentSender) stallLimit(limit time.Duration, busy bool) time.Duration {
	if busy {
		return max(limit, s.limits.Write)
	}
	return limit
}

// queuePollInterval returns how often the kernel is asked what is not
// acknowledged.
func queuePollInterval(limit time.Duration) time.Duration {
	return min(max(limit/16, time.Millisecond), 500*time.Millisecond)
}

// sendFarewell asks the printer to tell no more, if it has told anything and
// still reads.
func (s *documentSender) sendFarewell() {
	k, _, gone := s.listener.snapshot()
	if gone != nil || s.ctx.Err() != nil || !k.echoed && !k.ended {
		return
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(s.limits.Close))
	_, _ = s.conn.Write([]byte(farewell))
}

// halfClose closes our end and waits for the printer to close.
func (s *documentSender) halfClose() {
	c, ok := s.conn.(interface{ CloseWrite() error })
	if !ok || c.CloseWrite() != nil {
		return
	}
	s.awaitDone(s.limits.Close, neverDone)
	_, _, gone := s.listener.snapshot()
	s.acked = errors.Is(gone, io.EOF) && s.awaitAcknowledged()
}

func neverDone() bool { return false }

// awaitAcknowledged reports whether the printer, which has closed, has
// acknowledged everything. If the kernel does not tell, a close after all was
// out is the best evidence.
func (s *documentSender) awaitAcknowledged() bool {
	tick := time.NewTicker(queuePollInterval(s.limits.Close))
	defer tick.Stop()
	for begun := time.Now(); ; {
		queue, told := sendQueue(s.conn)
		switch {
		case !told:
			return !s.early
		case queue == 0:
			return true
		case queue == queueLost || time.Since(begun) > s.limits.Close:
			return false
		}
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return false
		}
	}
}
