//go:build !race

package endtoend

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/container"
	"github.com/printscout/printscout/internal/dev/peers"
)

// hour is the machines of docs/deploy/first-hour.md.
type hour struct {
	testing.TB
	machines map[string]*container.Machine // by the page's name of them
	values   bindings
}

var hourSamples = []sample{
	{"psf1:zl42fnbo4pu7expwqkpgnemwkrmz2qgcmzw5ilo43outpwex2fqq", `psf1:\w+`},
	{"expose wonder battle again used buyer february tell tape cause hidden dress", `[a-z]+(?: [a-z]+){11}`},
	{"01a21f33-b900-7a3d-b088-4ca79bf52304", `[0-9a-f-]{36}`},
	{"01a21f33-c1dc-78a0-b46e-e6df0d5bc339", `[0-9a-f-]{36}`},
}

var hourMachines = []string{"the server", "your computer", "pc-17", "pc-18"}

// hostsOf are what the page calls machines in addresses.
var hostsOf = map[string]string{"the server": "print.example lobby.example", "your computer": "admin.example", "pc-17": "pc-17", "pc-18": "pc-18"}

// TestFirstHour does what docs/deploy/first-hour.md says, as it says it, with the
// packages of this source.
func TestFirstHour(t *testing.T) {
	peers.Short(t, "making packages and booting containers")
	peers.Need(t, "apt")
	b, err := os.ReadFile("../../../docs/deploy/first-hour.md")
	if err != nil {
		t.Fatal(err)
	}
	steps := readSteps(t, string(b))
	h := newHour(t, makeDebs(t))
	began := time.Now()
	for i, s := range steps {
		if s.place == "pc-18" && steps[i-1].place != s.place {
			h.setUpAgain(steps[:i])
		}
		for _, place := range placesOf(s.place) {
			h.do(s, place)
		}
		t.Logf("%s: line %d, on %s", time.Since(began).Round(time.Millisecond), s.line, s.place)
	}
	h.checkAfterwards()
}

// setUpAgain repeats on a computer that works what was done to set it up.
func (h *hour) setUpAgain(done []step) {
	h.Helper()
	for _, s := range done {
		if s.place != "each computer" || !strings.Contains(s.commands, "apt install") && !strings.Contains(s.commands, "credstore") {
			continue
		}
		if out, err := h.commands(s, "pc-17"); err != nil {
			h.Fatalf("line %d a second time:\n%s\n%v\n%s", s.line, s.commands, err, out)
		}
	}
	h.must("pc-17", "systemctl restart printscout")
	peers.Await(h, "the computer is as it was", func() bool {
		out, err := h.machines["pc-17"].Run("printscout status")
		return err == nil && strings.Contains(out, "(connected since")
	})
}

// checkAfterwards looks at what the page promises and shows no command for.
func (h *hour) checkAfterwards() {
	h.Helper()
	for _, c := range []struct{ place, script string }{
		{"the server", `[ $(ls /srv/lobby/out | wc -l) = 2 ]`},
		{"the server", "[ ! -e /var/lib/scoutcloud ] && [ ! -e /etc/scoutcloud ] && ! getent passwd scoutcloud"},
		{"pc-17", "[ ! -e /var/lib/printscout/bundle.json ] && [ ! -e /root/floor-2.json ]"},
		{"pc-18", `for path in /etc/printscout /var/lib/printscout /var/lib/printscout-install /etc/credstore.encrypted/printscout-keystore /usr/bin/printscout; do
	[ ! -e $path ] || { echo $path is left; exit 1; }
done
! getent passwd printscout; ! lpstat -v printscout; cmp /usr/share/cups/cupsd.conf.default /etc/cups/cupsd.conf`},
	} {
		if out, err := h.machines[c.place].Run("set -e\n" + c.script); err != nil {
			h.Errorf("on %s: %s\n%v\n%s", c.place, c.script, err, out)
		}
	}
}

func placesOf(place string) []string {
	if place == "each computer" {
		return []string{"pc-17", "pc-18"}
	}
	return []string{place}
}

// makeDebs makes the packages for this processor, and returns their folder.
func makeDebs(t testing.TB) (dir string) {
	t.Helper()
	source, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "debs")
	tools := filepath.Join(source, "bin", "tools")
	build := []string{"-C", source, "--no-print-directory", filepath.Join(tools, "nfpm"), filepath.Join(tools, "cyclonedx-gomod")}
	if out, err := exec.Command(peers.Need(t, "make"), build...).CombinedOutput(); err != nil {
		t.Logf("%v: %s", err, out)
		peers.Missing(t, "nfpm or cyclonedx-gomod")
	}
	c := exec.Command("go", "run", "./internal/dev/packages", "--out", dir, "--tools", tools, "--describe", "v9.8.7",
		"--commit", "0abcdef", "--epoch", "1764300000", "--arches", runtime.GOARCH, "--formats", "deb")
	c.Dir = source
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("making packages: %v\n%s", err, out)
	}
	return dir
}

