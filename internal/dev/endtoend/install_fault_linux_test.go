// These tests run the binaries in containers; the race detector sees nothing of them.
//go:build !race

package endtoend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/printscout/printscout/installer"
)

// faultVariable makes the test binary install or uninstall, with a fault at a point:
// "kill install before queue", "fail install after service".
const faultVariable = "PRINTSCOUT_TEST_INSTALL_FAULT"

func init() { roles[faultVariable] = installWithFault }

// installWithFault runs in the machine. It ends with 7 if the point was not reached.
func installWithFault(task string) int {
	how, rest, _ := strings.Cut(task, " ")
	what, at, _ := strings.Cut(rest, " ")
	reached := false
	c := installer.ThisComputer()
	c.Fault = func(point string) error {
		if point != at {
			return nil
		}
		reached = true
		if how == "kill" {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return errors.New("a fault")
	}
	do := installer.Install
	if what == "uninstall" {
		do = installer.Uninstall
	}
	_, err := do(context.Background(), c, installer.Options{Binary: program, TrustQueueNames: true, Purge: what == "uninstall", Timeout: time.Minute})
	fmt.Println(err)
	if !reached {
		return 7
	}
	return 1
}

// TestInstallFaults has each step fail, and the process killed, before and after it.
func TestInstallFaults(t *testing.T) {
	m := newMachine(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Copy(self, "/srv/bin/fault", 0o755); err != nil {
		t.Fatal(err)
	}
	m.must("systemctl stop cups; systemctl start cups")
	before := m.snapshot()
	run := func(task string) string {
		out, err := m.Machine.Run("cd /; " + faultVariable + "='" + task + "' /srv/bin/fault")
		if err == nil || err.Error() == "exit status 7" {
			t.Fatalf("%s: %v\n%s", task, err, out)
		}
		return out
	}
	clean := func(after string) {
		t.Helper()
		if d := differences(before, m.snapshot()); len(d) > 0 {
			t.Fatalf("%s: left or missing %q", after, d)
		}
	}
	steps := []string{"account", "folders", "settings", "service", "desktop", "queue", "queue-names"}
	for i, step := range steps {
		for j, point := range []string{"before ", "after "} {
			out := run("fail install " + point + step)
			clean("a fault " + point + step + "\n" + out)

			run("kill install " + point + step)
			if (i+j)%2 == 0 {
				m.exits(0, program+" install --trust-queue-names")
			}
			m.exits(0, program+" uninstall --purge")
			clean("killed " + point + step)
		}
	}
	for i, step := range steps {
		for j, point := range []string{"before undoing ", "after undoing "} {
			m.exits(0, program+" install --trust-queue-names")
			run("kill uninstall " + point + step)
			if (i+j)%2 == 0 {
				m.exits(0, program+" install --trust-queue-names")
			}
			m.exits(0, program+" uninstall --purge")
			clean("killed " + point + step)
		}
	}
}
