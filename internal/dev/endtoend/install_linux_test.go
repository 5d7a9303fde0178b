// These tests run the binaries in containers; the race detector sees nothing of them.
//go:build !race

package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/container"
)

// machine is a computer with systemd and CUPS on which nothing of Print Scout is
// installed; the program lies in /opt.
type machine struct {
	*testing.T
	*container.Machine
}

const program = "/opt/printscout/bin/printscout"

// newMachine boots a machine with a person, alice, and a site's server.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t, container.Boot(t)}
	for from, to := range map[string]string{printscout: program, scoutcloud: "/srv/bin/scoutcloud"} {
		if err := m.Copy(from, to, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	m.must(`set -e
rm -rf /etc/printscout /var/lib/printscout* /{usr/lib,etc}/systemd/system/printscout* /etc/xdg/autostart/printscout* /etc/cups/printers.conf* /etc/cups/ppd/*
if getent passwd printscout >/dev/null; then userdel printscout; fi
useradd --create-home alice
cp /usr/share/cups/cupsd.conf.default /etc/cups/cupsd.conf
mkdir /srv/public && ` + program + ` site new --site /srv/admin --name Example --json >/srv/site.json
cp /srv/admin/public.json /srv/admin/directory.json /srv/public
systemctl start cups
systemd-run --quiet --unit=server /srv/bin/scoutcloud serve --data /srv/server --site /srv/public --listen 127.0.0.1:8443 --url https://localhost:8443
`)
	return m
}

// on is the machine for a subtest.
func (m *machine) on(t *testing.T) *machine { return &machine{t, m.Machine} }

// must runs a script that has to succeed.
func (m *machine) must(script string) string {
	m.Helper()
	out, err := m.Machine.Run(script)
	if err != nil {
		m.Fatalf("%s\n%v\n%s", script, err, out)
	}
	return out
}

// exits runs a script that has to end with a status, and returns what it printed.
func (m *machine) exits(code int, script string) string {
	m.Helper()
	out, err := m.Machine.Run(script)
	got := "<nil>"
	if err != nil {
		got = err.Error()
	}
	if want := map[bool]string{true: "<nil>", false: fmt.Sprintf("exit status %d", code)}[code == 0]; got != want {
		m.Errorf("%s\n%s, want %s\n%s", script, got, want, out)
	}
	return out
}

// says fails unless a text has all of the words.
func (m *machine) says(text string, words ...string) {
	m.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			m.Errorf("it does not say %q:\n%s", w, text)
		}
	}
}

// snapshot lists every file of the folders that install touches, with owner, mode,
// link and content. What other programs write while they work is left out.
func (m *machine) snapshot() string {
	m.Helper()
	return m.must(`find /etc /opt /usr/local /usr/lib/systemd /var/lib /var/spool /run/printscout* /srv/public -xdev \
	\( -path /var/lib/systemd -o -path /var/spool/cups -o -name 'subscriptions.conf*' -o -name 'printers.conf*' -o -name 'classes.conf*' -o -path '/etc/*-' -o -name .pwd.lock \
	   -o -path /var/lib/dpkg -o -path /var/lib/apt \) -prune -o -printf '%p %y %m %u %g %l\n' 2>/dev/null | sort
find /etc -xdev -type f ! -path '/etc/*-' ! -name 'subscriptions.conf*' ! -name 'printers.conf*' ! -name 'classes.conf*' ! -name .pwd.lock -print0 | sort -z | xargs -0 sha256sum
lpstat -v 2>&1; lpstat -d; systemctl list-unit-files 'printscout*' --no-legend; ls /var/spool/cups`)
}

// differences returns the lines that only one of two texts has.
func differences(before, after string) (lines []string) {
	count := map[string]int{}
	for line := range strings.Lines(before) {
		count[line]--
	}
	for line := range strings.Lines(after) {
		count[line]++
	}
	for line, n := range count {
		if n != 0 {
			lines = append(lines, fmt.Sprintf("%+d %s", n, line))
		}
	}
	return lines
}

// enroll joins the site of the machine, as an administrator does.
func (m *machine) enroll() {
	m.Helper()
	m.must("umask 077; /srv/bin/scoutcloud token --data /srv/server >/root/enroll.json && " + program + " enroll /root/enroll.json && ! test -e /root/enroll.json")
}

// TestInstall installs, prints, uninstalls and purges on a machine with systemd and
// CUPS.
func TestInstall(t *testing.T) {
	m := newMachine(t)
	before := m.snapshot()
	for _, step := range []struct {
		name string
		run  func(*machine)
	}{
		{"dry run", (*machine).planInstall},
		{"without rights", (*machine).installWithoutRights},
		{"twice", (*machine).installTwice},
		{"prints as oneself", (*machine).printAsAlice},
		{"settings", (*machine).changeSettings},
		{"queue mended", (*machine).mendQueue},
		{"uninstall twice", (*machine).uninstallTwice},
		{"keeps jobs", (*machine).installAgain},
		{"purge", func(m *machine) { m.purge(before) }},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.run(m.on(t)) }) {
			t.Fatal(m.must("journalctl --no-pager --lines 40; tail -n 40 /var/log/cups/error_log; cat /var/lib/printscout-install/record.json; true"))
		}
	}
}

// planInstall: what a dry run says is done by nothing.
func (m *machine) planInstall() {
	before := m.snapshot()
	m.says(m.exits(0, program+" install --dry-run --trust-queue-names"), "account         would-change", "service         would-change", "queue           would-change", "queue-names     would-change")
	m.exits(0, program+" uninstall --dry-run --purge --json")
	if d := differences(before, m.snapshot()); len(d) > 0 {
		m.Errorf("a dry run changed %q", d)
	}
}

