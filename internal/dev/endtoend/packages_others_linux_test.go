//go:build !race

package endtoend

import (
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestOtherPackages installs rpm packages, the archive, and Debian's packages
// where systemd does not run, on one computer, one after the other.
func TestOtherPackages(t *testing.T) {
	t.Parallel()
	peers.Short(t, "a container")
	c := newBareComputer(t)
	// Fedora's package filesystem has these.
	c.run("mkdir -p /usr/share/{licenses,fish/vendor_completions.d,zsh/site-functions}")
	before := c.allFiles()
	for _, step := range []struct {
		name string
		run  func(*computer)
	}{
		{"rpm", (*computer).useRPM},
		{"archive", (*computer).useArchive},
		{"debian without systemd", (*computer).useDebianWithoutSystemd},
		{"alpine", (*computer).runScriptsOfAlpine},
	} {
		t.Run(step.name, func(t *testing.T) {
			c.t = t
			step.run(c)
			c.wantNothingLeft(before)
		})
		if t.Failed() {
			c.t = t
			t.Fatalf("the agent logged:\n%s", c.journal("printscout"))
		}
	}
}

// copyPackages puts packages of both versions in a folder of the computer. Their
// names are then those of the programs, as printscout-0.1.0.rpm.
func (c *computer) copyPackages(folder, format string) {
	c.t.Helper()
	for _, product := range []string{"printscout", "scoutcloud"} {
		for _, number := range []string{formerVersion, currentVersion} {
			c.copyIn(packageOf(c.t, product, number, format), folder+"/"+product+"-"+number+"."+format, 0o644)
		}
	}
}

// rpmCommand is rpm in a computer that it does not own: its database is empty.
const rpmCommand = "rpm --dbpath /srv/rpmdb --nodeps --nosignature --force-debian "

// useRPM has rpm itself run the scripts, with the numbers that it gives them.
func (c *computer) useRPM() {
	peers.Need(c.t, "rpm")
	c.copyPackages("/srv", "rpm")
	out := c.run(rpmCommand + "-i /srv/printscout-" + formerVersion + ".rpm /srv/scoutcloud-" + formerVersion + ".rpm 2>&1")
	if !strings.Contains(out, "edit /etc/scoutcloud/scoutcloud.env") || !strings.Contains(out, "made the print queue printscout") {
		c.t.Errorf("rpm -i says %s", out)
	}
	c.wantRunning(formerVersion)
	c.wantOutput("! systemctl is-active scoutcloud; ! systemctl is-enabled scoutcloud", "inactive\ndisabled\n")

	state := c.run("find /var/lib/printscout -type f | sort; echo '{}' > /etc/printscout/config.json")
	c.startRole("bob", "thief", thiefVariable, "127.0.0.1:8631,[::1]:8631")
	c.await("bob tries", "journalctl -o cat -u thief | grep -q trying")
	c.run(rpmCommand + "-U /srv/printscout-" + currentVersion + ".rpm /srv/scoutcloud-" + currentVersion + ".rpm 2>&1")
	c.wantRunning(currentVersion)
	if log := c.journal("thief"); strings.Contains(log, "got") {
		c.t.Errorf("bob had the port: %s", log)
	}
	c.run("systemctl stop thief")
	c.wantOutput("find /var/lib/printscout -type f | sort; cat /etc/printscout/config.json; lpstat -v", state+"{}\ndevice for printscout: ipp://localhost:8631/ipp/print\n")

	c.run(rpmCommand + "-e printscout scoutcloud 2>&1")
	c.wantRemoved()
	c.wantOutput("cat /etc/printscout/config.json; find /etc/systemd/system -name 'printscout*' -o -name 'scoutcloud*'", "{}\n")

	c.run(rpmCommand + "-i /srv/printscout-" + currentVersion + ".rpm 2>&1")
	c.wantRunning(currentVersion)
	c.run("printscout uninstall --purge && " + rpmCommand + "-e printscout 2>&1")
	c.run("for name in printscout scoutcloud; do if getent passwd $name; then userdel $name; fi; done; rm -rf /etc/scoutcloud")
}

// useArchive does what the archive's README says where /usr cannot be written.
func (c *computer) useArchive() {
	c.copyIn(packageOf(c.t, "printscout", currentVersion, "tar.gz"), "/srv/archive.tar.gz", 0o644)
	c.run("mkdir /opt/printscout && tar -C /opt/printscout --strip-components=1 -xf /srv/archive.tar.gz && mount --bind /usr /usr && mount -o remount,bind,ro /usr && ! touch /usr/x 2>/dev/null")
	out := c.run("cd /opt/printscout && ./printscout install --no-probe")
	if !strings.Contains(out, "made the print queue printscout") {
		c.t.Error(out)
	}
	c.wantOutput("systemctl is-active printscout.service printscout.socket; cmp /proc/$(systemctl show --value -p MainPID printscout)/exe /opt/printscout/printscout; lpstat -v", "active\nactive\ndevice for printscout: ipp://localhost:8631/ipp/print\n")
	c.run("cd /opt/printscout && for file in systemd/*.service systemd/*.socket systemd/*.path; do test -e /etc/systemd/system/${file#*/}; done; man -l man/printscout.1.gz >/dev/null")
	c.run("/opt/printscout/printscout uninstall --purge && rm -r /opt/printscout && umount -l /usr")
}

// inChroot runs a script in a copy of the computer's file system in which no
// service manager runs and none may be started.
func inChroot(script string) string {
	return "chroot /srv/root /bin/bash -e -c " + quoted(script)
}

// useDebianWithoutSystemd has dpkg run all scripts in a chroot, as whoever builds
// an image does.
func (c *computer) useDebianWithoutSystemd() {
	c.run(`mkdir -p /srv/layers /srv/root && mount -t tmpfs tmpfs /srv/layers && mkdir /srv/layers/{lower,up,work}
mount --bind / /srv/layers/lower && mount -t overlay overlay -o lowerdir=/srv/layers/lower,upperdir=/srv/layers/up,workdir=/srv/layers/work /srv/root
mount -t proc proc /srv/root/proc && rm -rf /srv/root/run/* && mkdir -p /srv/root/debs && cp -a /dev/null /srv/root/dev/null
printf '#!/bin/sh\nexit 101\n' > /srv/root/usr/sbin/policy-rc.d && chmod 755 /srv/root/usr/sbin/policy-rc.d`)
	c.copyPackages("/srv/root/debs", "deb")
	before := c.run("cd /srv/root && find etc var/lib -xdev ! -path 'var/lib/dpkg*' ! -path 'etc/*-' ! -path 'etc/cups/*.conf*' ! -name .pwd.lock -printf '%p %y %m %u %g %l\\n' | sort; sha256sum etc/passwd etc/group")
	out := c.run(inChroot("dpkg --install /debs/*-" + formerVersion + ".deb 2>&1"))
	if !strings.Contains(out, "once it does, run 'sudo printscout install'") || strings.Contains(out, "warning") || strings.Contains(out, "rror") {
		c.t.Errorf("dpkg --install says %s", out)
	}
	c.wantOutput(inChroot("getent passwd printscout scoutcloud | cut -d: -f1; ls /etc/systemd/system/*.wants | grep printscout; dpkg --verify printscout scoutcloud"),
		"printscout\nscoutcloud\nprintscout-queue.path\nprintscout-queue.service\nprintscout.service\nprintscout.socket\n")
	c.run(inChroot("dpkg --install /debs/*-" + currentVersion + ".deb 2>&1"))
	c.wantOutput(inChroot("printscout version --json | grep -c '"+currentVersion+"'"), "1\n")
	c.run(inChroot("mkdir -p /var/lib/printscout && echo kept > /var/lib/printscout/file && dpkg --remove printscout scoutcloud 2>&1"))
	c.wantOutput(inChroot("! test -e /usr/bin/printscout; cat /var/lib/printscout/file; ls /etc/scoutcloud"), "kept\nscoutcloud.env\n")
	c.run(inChroot("dpkg --install /debs/*-" + currentVersion + ".deb 2>&1; dpkg --purge printscout scoutcloud 2>&1"))
	after := c.run("cd /srv/root && find etc var/lib -xdev ! -path 'var/lib/dpkg*' ! -path 'etc/*-' ! -path 'etc/cups/*.conf*' ! -name .pwd.lock -printf '%p %y %m %u %g %l\\n' | sort; sha256sum etc/passwd etc/group")
	if d := differences(before, after); len(d) > 0 {
		c.t.Errorf("left or missing: %q", d)
	}
	c.run("umount /srv/root/proc /srv/root && umount -R /srv/layers")
}

// alpine are stand-ins for what an Alpine has: programs that make accounts, and
// those of OpenRC, which say what they were asked.
const alpine = `mkdir -p /srv/alpine/bin /srv/alpine/package
printf '#!/bin/sh\n[ "$1" = -S ] && exec groupadd --system "$2"\n' > /srv/alpine/bin/addgroup
printf '#!/bin/sh\nfor name; do :; done\nexec useradd --system -g "$name" "$name"\n' > /srv/alpine/bin/adduser
for name in rc-update rc-service; do printf '#!/bin/sh\necho '$name' "$@" >> /srv/alpine/asked\n' > /srv/alpine/bin/$name; done
chmod 755 /srv/alpine/bin/*
tar -C /srv/alpine/package -xf /srv/%[1]s.apk 2>/dev/null
`

// runScriptsOfAlpine runs the scripts of apk packages beside stand-ins. Neither apk
// nor OpenRC is here.
func (c *computer) runScriptsOfAlpine() {
	for _, product := range []string{"printscout", "scoutcloud"} {
		c.copyIn(packageOf(c.t, product, currentVersion, "apk"), "/srv/"+product+".apk", 0o644)
		c.run(strings.ReplaceAll(alpine, "%[1]s", product))
		script := func(name string) string {
			return "PATH=/srv/alpine/bin:$PATH sh /srv/alpine/package/." + name + " 2>&1\n"
		}
		c.run("sh -n /srv/alpine/package/etc/init.d/" + product)
		c.run(script("post-install") + "getent passwd " + product + " && mkdir -p /run/openrc")
		c.run(script("post-upgrade") + script("pre-deinstall"))
		asked := c.run("cat /srv/alpine/asked; userdel " + product + "; rm -r /srv/alpine /run/openrc")
		for _, want := range map[string][]string{
			"printscout": {"rc-update -q add printscout default", "rc-service -q printscout status", "rc-service printscout restart", "rc-service printscout stop", "rc-update -q del printscout default"},
			"scoutcloud": {"rc-service -q scoutcloud status", "rc-service scoutcloud restart", "rc-service scoutcloud stop", "rc-update -q del scoutcloud default"},
		}[product] {
			if !strings.Contains(asked, want+"\n") {
				c.t.Errorf("%s: OpenRC was not asked %q: %s", product, want, asked)
			}
		}
	}
}
