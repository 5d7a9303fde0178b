package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/printscout/printscout/delivery/simprinter"
)

// A printer is idle, too, before its job command has begun: that is not yet
// the end of a job.
func TestSettledWaitsForTheJobCommand(t *testing.T) {
	dir := t.TempDir()
	p, err := simprinter.Start(simprinter.Config{Dir: filepath.Join(dir, "p")})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	l := &lane{done: filepath.Join(dir, "done")}
	if l.asking, err = newClient(p.PlainURI()); err != nil {
		t.Fatal(err)
	}
	if !l.isIdle(t.Context()) {
		t.Fatal("the printer is not idle")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := l.awaitIdle(ctx); !errors.Is(err, errBusy) {
		t.Errorf("before the command: %v", err)
	}
	ended := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := errors.Join(os.WriteFile(l.done, nil, 0o600), os.Chtimes(l.done, ended, ended)); err != nil {
		t.Fatal(err)
	}
	if got, err := l.awaitIdle(t.Context()); err != nil || !got.Equal(ended) {
		t.Errorf("after the command: %s, %v", got, err)
	}
}
