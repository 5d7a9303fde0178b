//go:build linux && !race

package endtoend

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestCommandsOnWindows lets the agent run as a program for Windows, and asks it
// by the commands: both find each other at the pipe that is used where nothing
// is said of it.
func TestCommandsOnWindows(t *testing.T) {
	w := peers.StartWine(t)
	exe, dir := w.Build(t, "../../../cmd/printscout"), t.TempDir()
	config := filepath.Join(dir, "config.json")
	raw, err := json.Marshal(map[string]any{"StateDir": w.Path(filepath.Join(dir, "state")), "Port": 0, "Registration": "self"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(patience time.Duration, args ...string) (string, int) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		cmd := w.Command(ctx, exe, append(args, "--config", w.Path(config))...)
		cmd.Stdout = fileOf(t, dir)
		cmd.Stderr = cmd.Stdout
		_ = cmd.Run() // its status says the rest
		return said(t, cmd.Stdout.(*os.File)), cmd.ProcessState.ExitCode()
	}
	if out, code := run(patience, "job", "list"); code != 11 {
		t.Errorf("without an agent: %d, %s", code, out)
	}
	ctx, end := context.WithCancel(t.Context())
	service := w.Command(ctx, exe, "service", "--config", w.Path(config))
	log := fileOf(t, dir)
	service.Stdout, service.Stderr = log, log
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		// It does not stop in order here: it looks who answers on its port, which
		// takes Wine minutes.
		end()
		_ = service.Wait()
	}()
	peers.Await(t, "the agent is ready", func() bool { return strings.Contains(said(t, log), "print scout is ready") })
	run(5*time.Second, "job", "list") // in Wine 8 nobody answers the first one
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"job list", 0, "TITLE"},
		{"person register", 0, "has registered"},
		{"person list", 0, "administrator"},
		{"printer list", 10, "has not joined a site"},
		{"job cancel abcd", 1, "there is no job abcd of yours"},
	} {
		if out, code := run(patience, strings.Fields(c.args)...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: %d, %s", c.args, code, out)
		}
	}
	if got := said(t, log); !strings.Contains(got, `route="POST /v1/people" account=S-1-5-`) || !strings.Contains(got, `route="DELETE /v1/jobs/{id}"`) {
		t.Errorf("the log: %s", got)
	}
}

// fileOf makes a file for what a program says.
func fileOf(t *testing.T, dir string) *os.File {
	t.Helper()
	f, err := os.CreateTemp(dir, "said")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func said(t *testing.T, f *os.File) string {
	t.Helper()
	b, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
