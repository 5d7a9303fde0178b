//go:build !race

package endtoend

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/printscout/printscout/internal/dev/container"
	"github.com/printscout/printscout/internal/dev/peers"
)

// The packages that are tested, and those of the version before: the same source
// by another name.
const (
	currentVersion = "0.1.1"
	formerVersion  = "0.1.0"
)

// packagesOnce makes both versions in a folder that ends with the tests.
var packagesOnce = sync.OnceValues(func() (dir string, err error) {
	tools, err := filepath.Abs("../../../bin/tools")
	if err != nil {
		return "", err
	}
	dir = filepath.Join(filepath.Dir(printscout), "packages")
	if err := runHere(exec.Command("make", "--no-print-directory", "-C", "../../..", filepath.Join(tools, "nfpm"), filepath.Join(tools, "cyclonedx-gomod"))); err != nil {
		return "", err
	}
	maker := filepath.Join(filepath.Dir(printscout), "packages-maker")
	if err := runHere(exec.Command("go", "build", "-o", maker, "../packages")); err != nil {
		return "", err
	}
	for number, formats := range map[string]string{formerVersion: "deb,rpm", currentVersion: "deb,rpm,apk,tar.gz"} {
		if err := runHere(exec.Command(maker, "--source", "../../..", "--out", filepath.Join(dir, number), "--tools", tools,
			"--describe", "v"+number, "--commit", "0abcdef", "--epoch", "1795837807", "--arches", "amd64", "--formats", formats)); err != nil {
			return "", err
		}
	}
	return dir, nil
})

// runHere runs a command that knows nothing of a make that runs the tests.
func runHere(c *exec.Cmd) error {
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !slices.Contains([]string{"MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL"}, name) {
			c.Env = append(c.Env, v)
		}
	}
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", c, err, out)
	}
	return nil
}

// packagesDir returns the folder with one folder of packages for each version.
func packagesDir(t testing.TB) string {
	t.Helper()
	peers.Short(t, "making packages")
	peers.Need(t, "make")
	dir, err := packagesOnce()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// packageOf returns the path of a package: "printscout", "0.1.0", "deb".
func packageOf(t testing.TB, product, number, format string) string {
	t.Helper()
	name := map[string]string{
		"deb": product + "_" + number + "_amd64.deb", "rpm": product + "-" + number + "-1.x86_64.rpm",
		"apk": product + "-" + number + "-r0.x86_64.apk", "tar.gz": product + "-" + number + "-linux-amd64.tar.gz",
	}[format]
	return filepath.Join(packagesDir(t), number, name)
}

// newBareComputer boots a computer with CUPS, alice and bob, on which nothing of
// Print Scout is.
func newBareComputer(t testing.TB) *computer {
	t.Helper()
	c := &computer{t, container.Boot(t)}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c.copyIn(self, roleProgram, 0o755)
	c.run(`rm -rf /etc/{printscout,scoutcloud} /var/lib/{printscout,scoutcloud}* /usr{,/local}/bin/{printscout,scoutcloud} /{usr/lib,etc}/systemd/system/{printscout,scoutcloud}* \
	/etc/xdg/autostart/printscout* /usr/lib/{sysusers,tmpfiles}.d/{printscout,scoutcloud}* /etc/cups/printers.conf* /etc/cups/ppd/*
for name in printscout scoutcloud; do if getent passwd $name; then userdel $name; fi; done
cp /usr/share/cups/cupsd.conf.default /etc/cups/cupsd.conf
useradd --create-home alice
useradd --create-home bob
mkdir -p /etc/xdg/autostart
systemctl daemon-reload
systemctl start cups`)
	return c
}

// allFiles lists what is on the computer, with owner, mode and link, and what is
// in the files of /etc. Left out is what package managers, name services, CUPS and
// systemd write while they work, and what the test itself put there.
func (c *computer) allFiles() string {
	c.t.Helper()
	return c.run(`find /etc /usr /opt /home /var /run -xdev \
	\( -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache -o -path /var/log -o -path /var/tmp \
	   -o -path /var/lib/systemd/timers -o -path /var/lib/systemd/random-seed -o -path /var/lib/systemd/credential.secret -o -path /var/lib/private -o -path /var/spool/cups \
	   -o -path /run/systemd -o -path /run/udev -o -path /run/log -o -path /run/cups -o -path /run/user -o -path /usr/local/bin -o -name mimeinfo.cache \
	   -o -path /etc/ld.so.cache -o -name 'subscriptions.conf*' -o -name 'printers.conf*' -o -name 'classes.conf*' -o -path '/etc/*-' -o -name .pwd.lock \) -prune \
	-o -printf '%p %y %m %u %g %l\n' 2>/dev/null | sort
find /etc -xdev -type f ! -path '/etc/*-' ! -path /etc/ld.so.cache ! -name 'subscriptions.conf*' ! -name 'printers.conf*' ! -name 'classes.conf*' ! -name .pwd.lock -print0 | sort -z | xargs -0 sha256sum
lpstat -v 2>&1 || true
lpstat -d
systemctl list-unit-files 'printscout*' 'scoutcloud*' --no-legend || true
systemctl list-units --state=active,activating,failed 'printscout*' 'scoutcloud*' --no-legend --plain || true`)
}

// wantNothingLeft compares the computer with what it was.
func (c *computer) wantNothingLeft(before string) {
	c.t.Helper()
	if d := differences(before, c.allFiles()); len(d) > 0 {
		slices.Sort(d)
		c.t.Errorf("left or missing:\n%s", strings.Join(d, ""))
	}
}

// wantOutput requires that a script succeeds and prints this.
func (c *computer) wantOutput(script, want string) {
	c.t.Helper()
	if got := c.run(script); got != want {
		c.t.Errorf("%s\nprinted %q, want %q", script, got, want)
	}
}

// wantRunning requires that the agent of a version runs by its units.
func (c *computer) wantRunning(number string) {
	c.t.Helper()
	c.wantOutput("systemctl is-enabled printscout.service printscout.socket; systemctl is-active printscout.service printscout.socket printscout-queue.path", "enabled\nenabled\nactive\nactive\nactive\n")
	c.wantOutput("printscout version --json | grep -o '\"version\": \"[^\"]*\"'", `"version": "`+number+"\"\n")
	c.wantOutput("ss -Hltn 'sport = 8631' | awk '{print $4}' | sort", "127.0.0.1:8631\n[::1]:8631\n")
	c.wantOutput("cmp /proc/$(systemctl show --value -p MainPID printscout)/exe /usr/bin/printscout", "")
	wantSelf(c.t, c)
}

// wantRemoved requires that queue and service are gone, and that the state is kept.
func (c *computer) wantRemoved() {
	c.t.Helper()
	c.wantOutput(`! lpstat -v printscout 2>/dev/null
! systemctl is-active printscout.service printscout.socket printscout-queue.path
test -z "$(ss -Hltn 'sport = 8631')"
! pgrep -x printscout
! test -e /usr/bin/printscout
stat -c '%U %a' /var/lib/printscout`, "inactive\ninactive\ninactive\nprintscout 700\n")
}
