// These tests run the binaries in containers; the race detector sees nothing of them.
//go:build !race

package endtoend

import (
	"strings"
	"testing"
)

// TestInstallInTrouble: each trouble ends in the promised state, or says what to do.
func TestInstallInTrouble(t *testing.T) {
	m := newMachine(t)
	m.must("systemctl stop cups; systemctl start cups; cp /etc/cups/cupsd.conf /srv/cupsd.conf")
	for _, step := range []struct {
		name string
		run  func(*machine)
	}{
		{"port taken", (*machine).takenPort},
		{"queue of another", (*machine).queueOfAnother},
		{"folders of another", (*machine).foldersOfAnother},
		{"no cupsd", (*machine).withoutCupsd},
		{"no CUPS", (*machine).withoutCUPS},
		{"no policy", (*machine).withoutPolicy},
		{"limit of another", (*machine).limitOfAnother},
		{"broken half-installation", (*machine).halfInstalled},
		{"record lost", (*machine).recordLost},
		{"killed", (*machine).killedInTheMiddle},
		{"interrupted", (*machine).interruptedInTheMiddle},
		{"two at once", (*machine).twoAtOnce},
		{"bundle", (*machine).bundleOnDisk},
		{"read-only usr", (*machine).readOnlyUsr},
		{"from a package", (*machine).fromPackage},
	} {
		t.Run(step.name, func(t *testing.T) {
			m := m.on(t)
			before := m.snapshot()
			step.run(m)
			m.exits(0, program+" uninstall --purge")
			if d := differences(before, m.snapshot()); len(d) > 0 {
				m.Errorf("left or missing: %q", d)
			}
		})
	}
}

// unchanged requires that a script changes nothing.
func (m *machine) unchanged(script func()) {
	m.Helper()
	before := m.snapshot()
	script()
	if d := differences(before, m.snapshot()); len(d) > 0 {
		m.Errorf("it left %q", d)
	}
}

const squatter = asAlice + `/usr/bin/python3 -c "
import socket, time
s = socket.create_server(('127.0.0.1', 8631)); time.sleep(600)"`

// takenPort: the program is named, and nothing is left.
func (m *machine) takenPort() {
	m.must("systemd-run --quiet --unit=squatter " + squatter + "; for i in $(seq 300); do ss -ltn | grep -q :8631 && break; sleep 0.1; done")
	m.unchanged(func() {
		out := m.exits(1, program+" install")
		m.says(out, "port 8631 is used by another program", "of the user alice", "hint: stop that program", "account         undone")
	})
	m.exits(0, program+" install --set Port=8632")
	m.says(m.must("lpstat -v; ss -ltn"), "localhost:8632/ipp/print", "127.0.0.1:8632")
	m.must("systemctl stop squatter; " + program + " install --set Port=8631")
	m.says(m.must("lpstat -v; ls /etc/systemd/system/printscout.socket.d 2>&1; ss -ltn"), "localhost:8631/ipp/print", "127.0.0.1:8631")
}

func (m *machine) queueOfAnother() {
	m.must("lpadmin -p PrintScout -E -v ipp://elsewhere.example/ipp/print -m raw 2>&1")
	m.unchanged(func() {
		m.says(m.exits(1, program+" install"), "belongs to somebody else: it leads to ipp://elsewhere.example/ipp/print", "--set QueueName=NAME", "service         undone")
		m.exits(0, program+" uninstall")
	})
	m.must("lpadmin -x PrintScout")
}

