package cloudlink

import (
	"context"
	"errors"
	"time"
)

const (
	maxBackoff = 300 * time.Second
	// A connection that lasted this long was a good one.
	steady = time.Minute
)

// Run keeps the link up until ctx ends and then returns nil, when every
// goroutine it started has ended; orders in work get ctx.
func (l *Link) Run(ctx context.Context) error {
	defer l.orders.running.Wait()
	attempt := 0
	for {
		start := time.Now()
		err := l.connect(ctx)
		if ctx.Err() != nil {
			l.status.stopped()
			return nil
		}
		if time.Since(start) >= steady {
			attempt = 0
		}
		delay := l.backoff(attempt, err)
		attempt++
		now := l.cfg.Now()
		l.status.lost(now, l.describe(err), now.Add(delay))
		l.quiet.Info("no connection to the server", kind(err), "host", l.host, "error", plain(err.Error()), "retry_in", delay)
		if !pause(ctx, delay) {
			l.status.stopped()
			return nil
		}
	}
}

// backoff returns how long to wait after a connection ended with err. A server
// that drains again and again gets no more attempts than one that hangs up.
func (l *Link) backoff(attempt int, err error) time.Duration {
	if drain, ok := errors.AsType[drainError](err); ok {
		most := drain.delay
		if attempt > 0 {
			most = max(most, time.Second<<min(attempt, 9))
		}
		return l.cfg.Jitter(min(most, maxBackoff))
	}
	if busy, ok := errors.AsType[unavailableError](err); ok {
		after := min(busy.after, maxBackoff)
		return after + l.cfg.Jitter(min(after, maxBackoff-after))
	}
	if _, ok := errors.AsType[refusedError](err); ok || attempt >= 9 {
		return l.cfg.Jitter(maxBackoff)
	}
	return l.cfg.Jitter(min(time.Second<<attempt, maxBackoff))
}

// pause waits for delay; false if ctx ended first.
func pause(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
