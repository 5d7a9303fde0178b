package endtoend

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/installer"
	"github.com/printscout/printscout/internal/dev/container"
	"github.com/printscout/printscout/internal/dev/peers"
)

// computer is a container with both programs, their units and two people, alice
// and bob.
type computer struct {
	t testing.TB
	*container.Machine
}

// unitFiles are where the files of installer/linux belong.
var unitFiles = map[string]string{
	"printscout.service":       "/usr/lib/systemd/system/printscout.service",
	"printscout.socket":        "/usr/lib/systemd/system/printscout.socket",
	"printscout-queue.service": "/usr/lib/systemd/system/printscout-queue.service",
	"printscout-queue.path":    "/usr/lib/systemd/system/printscout-queue.path",
	"scoutcloud.service":       "/usr/lib/systemd/system/scoutcloud.service",
	"scoutcloud.env":           "/etc/scoutcloud/scoutcloud.env",
	"printscout.sysusers.conf": "/usr/lib/sysusers.d/printscout.conf",
	"scoutcloud.sysusers.conf": "/usr/lib/sysusers.d/scoutcloud.conf",
	"printscout.tmpfiles.conf": "/usr/lib/tmpfiles.d/printscout.conf",
	"scoutcloud.tmpfiles.conf": "/usr/lib/tmpfiles.d/scoutcloud.conf",
}

func newComputer(t testing.TB) *computer {
	t.Helper()
	c := &computer{t, container.Boot(t)}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c.copyIn(printscout, "/usr/bin/printscout", 0o755)
	c.copyIn(scoutcloud, "/usr/bin/scoutcloud", 0o755)
	c.copyIn(self, roleProgram, 0o755)
	for name, to := range unitFiles {
		b, err := installer.Files.ReadFile("linux/" + name)
		if err != nil {
			t.Fatal(err)
		}
		c.write(to, b)
	}
	c.run(`systemd-sysusers
systemd-tmpfiles --create printscout.conf scoutcloud.conf
useradd --create-home alice
useradd --create-home bob
systemctl daemon-reload`)
	return c
}

func (c *computer) copyIn(from, to string, mode os.FileMode) {
	c.t.Helper()
	if err := c.Copy(from, to, mode); err != nil {
		c.t.Fatal(err)
	}
}

// write makes a file that everybody may read.
func (c *computer) write(to string, b []byte) {
	c.t.Helper()
	c.copyIn(write(c.t, filepath.Base(to), b), to, 0o644)
}

// run runs a script as root, which must succeed.
func (c *computer) run(script string) string {
	c.t.Helper()
	out, err := c.Run("set -e\n" + script)
	if err != nil {
		c.t.Fatalf("%s\n%v:\n%s", script, err, out)
	}
	return out
}

// fails runs a script that must not succeed.
func (c *computer) fails(script string) string {
	c.t.Helper()
	out, err := c.Run("set -e\n" + script)
	if err == nil {
		c.t.Errorf("%s\nsucceeded:\n%s", script, out)
	}
	return out
}

// await runs a script until it succeeds.
func (c *computer) await(what, script string) {
	c.t.Helper()
	peers.Await(c.t, what, func() bool {
		_, err := c.Run("set -e\n" + script)
		return err == nil
	})
}

// asPerson returns the command line of a command that a person runs.
func asPerson(name, command string) string {
	return fmt.Sprintf("setpriv --reuid=%s --regid=%[1]s --clear-groups --reset-env /bin/bash -c %s", name, quoted(command))
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// journal returns what a unit has logged, for people to read and to search.
func (c *computer) journal(unit string) string {
	c.t.Helper()
	return c.run("journalctl --no-pager --sync >/dev/null 2>&1 || true; journalctl --no-pager -o cat -u " + unit)
}

// property returns a property of a unit.
func (c *computer) property(unit, name string) string {
	c.t.Helper()
	return strings.TrimSpace(c.run("systemctl show --value -p " + name + " " + unit))
}

// Roles of the test binary within a container.
const (
	roleProgram = "/usr/local/bin/endtoend-role"

	printerVariable = "ENDTOEND_PRINTER" // a printer; its folder
	thiefVariable   = "ENDTOEND_THIEF"   // one who wants a port; addresses
)

func init() {
	roles[printerVariable] = servePrinter
	roles[thiefVariable] = wantPort
}

// startRole runs the test binary as a unit of the computer.
func (c *computer) startRole(user, unit, variable, task string) {
	c.t.Helper()
	c.run(fmt.Sprintf("systemd-run --quiet --unit=%s --uid=%s --setenv=%s=%s %s", unit, user, variable, quoted(task), roleProgram))
}

// servePrinter is a printer made of software. Its address is in the file uri of
// the folder.
func servePrinter(dir string) int {
	p, err := simprinter.Start(simprinter.Config{Dir: filepath.Join(dir, "out")})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "uri"), []byte(p.URI()), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	select {}
}

// wantPort tries to bind addresses, as a program would that wants to take over the
// printer, until it has one. Then it holds it.
func wantPort(addresses string) int {
	greedy := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
	}}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for tries := 0; ; tries++ {
		for _, address := range strings.Split(addresses, ",") {
			if _, err := greedy.Listen(context.Background(), "tcp", address); err == nil {
				fmt.Println("got", address)
				select {}
			}
		}
		if tries == 100 {
			fmt.Println("still trying")
		}
		<-tick.C
	}
}
