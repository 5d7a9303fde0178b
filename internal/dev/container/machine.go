//go:build linux

package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// Machine is a booted container. Its units are those of this computer, of which
// only basic.target and what that wants were started. Its only network interface
// is lo, unless Connect gives it another. /tmp and /run are empty.
type Machine struct {
	nspawn  *exec.Cmd
	nsenter string
	leader  string       // the process id of its process 1, as this computer counts
	console bytes.Buffer // read once ended is closed
	ended   chan struct{}
}

const (
	bootTime = 2 * time.Minute
	runTime  = 5 * time.Minute
)

// bootScript runs in a mount namespace of its own, whose mounts end with its
// last process: however the test ends, none of them is left.
const bootScript = `set -e
mount --make-rprivate /
mount -t tmpfs -o size=3g,mode=0755 tmpfs "$1"
mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
echo mounted
cd "$1/root"
ln -sfn /lib/systemd/system/basic.target etc/systemd/system/default.target
rm -f usr/sbin/policy-rc.d
echo container > etc/hostname
for group in "${@:3}"; do echo $$ > "$group/cgroup.procs"; done
exec systemd-nspawn -q -D "$1/root" --machine="$2" --register=no --keep-unit --private-network \
	--kill-signal=SIGRTMIN+3 --console=pipe --boot
`

// Boot boots a container, which ends with the test. The test is skipped where
// that is not possible, and in a short run.
func Boot(tb testing.TB) *Machine {
	tb.Helper()
	peers.Need(tb, "systemd-nspawn")
	peers.NeedRoot(tb)
	dir, err := os.MkdirTemp("", "container")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.Remove(dir) })
	m := &Machine{nsenter: peers.Need(tb, "nsenter"), ended: make(chan struct{})}
	name := "ps-" + filepath.Base(dir)
	m.nspawn = exec.Command("/bin/bash", append([]string{"-c", bootScript, "boot", dir, name}, ownCgroups(tb, name)...)...)
	m.nspawn.Stdout, m.nspawn.Stderr = &m.console, &m.console
	m.nspawn.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := m.nspawn.Start(); err != nil {
		peers.Missing(tb, "mount namespaces")
	}
	go func() {
		defer close(m.ended)
		m.nspawn.Wait()
	}()
	tb.Cleanup(m.end)
	peers.Await(tb, "the container boots", func() bool { return m.hasBooted(tb) })
	return m
}

// hasBooted skips the test where the container could not even be mounted.
func (m *Machine) hasBooted(tb testing.TB) bool {
	tb.Helper()
	select {
	case <-m.ended:
		if said := m.console.String(); !strings.Contains(said, "mounted") {
			tb.Log(said)
			peers.Missing(tb, "overlay mounts")
		}
		tb.Fatalf("the container did not boot:\n%s", m.console.String())
	default:
	}
	m.leader = childOf(m.nspawn.Process.Pid, "systemd")
	if m.leader == "" {
		return false
	}
	out, _ := m.Run("systemctl is-system-running")
	state := strings.TrimSpace(out)
	return state == "running" || state == "degraded"
}

// childOf returns the id of a child with that name, "" without one.
func childOf(pid int, name string) string {
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	for _, child := range strings.Fields(string(children)) {
		comm, _ := os.ReadFile(filepath.Join("/proc", child, "comm"))
		if strings.TrimSpace(string(comm)) == name {
			return child
		}
	}
	return ""
}

// Run runs a script of bash as root in the container, and returns what it
// printed, on both outputs. The error is about an exit status other than 0.
func (m *Machine) Run(script string) (out string, err error) {
	return m.command(strings.NewReader(script), "/bin/bash", "-s")
}

// Copy copies a file of this computer to a path in the container, with a mode
// such as 0755. Folders that are not there are made.
func (m *Machine) Copy(from, to string, mode os.FileMode) error {
	f, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copying into the container: %w", err)
	}
	defer f.Close()
	if out, err := m.command(f, "/usr/bin/install", "-D", "-m", strconv.FormatUint(uint64(mode.Perm()), 8), "/dev/stdin", to); err != nil {
		return fmt.Errorf("copying %s into the container: %w: %s", from, err, out)
	}
	return nil
}

func (m *Machine) command(stdin io.Reader, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), runTime)
	defer cancel()
	c := exec.CommandContext(ctx, m.nsenter, append([]string{"-t", m.leader, "-a", name}, args...)...)
	c.Stdin = stdin
	c.Dir = "/"
	c.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root"}
	c.WaitDelay = time.Second // for what the script leaves running
	out, err := c.CombinedOutput()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	return string(out), err
}

// end switches the container off, and kills it if that does not help.
func (m *Machine) end() {
	if m.leader != "" {
		m.Run("systemctl --force --force poweroff")
	}
	late := time.NewTimer(10 * time.Second)
	defer late.Stop()
	select {
	case <-m.ended:
	case <-late.C:
		m.nspawn.Process.Kill()
		<-m.ended
	}
}