// foldersOfAnother: no folder or link that somebody made is written through.
func (m *machine) foldersOfAnother() {
	for _, trap := range []struct{ make, says, undo string }{
		{"mkdir /var/lib/printscout && chown alice /var/lib/printscout", "/var/lib/printscout cannot be trusted: it belongs to the user", "rmdir /var/lib/printscout"},
		{"mkdir /home/alice/x && ln -s /home/alice/x /var/lib/printscout", "/var/lib/printscout cannot be trusted: it is a link", "rm /var/lib/printscout; rmdir /home/alice/x"},
		{"ln -s /home/alice /etc/printscout", "/etc/printscout cannot be trusted: it is a link", "rm /etc/printscout"},
		{"mkdir -m 777 /var/lib/printscout-install && chown alice /var/lib/printscout-install", "/var/lib/printscout-install cannot be trusted", "rmdir /var/lib/printscout-install"},
	} {
		m.must(trap.make)
		m.unchanged(func() { m.says(m.exits(1, program+" install"), trap.says, "hint: look into") })
		if left := m.must("ls -A /home/alice"); strings.Contains(left, ".json") {
			m.Errorf("%s: %s", trap.make, left)
		}
		m.must(trap.undo)
		m.exits(0, program+" uninstall --purge")
	}
}

func (m *machine) withoutCupsd() {
	m.must("systemctl stop cups.service cups.socket cups.path 2>&1")
	m.says(m.exits(3, program+" install"), "cupsd) does not answer", "systemctl start cups", "service         changed")
	m.must("systemctl start cups.socket cups.service")
	m.exits(0, program+" install")
	m.must("systemctl stop cups.service cups.socket cups.path 2>&1")
	m.says(m.exits(3, program+" uninstall"), "print queue printscout may still be there", "run 'printscout uninstall' again")
	m.must("systemctl start cups.socket cups.service")
	m.says(m.exits(0, program+" uninstall"), "removed the print queue printscout")
}

func (m *machine) withoutCUPS() {
	m.must("systemctl stop cups.service cups.socket cups.path 2>&1; mv /usr/sbin/lpadmin /srv/; mv /etc/cups /srv/etc-cups")
	m.says(m.exits(3, program+" install --trust-queue-names"), "CUPS is not installed", "install CUPS, then run 'printscout install' again", "service         changed")
	m.says(m.must("systemctl is-active printscout"), "active")
	m.exits(0, program+" uninstall --purge")
	m.must("mv /srv/lpadmin /usr/sbin/; mv /srv/etc-cups /etc/cups; systemctl start cups.socket cups.service")
}

func (m *machine) withoutPolicy() {
	m.must("sed -i '/<Policy authenticated>/,/<.Policy>/d' /etc/cups/cupsd.conf && systemctl restart cups")
	m.says(m.exits(3, program+" install"), "/etc/cups/cupsd.conf has no policy authenticated", "copy <Policy authenticated> from cupsd.conf.default")
	m.says(m.exits(1, "lpstat -v printscout 2>&1"), "Invalid destination name")
	m.must("cat /srv/cupsd.conf > /etc/cups/cupsd.conf; systemctl restart cups")
}

// limitOfAnother: what somebody wrote about the same operation stays.
func (m *machine) limitOfAnother() {
	m.must("sed -i 's|<Limit All>|<Limit CUPS-Create-Local-Printer>\\n  Require user alice\\n  </Limit>\\n  <Limit All>|' /etc/cups/cupsd.conf && systemctl restart cups")
	before := m.must("sha256sum /etc/cups/cupsd.conf")
	m.says(m.exits(3, program+" install --trust-queue-names"), "another limit of CUPS-Create-Local-Printer", "see docs/identity.md")
	if after := m.must("sha256sum /etc/cups/cupsd.conf"); after != before {
		m.Error("cupsd.conf was changed")
	}
	m.must("cat /srv/cupsd.conf > /etc/cups/cupsd.conf; systemctl restart cups; " + program + " install --trust-queue-names")
	m.must("sed -i 's/@SYSTEM\\(.*\\)$/@SYSTEM\\1/; s/^# Restrict access to the server/# alice was here\\n&/' /etc/cups/cupsd.conf")
	m.says(m.exits(0, program+" uninstall"), "removed the limit")
	m.says(m.must("diff /srv/cupsd.conf /etc/cups/cupsd.conf; true"), "> # alice was here")
	m.must("cat /srv/cupsd.conf > /etc/cups/cupsd.conf; systemctl restart cups")
}

