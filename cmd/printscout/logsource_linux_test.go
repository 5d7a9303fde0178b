package main

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/cli"
)

func TestJournalArgs(t *testing.T) {
	for want, q := range map[string]logQuery{
		"--unit printscout.service --output cat --no-pager --quiet --lines 200":               {lines: 200},
		"--unit printscout.service --output cat --no-pager --quiet --since -3600s --follow":   {since: time.Hour, follow: true},
		"--unit printscout.service --output cat --no-pager --quiet --since -90s --lines 2000": {since: 90 * time.Second, lines: 2000},
	} {
		if got := strings.Join(journalArgs(q), " "); got != want {
			t.Errorf("%+v: %s", q, got)
		}
	}
}

// TestRunLog has programs that say something, complain, and go on for ever.
func TestRunLog(t *testing.T) {
	var out bytes.Buffer
	shell := func(ctx context.Context, script string) *exec.Cmd {
		return exec.CommandContext(ctx, "sh", "-c", script)
	}
	if err := runLog(t.Context(), shell(t.Context(), `echo 'msg=one job=7'; echo Started.`), &out, true); err != nil || out.String() != "{\"job\":\"7\",\"msg\":\"one\"}\n{\"msg\":\"Started.\"}\n" {
		t.Errorf("%v: %q", err, out.String())
	}
	err := runLog(t.Context(), shell(t.Context(), `echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1`), &out, false)
	if err == nil || !strings.Contains(err.Error(), "insufficient permissions") || !strings.Contains(program.Hint(err), "systemd-journal") {
		t.Errorf("%v, hint %q", err, program.Hint(err))
	}
	ctx, cancel := context.WithCancel(t.Context())
	stop := writerFunc(func(b []byte) (int, error) { cancel(); return len(b), nil })
	err = runLog(ctx, shell(ctx, `echo one; exec sleep 1000`), stop, false)
	if !errors.Is(err, context.Canceled) || program.Status(err, true) != cli.Interrupted {
		t.Errorf("interrupted: %v", err)
	}
	broken := writerFunc(func([]byte) (int, error) { return 0, errors.New("the pipe is closed") })
	if err := runLog(t.Context(), shell(t.Context(), `echo one; exec sleep 1000`), broken, false); err == nil || !strings.Contains(err.Error(), "the pipe is closed") {
		t.Errorf("a reader that is gone: %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
