//go:build !race

package endtoend

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestDebianPackages leads a computer through the whole life of the packages of
// Debian, out of a signed repository: installed, set up, used, upgraded, removed,
// installed again, purged.
func TestDebianPackages(t *testing.T) {
	t.Parallel()
	peers.Short(t, "a container")
	d := &debianComputer{computer: newBareComputer(t)}
	d.addRepository()
	d.before = d.allFiles()
	for _, step := range []struct {
		name string
		run  func(*debianComputer)
	}{
		{"install", (*debianComputer).install},
		{"server", (*debianComputer).setUpServer},
		{"enroll", (*debianComputer).enroll},
		{"print", (*debianComputer).print},
		{"doctor", (*debianComputer).askDoctor},
		{"killed", (*debianComputer).kill},
		{"upgrade", (*debianComputer).upgrade},
		{"remove", (*debianComputer).remove},
		{"reinstall", (*debianComputer).reinstall},
		{"purge", (*debianComputer).purge},
	} {
		if !t.Run(step.name, func(t *testing.T) { d.t = t; step.run(d) }) {
			d.t = t
			t.Fatalf("the agent logged:\n%s\nthe server logged:\n%s", d.journal("printscout"), d.journal("scoutcloud"))
		}
	}
}

// debianComputer is a computer with an apt repository of both versions.
type debianComputer struct {
	*computer
	before   string // all files, before anything was installed
	password string // of the site
}

const (
	aptOptions = "-o Dir::Etc::sourcelist=/etc/apt/sources.list.d/printscout.list -o Dir::Etc::sourceparts=/dev/null"
	// aptInstall upgrades as well.
	aptInstall = "DEBIAN_FRONTEND=noninteractive apt-get " + aptOptions + " install --yes --no-install-recommends printscout scoutcloud 2>&1"
)

// addRepository signs the former version's packages with a key of its own, then
// adds those of this version, and has the computer use the first.
func (d *debianComputer) addRepository() {
	d.t.Helper()
	peers.Need(d.t, "reprepro")
	gpg := peers.Need(d.t, "gpg")
	home, repository := folder(d.t), filepath.Join(folder(d.t), "apt")
	do := func(name string, args ...string) {
		d.t.Helper()
		c := exec.Command(name, args...)
		c.Env = append(os.Environ(), "GNUPGHOME="+home)
		if out, err := c.CombinedOutput(); err != nil {
			d.t.Fatalf("%s: %v\n%s", c, err, out)
		}
	}
	do(gpg, "--batch", "--passphrase", "", "--quick-generate-key", "Test <test@printscout.example>", "ed25519", "sign", "1d")
	d.t.Cleanup(func() { do("gpgconf", "--kill", "all") })
	for _, number := range []string{formerVersion, currentVersion} {
		do("../../../installer/packages/sign", "test@printscout.example", filepath.Join(packagesDir(d.t), number), repository)
		archive := filepath.Join(folder(d.t), number+".tar")
		do("tar", "-C", repository, "--owner=root", "--group=root", "--exclude=./db", "--exclude=./conf", "-cf", archive, ".")
		d.copyIn(archive, "/srv/"+number+".tar", 0o644)
	}
	d.copyIn(filepath.Join(repository, "printscout-archive-keyring.gpg"), "/usr/share/keyrings/printscout-archive-keyring.gpg", 0o644)
	d.run("echo 'deb [signed-by=/usr/share/keyrings/printscout-archive-keyring.gpg] file:/srv/apt stable main' > /etc/apt/sources.list.d/printscout.list")
	d.useRepository(formerVersion)
}

// useRepository puts the repository as it was with a version in place.
func (d *debianComputer) useRepository(number string) {
	d.t.Helper()
	d.run("rm -rf /srv/apt && mkdir /srv/apt && tar -C /srv/apt -xf /srv/" + number + ".tar && chmod 755 /srv/apt && apt-get " + aptOptions + " update 2>&1")
}