// halfInstalled: whatever an earlier attempt left, install ends as it promises.
func (m *machine) halfInstalled() {
	m.must(`mkdir -p /var/lib/printscout-install /etc/printscout && chmod 700 /var/lib/printscout-install
echo '{"version": 1, "state": "inst' > /var/lib/printscout-install/record.json
echo '# Written by "printscout install"; broken' > /etc/systemd/system/printscout.service
echo 'not JSON' > /etc/printscout/installer.json
echo '# Written by "printscout install"' > /etc/xdg/autostart/.printscout-tray.desktop.printscout-new
lpadmin -p printscout -v ipp://localhost:8631/ipp/print -m raw 2>&1; cupsdisable printscout`)
	m.exits(0, program+" install --trust-queue-names --set MinFreeMB=0")
	m.says(m.must("systemctl is-active printscout; lpstat -p; cat /etc/printscout/installer.json"), "active", "printscout is idle", `"MinFreeMB": 0`)
	m.must("echo broken > /etc/printscout/config.json")
	m.says(m.exits(1, program+" install"), "/etc/printscout/config.json: it is not a JSON object")
}

// recordLost: without a record uninstall knows what is ours.
func (m *machine) recordLost() {
	m.exits(0, program+" install --trust-queue-names")
	m.must("rm -r /var/lib/printscout-install; echo '# on trial' > /etc/cups/.cupsd.conf.printscout-trial")
	m.exits(0, program+" uninstall --purge")
	m.must("test ! -e /etc/cups/.cupsd.conf.printscout-trial")
	m.must("getent passwd printscout && userdel printscout") // it may have been there before
}

// killedInTheMiddle kills install, later and later, until one comes to its end, and
// has install or uninstall do the rest.
func (m *machine) killedInTheMiddle() {
	before := m.snapshot()
	kill := "timeout --signal KILL %s " + program + " install --trust-queue-names >/dev/null 2>&1"
	for i, delay := range []string{"0.02", "0.04", "0.06", "0.1", "0.15", "0.2", "0.3", "0.4", "0.5", "0.6", "0.8", "1", "1.3", "1.6", "2"} {
		if _, err := m.Machine.Run(strings.Replace(kill, "%s", delay, 1)); err == nil {
			m.Logf("the install of %s s came to its end", delay)
		}
		if i%2 == 0 {
			m.exits(0, program+" install --trust-queue-names")
			m.says(m.must("systemctl is-active printscout; lpstat -p; cat /etc/printscout/installer.json"), "active", "printscout is idle", `"QueueChecksUsers": true`)
		}
		m.exits(0, program+" uninstall --purge")
		if d := differences(before, m.snapshot()); len(d) > 0 {
			m.Fatalf("killed after %s s: left or missing %q", delay, d)
		}
	}
}

// interruptedInTheMiddle: an install that is told to stop undoes what it did.
func (m *machine) interruptedInTheMiddle() {
	before := m.snapshot()
	for _, delay := range []string{"0.05", "0.2", "0.5", "0.8", "1.2"} {
		out, err := m.Machine.Run("timeout --preserve-status --signal INT " + delay + " " + program + " install --trust-queue-names")
		switch {
		case err == nil:
			m.exits(0, program+" uninstall --purge")
		case err.Error() != "exit status 130":
			m.Errorf("after %s s: %v\n%s", delay, err, out)
		}
		if d := differences(before, m.snapshot()); len(d) > 0 {
			m.Fatalf("interrupted after %s s: left or missing %q\n%s", delay, d, out)
		}
	}
}

func (m *machine) twoAtOnce() {
	m.exits(0, program+" install")
	m.says(m.exits(1, "flock /var/lib/printscout-install/lock "+program+" uninstall"), "another install or uninstall is at work")
}

