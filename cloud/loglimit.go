package cloud

import (
	"log/slog"
	"sync"
	"time"
)

// logEvery is how often one reason gets a line in the log.
const logEvery = time.Minute

// logLimit logs what strangers cause: a line a minute for each reason, with
// how often it has happened since the line before.
type logLimit struct {
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	last map[string]time.Time
	more map[string]int
}

func newLogLimit(log *slog.Logger, now func() time.Time) *logLimit {
	return &logLimit{log: log, now: now, last: make(map[string]time.Time), more: make(map[string]int)}
}

// warn logs what happened unless the same reason was logged within a minute.
// Reasons are constants of this package: what strangers say is none.
func (l *logLimit) warn(what, reason string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if last, known := l.last[reason]; known && now.Sub(last) >= 0 && now.Sub(last) < logEvery {
		l.more[reason]++
		return
	}
	if n := l.more[reason]; n > 0 {
		args = append(args, "not_logged", n)
	}
	l.last[reason], l.more[reason] = now, 0
	l.log.Warn(what, append([]any{"reason", reason}, args...)...)
}
