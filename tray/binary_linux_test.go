package tray

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// program builds printscout as make build does, where everybody may run it.
func program(t *testing.T) string {
	t.Helper()
	peers.Short(t, "building printscout")
	dir, err := os.MkdirTemp("", "ps")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "printscout")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "../cmd/printscout")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building printscout: %v\n%s", err, out)
	}
	return path
}

// printscoutTray starts the real thing.
func (s *session) printscoutTray(path, socket string) *running {
	return s.start(exec.Command(path, "tray", "--control", socket, "--log-level", "debug"))
}

// The most that a tray may cost while nothing happens.
const (
	idleMemory = 30 << 20
	idleCPU    = 0.005 // of a core
)

// TestIdleTrayIsSmall measures the real program: memory resident with jobs
// waiting, and what it computes while nothing happens.
func TestIdleTrayIsSmall(t *testing.T) {
	path := program(t)
	s := newSession(t)
	p, n, a := newPanel(s), newServer(s, "actions"), newAgent(t, s.dir)
	r := s.printscoutTray(path, a.path)
	p.meet()
	for i := range 3 {
		a.has(printed(fmt.Sprint(i), fmt.Sprint("Report ", i)))
	}
	n.shows("3 documents wait")
	p.shows("Report 2", "Release at", "lobby")
	before, began := cpuTime(t, r.Process.Pid), time.Now()
	<-time.After(3 * time.Second)
	used := float64(cpuTime(t, r.Process.Pid)-before) / float64(time.Since(began))
	memory := resident(t, r.Process.Pid)
	t.Logf("resident %.1f MB, %.4f of a core", float64(memory)/(1<<20), used)
	if memory > idleMemory {
		t.Errorf("an idle tray has %d bytes resident, more than %d", memory, idleMemory)
	}
	if used > idleCPU {
		t.Errorf("an idle tray uses %.4f of a core", used)
	}
	second := s.printscoutTray(path, a.path)
	<-second.over
	if code := second.ProcessState.ExitCode(); code != 0 || !strings.Contains(second.said(), "printscout: "+ErrRunning.Error()) {
		t.Errorf("a second tray ends with %d and says %q", code, second.said())
	}
	p.click("Quit")
	<-r.over
	if code := r.ProcessState.ExitCode(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

// resident returns how much memory a process has.
func resident(t *testing.T, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); f[0] == "VmRSS:" {
			kb, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("the system does not say how much memory it has")
	return 0
}

// cpuTime returns how long a process has computed (proc(5), fields 14 and 15).
func cpuTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	f := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	var ticks int64
	for _, v := range f[11:13] {
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100
}

// account is one that every system has.
func account(t *testing.T, name string) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		peers.Missing(t, "account "+name)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// TestTwoPeople have a session and a tray each, at one agent of the computer's
// that tells each of their own.
func TestTwoPeople(t *testing.T) {
	peers.NeedRoot(t)
	path := program(t)
	type person struct {
		*session
		*panel
		*agent
	}
	var people []person
	for _, name := range []string{"daemon", "nobody"} { // a bus wants accounts that have names
		s := newSessionOf(t, account(t, name))
		a := newAgent(t, s.dir)
		if err := os.Chmod(a.path, 0o666); err != nil {
			t.Fatal(err)
		}
		p := newPanel(s)
		s.printscoutTray(path, a.path)
		people = append(people, person{s, p, a})
	}
	for i, one := range people {
		one.panel.meet()
		one.has(printed("1", fmt.Sprint("Of person ", i)))
	}
	for i, one := range people {
		one.shows(fmt.Sprint("Of person ", i))
		one.lacks(fmt.Sprint("Of person ", 1-i))
		one.click("Of person", "Cancel")
		one.wasAsked("cancel 1")
	}
}
