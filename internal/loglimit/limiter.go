// Package loglimit keeps events that others cause from filling a log: it writes
// one line a minute for each reason, with how often that has happened since the
// line before. It imports no package of this project.
package loglimit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Every is how often one reason gets a line in the log.
const Every = time.Minute

// Limiter is a log of events that others cause. It may be used by several
// goroutines.
type Limiter struct {
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	last map[string]time.Time
	more map[string]int
}

// New returns a Limiter that writes to a log.
func New(log *slog.Logger, now func() time.Time) *Limiter {
	return &Limiter{log: log, now: now, last: map[string]time.Time{}, more: map[string]int{}}
}

// Warn logs what happened unless the same reason was logged within a minute. A
// reason must be a constant of the program, never a text of others.
func (l *Limiter) Warn(what, reason string, args ...any) {
	l.logUnlessRecent(slog.LevelWarn, what, reason, args)
}

// Info is Warn for ordinary events.
func (l *Limiter) Info(what, reason string, args ...any) {
	l.logUnlessRecent(slog.LevelInfo, what, reason, args)
}

// Error is Warn for what an administrator has to fix.
func (l *Limiter) Error(what, reason string, args ...any) {
	l.logUnlessRecent(slog.LevelError, what, reason, args)
}

func (l *Limiter) logUnlessRecent(level slog.Level, what, reason string, args []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if last, known := l.last[reason]; known && now.Sub(last) >= 0 && now.Sub(last) < Every {
		l.more[reason]++
		return
	}
	if n := l.more[reason]; n > 0 {
		args = append(args, "not_logged", n)
	}
	l.last[reason], l.more[reason] = now, 0
	l.log.Log(context.Background(), level, what, append([]any{"reason", reason}, args...)...)
}