// newHour boots the machines, each with the packages that belong there.
func newHour(t testing.TB, debs string) *hour {
	t.Helper()
	h := &hour{t, map[string]*container.Machine{}, bindings{}}
	var all []*container.Machine
	for _, name := range hourMachines {
		h.machines[name] = container.Boot(t)
		all = append(all, h.machines[name])
	}
	hosts := "127.0.0.1 localhost\n"
	for i, address := range container.Connect(t, all...) {
		hosts += address + " " + hostsOf[hourMachines[i]] + "\n"
	}
	for _, name := range hourMachines {
		h.prepare(name, hosts, debs)
	}
	server := h.machines["the server"]
	self, err := os.Executable()
	if err == nil {
		err = server.Copy(self, roleProgram, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.must("the server", "install -d /srv/lobby && systemd-run --quiet --unit=lobby --setenv="+lobbyVariable+"=/srv/lobby "+roleProgram)
	return h
}

// sudo is for machines that have none: the test is root already.
const sudo = `#!/bin/bash
if [ "$1" = -u ]; then
	exec setpriv --reuid="$2" --regid="$2" --init-groups -- "${@:3}"
fi
exec "$@"
`

// prepare makes a machine what the reader of the page has: an ordinary computer.
func (h *hour) prepare(name, hosts, debs string) {
	h.Helper()
	m := h.machines[name]
	product := "printscout"
	if name == "the server" {
		product = "scoutcloud"
	}
	found, err := filepath.Glob(filepath.Join(debs, product+"_*.deb"))
	if err != nil || len(found) != 1 {
		h.Fatalf("the package of %s: %q, %v", product, found, err)
	}
	for from, to := range map[string]string{
		found[0]:                             "/root/" + filepath.Base(found[0]),
		write(h, "hosts", []byte(hosts)):     "/etc/hosts",
		write(h, "sudo", []byte(sudo)):       "/usr/local/bin/sudo",
		"../../../cmd/scoutcloud/sample.pdf": "/home/alice/report.pdf",
	} {
		if err := m.Copy(from, to, 0o755); err != nil {
			h.Fatal(err)
		}
	}
	h.must(name, `hostname `+strings.Fields(hostsOf[name])[0]+`
rm -rf /etc/printscout /var/lib/printscout* /etc/scoutcloud /var/lib/scoutcloud /etc/cups/printers.conf* /etc/cups/ppd/* /root/.config
useradd --home-dir /home/alice alice && chown -R alice: /home/alice
rm -f /var/lib/man-db/auto-update # else dpkg is busy with manual pages
echo 'APT::Install-Recommends "false";' >/etc/apt/apt.conf.d/99local`)
	if strings.HasPrefix(name, "pc-") {
		h.must(name, "cp /usr/share/cups/cupsd.conf.default /etc/cups/cupsd.conf && systemctl start cups")
	}
}

func (h *hour) must(name, script string) string {
	h.Helper()
	out, err := h.machines[name].Run("set -e\n" + script)
	if err != nil {
		h.Fatalf("on %s: %s\n%v\n%s", name, script, err, out)
	}
	return out
}

// do does a step in a place, and learns what differs from the page.
func (h *hour) do(s step, place string) {
	h.Helper()
	if s.repeat {
		var out string
		defer func() {
			if h.Failed() {
				h.Logf("line %d, on %s: at last it printed\n%s", s.line, place, out)
			}
		}()
		peers.Await(h, "the output of line "+fmt.Sprint(s.line), func() bool {
			var err error
			out, err = h.commands(s, place)
			return err == nil && h.values.learn(s.output, out, hourSamples) == ""
		})
		h.Logf("%s\n%s", s.commands, out)
		return
	}
	out, err := h.commands(s, place)
	if err != nil {
		h.Fatalf("line %d, on %s:\n%s\n%v\n%s", s.line, place, s.commands, err, out)
	}
	if missing := h.values.learn(s.output, out, hourSamples); missing != "" {
		h.Fatalf("line %d, on %s:\n%s\ndoes not print %q:\n%s", s.line, place, s.commands, missing, out)
	}
	h.Logf("%s\n%s", s.commands, out)
}

// commands runs commands in the home folder of a person. scp, which takes the
// place of any way to carry files, is done by the test.
func (h *hour) commands(s step, place string) (out string, err error) {
	h.Helper()
	var script strings.Builder
	for _, line := range strings.Split(s.commands, "\n") {
		if args, ok := strings.CutPrefix(line, "scp "); ok {
			h.carry(place, strings.Fields(args))
			continue
		}
		script.WriteString(line + "\n")
	}
	text := "set -eo pipefail; cd\n" + h.values.inPlace(script.String())
	if s.person == "" {
		// The one command that reads its input asks for the site password.
		return h.machines[place].Run("bash -c " + quoted(text) + " <<<" + quoted(h.values[hourSamples[1].page]) + " 2>&1")
	}
	return h.machines[place].Run(asPerson(s.person, text))
}

// carry copies files as scp does: the last argument is where to.
func (h *hour) carry(place string, args []string) {
	h.Helper()
	last := len(args) - 1
	to, dir := h.end(place, args[last])
	for _, arg := range args[:last] {
		from, file := h.end(place, arg)
		b := h.must(from, "cd; cat "+file)
		target := path.Join("/root", strings.TrimPrefix(dir, "."), path.Base(file))
		if err := h.machines[to].Copy(write(h, path.Base(file), []byte(b)), target, 0o600); err != nil {
			h.Fatal(err)
		}
	}
}

// end returns the machine and path of HOST:PATH, or of a path in a place.
func (h *hour) end(place, arg string) (machine, file string) {
	h.Helper()
	host, file, remote := strings.Cut(arg, ":")
	if !remote {
		return place, arg
	}
	for name, hosts := range hostsOf {
		if strings.Fields(hosts)[0] == host {
			return name, file
		}
	}
	h.Fatalf("there is no host %q", host)
	return "", ""
}
