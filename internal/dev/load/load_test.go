package main

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/printscout/printscout/internal/dev/peers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestFewScouts goes through every phase with some dozens: what must hold
// holds however few they are, and figures are not looked at.
func TestFewScouts(t *testing.T) {
	peers.Short(t, "whole servers and scouts")
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGTERM to end the server with")
	}
	server := filepath.Join(t.TempDir(), "scoutcloud")
	if out, err := exec.Command("go", "build", "-o", server, "../../../cmd/scoutcloud").CombinedOutput(); err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	figures, err := runLoad(t.Context(), plan{server: server, scouts: 24, jobs: 3, idle: time.Second, orders: 60, batch: 20, kills: 1, killing: 100}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := printFigures(&table, figures, false); err != nil || strings.Count(table.String(), "\n") != len(figures)+2 || len(figures) < 10 {
		t.Errorf("%v\n%s", err, table.String())
	}
}