const asAlice = "setpriv --reuid alice --regid alice --clear-groups "

func (m *machine) installWithoutRights() {
	before := m.snapshot()
	m.says(m.exits(12, asAlice+program+" install --set PrinterName='a b' --no-probe"), "only an administrator", "hint: run it as root: sudo "+program+" install --set 'PrinterName=a b' --no-probe")
	m.says(m.exits(12, asAlice+program+" uninstall --purge --json"), `"code":12`)
	if d := differences(before, m.snapshot()); len(d) > 0 {
		m.Errorf("it changed %q", d)
	}
}

func (m *machine) installTwice() {
	m.must("lpadmin -p former -E -v ipp://localhost:9/ipp/print -m raw 2>/dev/null; lpadmin -d former")
	first := m.exits(0, program+" install --trust-queue-names --set DefaultPrinter=true --set MinFreeMB=0")
	m.says(first, "made the account printscout", "started it", "made the print queue printscout", "the default printer in place of former", "limited who makes print queues", "no probe page was printed, since the agent takes no jobs")
	m.enroll()
	second := m.exits(0, "SUDO_USER=alice SUDO_UID=$(id -u alice) "+program+" install --trust-queue-names")
	m.says(second, "a page that alice printed was captured as alice's, and discarded")
	if strings.Count(second, " changed ") != 1 {
		m.Errorf("the second install changed something:\n%s", second)
	}
	m.says(m.must("systemctl is-enabled printscout.service printscout.socket; systemctl is-active printscout.service printscout.socket; lpstat -d; stat -c '%U %a %n' /var/lib/printscout /etc/printscout /etc/printscout/installer.json /var/lib/printscout-install"),
		"enabled\nenabled\nactive\nactive\n", "printscout\n", "printscout 700 /var/lib/printscout\nroot 755 /etc/printscout\nroot 644 /etc/printscout/installer.json\nroot 700 /var/lib/printscout-install\n")
	m.says(m.must("lpstat -W completed -o; lpstat -o; true")+"-", "-") // no job is left in the queue
	if left := m.must(program + " job list --json; lpstat -W all -o"); strings.TrimSpace(left) != "[]" {
		m.Errorf("the probe page left %s", left)
	}
}

// printAsAlice: nobody prints in another's name, by our queue or one of their own.
func (m *machine) printAsAlice() {
	m.must("echo hello | " + asAlice + "lp -d printscout -t letter")
	m.must("for i in $(seq 600); do " + program + " job list --json | grep -q letter && break; sleep 0.1; done")
	m.says(m.must(program+" job list --json"), `"user": "alice"`, `"user_source": "spooler"`, `"title": "letter"`)
	m.says(m.exits(1, "echo forged | "+asAlice+"lp -U root -d printscout -t forged 2>&1"), "Unauthorized")
	m.says(m.must("cat /etc/printscout/installer.json"), `"QueueChecksUsers": true`)
}

// changeSettings gives the agent another port and the queue another name.
func (m *machine) changeSettings() {
	m.says(m.exits(2, program+" install --set Nonsense=1"), `"Nonsense" is not a setting`)
	m.says(m.exits(2, program+" install --set QueueName='a b'"), "1 to 127 letters")
	m.says(m.exits(0, program+" install --set QueueName=secure"), "made the print queue secure", "captured as root's")
	if queues := m.must("lpstat -v"); strings.Contains(queues, "device for printscout:") || !strings.Contains(queues, "device for secure:") {
		m.Errorf("the queues: %s", queues)
	}
	m.must(program + " install --set QueueName=printscout")
}

// mendQueue: what others did to the queue is undone by the next install.
func (m *machine) mendQueue() {
	m.must("cupsdisable printscout; lpadmin -p printscout -o printer-op-policy=default -o printer-error-policy=stop-printer")
	m.says(m.exits(0, program+" install --trust-queue-names"), "made the print queue printscout anew")
	m.says(m.must("lpstat -p printscout"), "printscout is idle")
	m.must("lpadmin -p own -E -v ipp://127.0.0.1:8631/ipp/print -m everywhere")
	m.says(m.exits(3, program+" install --trust-queue-names"), "own leads to Print Scout", "to do:", "lpadmin -p own -o printer-op-policy=authenticated")
	m.must("lpadmin -x own")
}

func (m *machine) uninstallTwice() {
	m.says(m.exits(0, program+" uninstall"), "removed the print queue printscout", "made former the default printer again", "removed the limit from /etc/cups/cupsd.conf", "folders         kept", "account         kept")
	if out := m.exits(0, program+" uninstall"); strings.Contains(out, "undone") {
		m.Errorf("the second uninstall undid something:\n%s", out)
	}
	m.says(m.must("lpstat -d; ls /var/lib/printscout/vault; cmp /usr/share/cups/cupsd.conf.default /etc/cups/cupsd.conf; systemctl is-active printscout.socket; true"), "former", ".job", "inactive")
}

// installAgain: jobs, keys and the site are as they were.
func (m *machine) installAgain() {
	m.says(m.exits(0, program+" install --set DefaultPrinter=true"), "captured as root's")
	m.says(m.must(program+" job list --json"), `"title": "letter"`)
	m.says(m.must(program+" status"), "Example")
}

func (m *machine) purge(before string) {
	m.says(m.exits(0, program+" uninstall --purge"), "1 parked jobs were discarded", "removed the account printscout")
	m.exits(0, program+" uninstall --purge")
	m.must("lpadmin -x former")
	if d := differences(before, m.snapshot()); len(d) > 0 {
		m.Errorf("left or missing: %q", d)
	}
}
