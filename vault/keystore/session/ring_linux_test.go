package session

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// ordinaryUID is the uid that runs scenarios if the tests run as root.
const ordinaryUID = 65534

// scenarioRunner runs scenarios as a person with a home of their own.
type scenarioRunner struct {
	t        *testing.T
	program  string // the tests, where that person may run them
	home     string
	person   *syscall.SysProcAttr
	launched string // is there once dbus-launch was run
}

func newScenarioRunner(t *testing.T) *scenarioRunner {
	t.Helper()
	dir, err := os.MkdirTemp("", "session")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755))
	s := &scenarioRunner{t: t, program: filepath.Join(dir, "tests"), home: filepath.Join(dir, "home"), launched: filepath.Join(dir, "home", "launched")}
	exe, err := os.Executable()
	must(t, err)
	program, err := os.ReadFile(exe)
	must(t, err)
	must(t, os.WriteFile(s.program, program, 0o755))
	must(t, os.Mkdir(s.home, 0o700))
	bin := filepath.Join(s.home, "bin")
	must(t, os.Mkdir(bin, 0o755))
	must(t, os.WriteFile(filepath.Join(bin, "dbus-launch"), []byte("#!/bin/sh\ntouch '"+s.launched+"'\n"), 0o755))
	if os.Geteuid() == 0 {
		s.person = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: ordinaryUID, Gid: ordinaryUID}}
		must(t, os.Chown(s.home, ordinaryUID, ordinaryUID))
	}
	return s
}

// runScenario runs a scenario; session is the command line, if any, that starts a
// session for it.
func (s *scenarioRunner) runScenario(scenario string, session ...string) {
	s.t.Helper()
	args := append(session, s.program)
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.SysProcAttr, cmd.Dir = s.person, "/"
	cmd.Env = []string{
		"PATH=" + filepath.Join(s.home, "bin") + ":" + os.Getenv("PATH"), "HOME=" + s.home, "XDG_RUNTIME_DIR=" + s.home,
		"XDG_DATA_HOME=" + s.home, scenarioEnv + "=" + scenario, "SESSION_TEST_DIR=" + s.home, "SESSION_TEST_LAUNCHED=" + s.launched,
	}
	// A file: processes that a keyring leaves running would keep a pipe open.
	out, err := os.CreateTemp(s.t.TempDir(), "out")
	must(s.t, err)
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		s.t.Fatalf("%v\n%s", err, said)
	}
}

// startBus returns a command line for a session whose bus starts no services: a
// keyring that the test has started would race with one that the bus starts.
func (s *scenarioRunner) startBus(policy string) []string {
	s.t.Helper()
	conf := filepath.Join(s.home, "bus.conf")
	must(s.t, os.WriteFile(conf, []byte(busConf(s.home, policy)), 0o644))
	return []string{peers.Need(s.t, "dbus-run-session"), "--config-file=" + conf, "--"}
}

func TestWithKeyring(t *testing.T) {
	peers.Need(t, "gnome-keyring-daemon")
	for _, scenario := range []string{"locked now", "key removed", "stopped"} {
		t.Run(scenario, func(t *testing.T) {
			s := newScenarioRunner(t)
			s.runScenario(scenario, s.startBus("")...)
		})
	}
	s := newScenarioRunner(t)
	for _, scenario := range []string{"unlocked", "next session", "locked since the start", "next session"} {
		s.runScenario(scenario, s.startBus("")...)
	}
	s.runScenario("started by the bus", peers.Need(t, "dbus-run-session"), "--")
	newScenarioRunner(t).runScenario("started by the bus, empty", peers.Need(t, "dbus-run-session"), "--")
}

func TestWithoutKeyring(t *testing.T) {
	for _, scenario := range []string{"no address", "bus is gone", "bus does not answer"} {
		t.Run(scenario, func(t *testing.T) { newScenarioRunner(t).runScenario(scenario) })
	}
	for scenario, policy := range map[string]string{
		"no service": "", "service is mute": "", "service falls silent": "",
		"refused": `<deny send_destination="org.freedesktop.secrets"/>`,
	} {
		t.Run(scenario, func(t *testing.T) {
			s := newScenarioRunner(t)
			s.runScenario(scenario, s.startBus(policy)...)
		})
	}
}

// busConf writes the configuration of a bus that knows no services to start.
func busConf(dir, policy string) string {
	return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=` + dir + `</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/>` + policy + `</policy></busconfig>
`
}

// TestRootHasNoSession: whatever the environment says.
func TestRootHasNoSession(t *testing.T) {
	peers.NeedRoot(t)
	s := newScenarioRunner(t)
	s.person = nil
	s.runScenario("root", peers.Need(t, "dbus-run-session"), "--")
}

// TestOnWindows runs the tests of this package as a program for Windows.
func TestOnWindows(t *testing.T) {
	peers.StartWine(t).TestPackage(t, ".")
}
