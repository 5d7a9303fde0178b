package cloudlink

import (
	"context"
	"errors"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

const (
	maxBackoff = 300 * time.Second
	// A connection that lasted this long resets the backoff.
	steady = time.Minute
)

// Run keeps the link up until ctx ends, and returns nil when every goroutine
// that it started has ended; orders in work get ctx.
func (l *Link) Run(ctx context.Context) error {
	defer l.orders.running.Wait()
	attempt := 0
	for {
		start := time.Now()
		err := l.runConnection(ctx)
		if ctx.Err() != nil {
			l.status.setStopped()
			return nil
		}
		if refused, ok := errors.AsType[refusedError](err); ok && refused.Code == wire.CodeUnknown {
			l.markForgotten()
		}
		if time.Since(start) >= steady {
			attempt = 0
		}
		delay := l.retryDelay(attempt, err)
		attempt++
		now := l.cfg.Now()
		l.status.setLost(now, l.errorSentence(err), now.Add(delay))
		l.quiet.Info("no connection to the server", errorKind(err), "host", l.host, "error", plainText(err.Error()), "retry_in", delay)
		if !sleepContext(ctx, delay) {
			l.status.setStopped()
			return nil
		}
	}
}

// retryDelay returns how long to wait after a connection ended with err. A
// server that drains again and again gets no more attempts than one that hangs
// up.
func (l *Link) retryDelay(attempt int, err error) time.Duration {
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

// sleepContext waits for delay; it returns false if ctx ended first.
func sleepContext(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