// bundleOnDisk: the bundle is read once and deleted, and only the agent can read its
// copy; no secret is in any process' arguments.
func (m *machine) bundleOnDisk() {
	m.must("/srv/bin/scoutcloud token --data /srv/server > /root/open.json; chmod 644 /root/open.json")
	m.unchanged(func() {
		m.says(m.exits(1, program+" install --bundle /root/open.json"), "others can read or write /root/open.json", "chmod 600")
	})
	m.must(`chmod 600 /root/open.json
grep -oE '"[A-Za-z0-9_-]{22,}"' /root/open.json | tr -d '"' | sort -u > /root/secrets; test -s /root/secrets
(while test -e /root/secrets; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' '; done > /root/arguments) & echo $! > /root/sampler`)
	out, err := m.Machine.Run(program + " install --bundle /root/open.json --timeout 20s")
	m.Logf("%v\n%s", err, out)
	m.must("mv /root/secrets /root/secrets.done; sleep 0.2; ! test -e /root/open.json")
	if found, err := m.Machine.Run("grep -oFf /root/secrets.done /root/arguments"); err == nil {
		m.Errorf("in the arguments of a process: %s", found)
	}
	if where, err := m.Machine.Run("grep -rlFf /root/secrets.done /etc /var/log /run/log /tmp /var/tmp 2>/dev/null"); err == nil {
		m.Errorf("a part of the bundle is in %s", where)
	}
	if mode, err := m.Machine.Run("stat -c '%U %a' /var/lib/printscout/bundle.json"); err == nil && mode != "printscout 600\n" {
		m.Errorf("the copy: %s", mode)
	}
	m.must("rm -f /root/secrets.done /root/arguments /root/sampler")
}

func (m *machine) readOnlyUsr() {
	m.must("mount --bind /usr /usr && mount -o remount,bind,ro /usr")
	m.exits(0, program+" install --trust-queue-names")
	m.says(m.must("systemctl is-active printscout; lpstat -p; ! touch /usr/x 2>&1"), "active", "printscout is idle", "Read-only")
	m.exits(0, program+" uninstall --purge")
	m.must("umount -l /usr")
}

// fromPackage: what a package brought is left alone, also by install without
// --from-package.
func (m *machine) fromPackage() {
	const packaged = "/usr/bin/printscout"
	m.must(`install -m 755 ` + program + ` ` + packaged + `
printf 'u printscout - "Print Scout agent" /nonexistent /usr/sbin/nologin\n' | systemd-sysusers -`)
	for _, unit := range []string{"printscout.service", "printscout.socket", "printscout-queue.service", "printscout-queue.path"} {
		if err := m.Copy("../../../installer/linux/"+unit, "/usr/lib/systemd/system/"+unit, 0o644); err != nil {
			m.Fatal(err)
		}
	}
	if err := m.Copy("../../../installer/linux/printscout.tmpfiles.conf", "/srv/tmpfiles.conf", 0o644); err != nil {
		m.Fatal(err)
	}
	m.must("systemd-tmpfiles --create /srv/tmpfiles.conf; systemctl daemon-reload; systemctl enable --now printscout.socket printscout.service 2>&1")
	out := m.exits(0, packaged+" install --from-package --set DefaultPrinter=true")
	m.says(out, "made the print queue printscout", "the default printer")
	m.exits(0, packaged+" install --no-probe")
	m.says(m.must("ls /etc/systemd/system /etc/xdg/autostart; lpstat -d"), "printscout")
	if left := m.must("ls /etc/systemd/system/printscout* /etc/xdg/autostart/printscout* 2>/dev/null; true"); left != "" {
		m.Errorf("install wrote %s", left)
	}
	m.exits(0, packaged+" uninstall --from-package")
	m.says(m.must("systemctl is-active printscout.service; lpstat -v 2>&1; true"), "active", "No destinations added")
	m.must("systemctl disable --now printscout.service printscout.socket printscout-queue.path printscout-queue.service 2>&1; rm -rf " + packaged + " /usr/lib/systemd/system/printscout* /var/lib/printscout* /etc/printscout; systemctl daemon-reload; userdel printscout")
}