func (d *debianComputer) install() {
	d.refuseForgery()
	d.startRole("root", "sampler", samplerVariable, "/srv/arguments")
	out := d.run(aptInstall)
	for _, want := range []string{"edit /etc/scoutcloud/scoutcloud.env", "copy the site's public.json and directory.json", "made the print queue printscout"} {
		if !strings.Contains(out, want) {
			d.t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	d.wantRunning(formerVersion)
	d.wantOutput("lpstat -v", "device for printscout: ipp://localhost:8631/ipp/print\n")
	d.wantOutput("systemctl is-active scoutcloud || true; systemctl is-failed scoutcloud || true", "inactive\ninactive\n")
	d.wantOutput("stat -c '%n %U %a' /var/lib/printscout /etc/printscout /etc/printscout/policy.d /etc/scoutcloud/site", "/var/lib/printscout printscout 700\n/etc/printscout root 755\n/etc/printscout/policy.d root 755\n/etc/scoutcloud/site root 755\n")
}

// refuseForgery has apt refuse a repository whose list was changed after it was
// signed.
func (d *debianComputer) refuseForgery() {
	d.t.Helper()
	d.run("mkdir -p /srv/forged /srv/forged-lists/partial && cp -r /srv/apt/. /srv/forged && sed -i 's/^Label:.*/Label: Another/' /srv/forged/dists/stable/InRelease && sed 's|/srv/apt|/srv/forged|' /etc/apt/sources.list.d/printscout.list > /srv/forged.list")
	out := d.fails("apt-get -o Dir::State::lists=/srv/forged-lists -o Dir::Etc::sourcelist=/srv/forged.list -o Dir::Etc::sourceparts=/dev/null -o APT::Update::Error-Mode=any update 2>&1")
	if !strings.Contains(out, "BADSIG") && !strings.Contains(out, "not signed") && !strings.Contains(out, "invalid") {
		d.t.Errorf("a forged repository: %s", out)
	}
}

// setUpServer does what the guide says, with the server's package.
func (d *debianComputer) setUpServer() {
	d.run("mkdir -m 755 /srv/printer")
	d.startRole("root", "printer", printerVariable, "/srv/printer")
	d.await("the printer is up", "test -s /srv/printer/uri")
	d.password = decode[struct {
		Password string `json:"password"`
	}](d.t, d.run("printscout site new --site /srv/site --name Example --json")).Password
	d.write("/srv/doc.pdf", peers.PDF(595, 842))
	d.run(fmt.Sprintf("echo %s | printscout site printer add --site /srv/site --password-file - lobby \"$(cat /srv/printer/uri)\"", quoted(d.password)))
	d.run(`sed -i 's|^#SCOUTCLOUD_URL=.*|SCOUTCLOUD_URL=https://localhost:8443|' /etc/scoutcloud/scoutcloud.env
install -m 0644 /srv/site/{public,directory}.json /etc/scoutcloud/site
systemctl enable --now scoutcloud 2>&1`)
	d.wantOutput("systemctl is-active scoutcloud; systemctl is-enabled scoutcloud", "active\nenabled\n")
}

// enroll puts a bundle for two where a policy says, and approves the computer.
func (d *debianComputer) enroll() {
	d.run(asPerson("scoutcloud", "scoutcloud token new --uses 2 --valid 1h --label floor-2 --out /var/lib/scoutcloud/floor-2.json"))
	d.write("/etc/printscout/policy.d/site.json", []byte(`{"BundleFile": "/var/lib/printscout/bundle.json", "ScoutName": "pc-17", "MinFreeMB": 0}`))
	d.run(`cp /var/lib/scoutcloud/floor-2.json /srv/floor-2.json
install -o printscout -g printscout -m 0600 /srv/floor-2.json /var/lib/printscout/bundle.json
systemctl restart printscout`)
	d.await("the computer joins", "printscout status --json | grep -q '\"pending\": true'")
	d.run("! test -e /var/lib/printscout/bundle.json")
	if list := d.run(asPerson("scoutcloud", "scoutcloud scout list --pending")); !strings.Contains(list, "pc-17") || !strings.Contains(list, "floor-2") {
		d.t.Errorf("who waits: %s", list)
	}
	d.run(asPerson("scoutcloud", "scoutcloud scout approve --bundle floor-2"))
	d.await("it is approved", `! printscout status --json | grep -q '"pending": true' && printscout status --json | grep -q '"printers": 1'`)
}

// print has alice print by the queue and release it herself.
func (d *debianComputer) print() {
	if out := d.run("printscout install --trust-queue-names"); !strings.Contains(out, "limited who makes print queues") {
		d.t.Error(out)
	}
	d.lp("alice", "letter")
	d.awaitJobs(1)
	if j := d.jobCalled("letter"); j.User+" "+j.UserSource != "alice spooler" {
		d.t.Errorf("the job is of %s by the %s", j.User, j.UserSource)
	}
	d.fails(asPerson("bob", "printscout job release --wait --printer lobby "+d.jobCalled("letter").ID))
	out := d.run(asPerson("alice", "printscout job release --wait --all --printer lobby --json"))
	if r := decode[[]released](d.t, out); len(r) != 1 || r[0].State != "delivered" || r[0].Printer != "lobby" {
		d.t.Errorf("released: %+v", r)
	}
	d.run("test $(ls /srv/printer/out | wc -l) = 1")
	d.awaitJobs(0)
	d.wantNoSecretInArguments()
}

func (d *debianComputer) lp(person, title string) {
	d.t.Helper()
	d.run(asPerson(person, "lp -d printscout -t "+title+" /srv/doc.pdf"))
}

// wantNoSecretInArguments looks for the site's password and the bundle's secrets in
// the arguments that any process has had since before the installation.
func (d *debianComputer) wantNoSecretInArguments() {
	d.t.Helper()
	d.await("the arguments are sampled", "grep -q lpadmin /srv/arguments || grep -q 'printscout install' /srv/arguments")
	d.run("systemctl stop sampler")
	seen := d.run("cat /srv/arguments")
	secrets := append([]string{d.password}, strings.Fields(d.run(`grep -oE '"[A-Za-z0-9_-]{22,}"' /srv/floor-2.json | tr -d '"' | sort -u`))...)
	if len(secrets) < 2 || !strings.Contains(seen, "printscout service") {
		d.t.Fatalf("%d secrets, and sampled was\n%s", len(secrets), seen)
	}
	for _, secret := range secrets {
		if strings.Contains(seen, secret) {
			d.t.Errorf("%q is in the arguments of a process", secret)
		}
	}
}

// explained are the checkups that do not pass on this computer, with what they say.
var explained = map[string]string{
	"agent":        "keys are not sealed", // nobody has made a credential of systemd for it
	"cups-version": "older than",          // the distribution's CUPS is
}

func (d *debianComputer) askDoctor() {
	out, _ := d.Run("printscout doctor --json 2>/dev/null")
	passed := 0
	for _, f := range decode[[]found](d.t, out) {
		switch {
		case f.State == "pass" || f.State == "info":
			passed++
		case f.State != "warn" || explained[f.ID] == "" || !strings.Contains(f.Summary, explained[f.ID]):
			d.t.Errorf("doctor: %+v", f)
		}
	}
	if passed < 10 {
		d.t.Errorf("%d checkups passed: %s", passed, out)
	}
}

// kill kills the agent while bob wants its port and alice prints.
func (d *debianComputer) kill() {
	d.startRole("bob", "thief", thiefVariable, "127.0.0.1:8631,[::1]:8631")
	d.await("bob tries", "journalctl -o cat -u thief | grep -q trying")
	for n, title := range []string{"first", "second"} {
		restarts := d.property("printscout", "NRestarts")
		d.run("kill -9 $(systemctl show --value -p MainPID printscout)")
		d.lp("alice", title)
		d.await("systemd restarts the agent", "test $(systemctl show --value -p NRestarts printscout) != "+restarts+"; systemctl is-active printscout")
		d.awaitJobs(n + 1)
	}
	d.wantNoThief()
}

func (d *debianComputer) wantNoThief() {
	d.t.Helper()
	if log := d.journal("thief"); strings.Contains(log, "got") {
		d.t.Errorf("bob had the port: %s", log)
	}
	d.run("systemctl is-active thief")
}

// upgrade takes both packages' new version while bob wants the port and alice
// prints.
func (d *debianComputer) upgrade() {
	parked, settings := d.jobs(), d.run("sha256sum /etc/scoutcloud/scoutcloud.env /etc/printscout/*.json /etc/cups/cupsd.conf")
	d.useRepository(currentVersion)
	d.run("(" + asPerson("alice", "for n in 1 2 3; do lp -d printscout -t meanwhile /srv/doc.pdf; done") + ") & " + aptInstall + "; wait $!")
	d.wantRunning(currentVersion)
	d.wantOutput("dpkg-query -W -f '${Package} ${Version} ${Status}\\n' printscout scoutcloud", "printscout "+currentVersion+" install ok installed\nscoutcloud "+currentVersion+" install ok installed\n")
	d.wantOutput("systemctl is-active scoutcloud; cmp /proc/$(systemctl show --value -p MainPID scoutcloud)/exe /usr/bin/scoutcloud", "active\n")
	if now := d.run("sha256sum /etc/scoutcloud/scoutcloud.env /etc/printscout/*.json /etc/cups/cupsd.conf"); now != settings {
		d.t.Errorf("the settings were\n%s\nand are\n%s", settings, now)
	}
	d.awaitJobs(len(parked) + 3)
	d.wantJobs(parked)
	d.wantNoThief()
	d.run("systemctl stop thief")
	d.await("it is connected again", `printscout status --json | grep -q '"connected": true'`)
}

// wantJobs requires that jobs are there, as they were.
func (d *debianComputer) wantJobs(parked []job) {
	d.t.Helper()
	now := d.jobs()
	for _, j := range parked {
		if !slices.ContainsFunc(now, func(k job) bool { return k.ID == j.ID && k.User == j.User && k.State == j.State }) {
			d.t.Errorf("the job %+v is not among %+v", j, now)
		}
	}
}

func (d *debianComputer) remove() {
	d.run("DEBIAN_FRONTEND=noninteractive apt-get " + aptOptions + " remove --yes printscout scoutcloud 2>&1")
	d.wantRemoved()
	d.wantOutput("! systemctl is-active scoutcloud; cmp /usr/share/cups/cupsd.conf.default /etc/cups/cupsd.conf; stat -c '%U %a' /var/lib/scoutcloud; ls /etc/scoutcloud /etc/printscout", "inactive\nscoutcloud 700\n/etc/printscout:\npolicy.d\n\n/etc/scoutcloud:\nscoutcloud.env\nsite\n")
}

// reinstall goes on with jobs and site.
func (d *debianComputer) reinstall() {
	d.run(aptInstall)
	d.wantRunning(currentVersion)
	d.wantOutput("systemctl is-active scoutcloud; systemctl is-enabled scoutcloud", "active\nenabled\n")
	if n := len(d.jobs()); n != 5 {
		d.t.Errorf("%d jobs are left", n)
	}
	d.run("systemctl disable --now printscout.service printscout.socket 2>&1; DEBIAN_FRONTEND=noninteractive apt-get " + aptOptions + " install --reinstall --yes printscout 2>&1")
	d.wantOutput("! systemctl is-enabled printscout.service; ! systemctl is-active printscout.service; ! systemctl is-active printscout.socket", "disabled\ninactive\ninactive\n") // an administrator is obeyed
	d.run("systemctl enable --now printscout.service 2>&1; printscout job release --wait --all --printer lobby")
	d.run("test $(ls /srv/printer/out | wc -l) = 6")
	d.lp("bob", "left")
	d.awaitJobs(1)
}

// purge leaves the policy that an administrator wrote, and nothing else.
func (d *debianComputer) purge() {
	d.run("systemctl stop printer")
	out := d.run("DEBIAN_FRONTEND=noninteractive apt-get " + aptOptions + " purge --yes printscout scoutcloud 2>&1")
	if !strings.Contains(out, "policies in /etc/printscout/policy.d stay") {
		d.t.Errorf("it does not say what stays:\n%s", out)
	}
	d.wantOutput("cd /etc/printscout && find . -type f && rm policy.d/site.json && rmdir policy.d && cd / && rmdir /etc/printscout", "./policy.d/site.json\n")
	d.wantNothingLeft(d.before)
}
