package loglimit

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	var log strings.Builder
	now := time.Now()
	l := New(slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now })
	for range 1000 {
		l.Warn("turned away", "silent", "address", "192.0.2.1/32")
		l.Warn("turned away", "crowd", "address", "192.0.2.1/32")
	}
	now = now.Add(Every)
	l.Warn("turned away", "silent", "address", "192.0.2.2/32")
	if lines := strings.Count(log.String(), "\n"); lines != 3 || !strings.Contains(log.String(), "address=192.0.2.2/32 not_logged=999") {
		t.Errorf("%d lines: %s", lines, log.String())
	}
	now = now.Add(-time.Hour) // a clock that was set back keeps nothing from the log
	l.Error("turned away", "silent")
	if lines := strings.Count(log.String(), "\n"); lines != 4 || !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("%d lines: %s", lines, log.String())
	}
}
