// These tests run the binaries in containers; the race detector sees nothing of them.
//go:build !race

package endtoend

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/printscout/printscout/installer"
	"github.com/printscout/printscout/internal/dev/peers"
)

// TestServices runs both programs by their units, as the packages install them.
func TestServices(t *testing.T) {
	c := newComputer(t)
	for _, step := range []struct {
		name string
		run  func(*testing.T, *computer)
	}{
		{"units", checkUnits},
		{"server", setUpServer},
		{"agent", startAgent},
		{"enroll", enrollAgent},
		{"people", printAsPeople},
		{"reload", reloadAgent},
		{"killed", killAgent},
		{"killed in mid-document", killInMidDocument},
		{"stuck", stickAgent},
		{"stopped", stopAgent},
		{"taken", takePort},
		{"another port", changePort},
		{"sealed keys", sealKeys},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.run(t, &computer{t, c.Machine}) }) {
			t.Fatalf("the agent logged:\n%s\nthe server logged:\n%s\nCUPS logged:\n%s", c.journal("printscout"), c.journal("scoutcloud"), c.run("tail -c 2000000 /var/log/cups/error_log || true"))
		}
	}
}

// checkUnits has systemd judge the units.
func checkUnits(t *testing.T, c *computer) {
	if out := c.run("systemd-analyze verify --man=no printscout.service printscout.socket printscout-queue.service printscout-queue.path scoutcloud.service 2>&1"); out != "" {
		t.Errorf("systemd-analyze verify: %s", out)
	}
	for _, unit := range []string{"printscout.service", "printscout-queue.service", "scoutcloud.service"} {
		out := strings.Split(strings.TrimSpace(c.run("systemd-analyze security --no-pager --threshold=15 "+unit)), "\n")
		t.Log(out[len(out)-1])
	}
}

// setUpServer starts the server before anything is set up, and sets up what it
// says is missing.
func setUpServer(t *testing.T, c *computer) {
	for _, missing := range []struct{ says, then string }{
		{"the service reads SCOUTCLOUD_URL from /etc/scoutcloud/scoutcloud.env",
			"sed -i 's|^#SCOUTCLOUD_URL=.*|SCOUTCLOUD_URL=https://localhost:8443|' /etc/scoutcloud/scoutcloud.env"},
		{"copy public.json and directory.json of the site to /etc/scoutcloud/site",
			"cp /root/site/{public,directory}.json /etc/scoutcloud/site/ && chmod 644 /etc/scoutcloud/site/*"},
	} {
		c.fails("systemctl start scoutcloud")
		if log := c.journal("scoutcloud"); !strings.Contains(log, missing.says) {
			t.Errorf("the journal does not say %q:\n%s", missing.says, log)
		}
		if state, restarts := c.property("scoutcloud", "ActiveState"), c.property("scoutcloud", "NRestarts"); state != "failed" || restarts != "0" {
			t.Errorf("%s after %s restarts", state, restarts)
		}
		if strings.Contains(missing.then, "/root/site") {
			makeSite(t, c)
		}
		c.run(missing.then)
	}
	c.run("systemctl start scoutcloud && systemctl reload scoutcloud && systemctl is-active scoutcloud")
	if got := c.run("stat -c '%U %a' /var/lib/scoutcloud"); got != "scoutcloud 700\n" {
		t.Errorf("its folder: %s", got)
	}
	if got := c.run("curl -fsS --cacert /var/lib/scoutcloud/tls/ca.crt https://localhost:8443/healthz"); !strings.Contains(got, "ok") {
		t.Errorf("healthz: %s", got)
	}
}

// makeSite makes a site with a printer, as an administrator does.
func makeSite(t *testing.T, c *computer) {
	t.Helper()
	c.run("mkdir -m 755 /srv/printer")
	c.startRole("root", "printer", printerVariable, "/srv/printer")
	c.await("the printer is up", "test -s /srv/printer/uri")
	made := decode[struct {
		Password string `json:"password"`
	}](t, c.run("printscout site new --site /root/site --name Example --json"))
	c.run(fmt.Sprintf("echo %s | printscout site printer add --site /root/site --password-file - lobby \"$(cat /srv/printer/uri)\"", quoted(made.Password)))
}

// startAgent starts the agent, and looks at what it holds.
func startAgent(t *testing.T, c *computer) {
	c.write("/etc/printscout/config.json", []byte(`{"QueueChecksUsers": true, "MinFreeMB": 0}`))
	c.run("systemctl enable --now printscout 2>&1")
	if got := c.run("systemctl is-enabled printscout.service printscout.socket; systemctl is-active printscout.service printscout.socket"); got != "enabled\nenabled\nactive\nactive\n" {
		t.Error(got)
	}
	if got := c.run("stat -c '%n %U %a' /var/lib/printscout /run/printscout /run/printscout/agent.sock /etc/printscout"); got != "/var/lib/printscout printscout 700\n/run/printscout printscout 755\n/run/printscout/agent.sock printscout 666\n/etc/printscout root 755\n" {
		t.Errorf("its folders:\n%s", got)
	}
	wantSelf(t, c)
	pid := c.property("printscout", "MainPID")
	if got := c.run("grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/" + pid + "/status | tr -s '\\t ' ' '"); !strings.Contains(got, "CapEff: 0000000000000000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2\n") || strings.Contains(got, "Uid: 0") {
		t.Errorf("its rights:\n%s", got)
	}
}

// agentStatus is what the tests read of status --json.
type agentStatus struct {
	Enrolled bool     `json:"enrolled"`
	Printers int      `json:"printers"`
	Jobs     int      `json:"jobs"`
	Keys     string   `json:"keys_at_rest"`
	Warnings []string `json:"warnings"`
	Answers  []struct {
		Name    string `json:"name"`
		Address string `json:"address"`
		Who     string `json:"who"`
	} `json:"answers"`
}

func (c *computer) status() agentStatus {
	c.t.Helper()
	out, _ := c.Run("printscout status --json 2>/dev/null")
	return decode[agentStatus](c.t, out)
}

// wantSelf requires that the agent knows that it answers on its port, which
// systemd has open as well, and that nothing is warned of but open keys.
func wantSelf(t testing.TB, c *computer) {
	t.Helper()
	st := c.status()
	if len(st.Answers) < 2 {
		t.Errorf("answers %+v", st.Answers)
	}
	for _, a := range st.Answers {
		if a.Who != "us" {
			t.Errorf("at %s answers %s", a.Address, a.Who)
		}
	}
	for _, w := range st.Warnings {
		if !strings.Contains(w, "the agent's keys are not sealed") && !strings.Contains(w, "was held by") {
			t.Errorf("status warns: %s", w)
		}
	}
}

func enrollAgent(t *testing.T, c *computer) {
	c.run(asPerson("scoutcloud", "scoutcloud token") + " | cat > /root/bundle.json")
	c.run("printscout enroll - < /root/bundle.json")
	c.await("the agent has the directory", "printscout status --json | grep -q '\"printers\": 1'")
}

// printAsPeople prints through cupsd as two people, and directly as one of them,
// and releases: all that the agent finds out about others must work under its unit.
func printAsPeople(t *testing.T, c *computer) {
	c.write("/srv/doc.pdf", peers.PDF(595, 842))
	c.write("/srv/print.test", []byte(`{ OPERATION Print-Job
	GROUP operation-attributes-tag
	ATTR charset attributes-charset utf-8
	ATTR naturalLanguage attributes-natural-language en
	ATTR uri printer-uri $uri
	ATTR name requesting-user-name alice
	ATTR name job-name $name
	ATTR mimeMediaType document-format application/pdf
	FILE $filename
	STATUS successful-ok }`))
	c.run("sed -i 's/^LogLevel .*/LogLevel debug/' /etc/cups/cupsd.conf; systemctl start cups.service && lpadmin -p printscout -E -v ipp://localhost:8631/ipp/print -m everywhere -o printer-op-policy=authenticated 2>&1")
	c.await("cupsd has described the queue", `grep -q 'Printer "printscout" is now available' /var/log/cups/error_log`)
	c.run(asPerson("alice", "lp -d printscout -t queued /srv/doc.pdf"))
	c.run(asPerson("bob", "ipptool -tf /srv/doc.pdf -d name=direct ipp://localhost:8631/ipp/print /srv/print.test"))
	c.addCarol()
	c.run(asPerson("5001", "ipptool -tf /srv/doc.pdf -d name=elsewhere ipp://localhost:8631/ipp/print /srv/print.test"))
	c.awaitJobs(3)
	for title, want := range map[string]string{"queued": "alice spooler", "direct": "bob kernel", "elsewhere": "carol kernel"} {
		if j := c.jobCalled(title); j.User+" "+j.UserSource != want {
			t.Errorf("the job %q is of %s by the %s", title, j.User, j.UserSource)
		}
	}
	if st := decode[agentStatus](t, c.run(asPerson("bob", "printscout status --json"))); st.Jobs != 1 {
		t.Errorf("bob has %d jobs", st.Jobs)
	}
	c.fails(asPerson("bob", "printscout job release --wait --printer lobby "+c.jobCalled("queued").ID))
	c.run(asPerson("alice", "printscout job release --wait --printer lobby "+c.jobCalled("queued").ID))
	c.run(asPerson("bob", "printscout job release --wait --printer lobby --all"))
	c.run("test $(ls /srv/printer/out | wc -l) = 2 && cmp /srv/printer/out/*-direct.pdf /srv/doc.pdf")
	c.cancelJobs()
}

// addCarol adds a person whom only a name service knows, not /etc/passwd: the agent
// has to run getent.
func (c *computer) addCarol() {
	c.t.Helper()
	c.write("/etc/userdb/carol.user", []byte(`{"userName": "carol", "uid": 5001, "gid": 5001, "homeDirectory": "/", "shell": "/bin/sh", "disposition": "regular"}`))
	c.write("/etc/userdb/carol.group", []byte(`{"groupName": "carol", "gid": 5001, "disposition": "regular"}`))
	c.run(`cd /etc/userdb && ln -s carol.user 5001.user && ln -s carol.group 5001.group
sed -i 's/^passwd:.*/passwd: files systemd/' /etc/nsswitch.conf
! grep carol /etc/passwd && getent passwd 5001`)
}

func (c *computer) jobs() []job {
	c.t.Helper()
	return decode[[]job](c.t, c.run("printscout job list --json"))
}

func (c *computer) awaitJobs(n int) {
	c.t.Helper()
	peers.Await(c.t, fmt.Sprint(n, " jobs are parked"), func() bool {
		out, err := c.Run("printscout job list --json")
		var jobs []job
		return err == nil && json.Unmarshal([]byte(out), &jobs) == nil && len(jobs) == n
	})
}

func (c *computer) cancelJobs() {
	c.t.Helper()
	for _, j := range c.jobs() {
		c.run("printscout job cancel " + j.ID)
	}
}

func (c *computer) jobCalled(title string) job {
	c.t.Helper()
	for _, j := range c.jobs() {
		if j.Title == title {
			return j
		}
	}
	c.t.Fatalf("there is no job %q among %+v", title, c.jobs())
	return job{}
}

func reloadAgent(t *testing.T, c *computer) {
	before := c.property("printscout", "MainPID")
	c.run("systemctl reload printscout && systemctl is-active printscout && printscout status >/dev/null")
	if after := c.property("printscout", "MainPID"); after != before {
		t.Errorf("process %s is now %s", before, after)
	}
}

// killAgent kills the agent again and again while bob wants its port and alice
// prints. Each job is parked before the next kill: what cut-off documents become is
// up to CUPS.
func killAgent(t *testing.T, c *computer) {
	const kills = 3
	c.startRole("bob", "thief", thiefVariable, "127.0.0.1:8631,[::1]:8631")
	c.await("bob tries", "journalctl -o cat -u thief | grep -q trying")
	for n := range kills {
		restarts := c.property("printscout", "NRestarts")
		c.run("systemctl kill --kill-whom=main --signal=KILL printscout")
		c.run(asPerson("alice", "lp -d printscout -t meanwhile /srv/doc.pdf"))
		c.await("systemd restarts the agent", "test $(systemctl show --value -p NRestarts printscout) != "+restarts+"; systemctl is-active printscout")
		c.awaitJobs(n + 1)
	}
	if log := c.journal("thief"); strings.Contains(log, "got") {
		t.Errorf("bob had the port: %s", log)
	}
	c.run("systemctl is-active thief && systemctl stop thief")
	c.cancelJobs()
	wantSelf(t, c)
}

// killInMidDocument kills the agent while CUPS sends it a document: CUPS stops the
// queue, and printscout-queue.path has it started again.
func killInMidDocument(t *testing.T, c *computer) {
	c.run(`mkfifo -m 644 /srv/gate
echo 'application/x-stall stall string(0,"STALL")' > /usr/share/cups/mime/stall.types
echo 'application/x-stall application/vnd.cups-pdf 0 stall' > /usr/share/cups/mime/stall.convs
printf '#!/bin/sh\nprintf "%%%%PDF-1.4\\n"\nhead -c 3000000 /dev/zero\nexec cat /srv/gate\n' > /usr/lib/cups/filter/stall
chmod 755 /usr/lib/cups/filter/stall
echo STALL > /srv/stalled
systemctl restart cups
systemctl enable --now printscout-queue.service printscout-queue.path 2>&1`)
	c.await("CUPS answers", "lpstat -r")
	c.run(asPerson("alice", "lp -d printscout -t interrupted /srv/stalled"))
	c.await("the document arrives", "ls /var/lib/printscout/vault/*.tmp")
	c.run("systemctl kill --kill-whom=main --signal=KILL printscout")
	c.await("systemd restarts the agent", "printscout status >/dev/null || test $? = 10 -o $? = 3")
	c.run("timeout 60 sh -c 'echo > /srv/gate'") // CUPS notices that the connection is gone
	c.await("the queue is started again", "journalctl -o cat -u printscout-queue | grep -q 'repairing: start the print queue'; lpstat -p printscout | grep -qv disabled")
	c.run("timeout 60 sh -c 'echo > /srv/gate'")
	c.awaitJobs(1)
	c.cancelJobs()
	c.run("cupsdisable -r 'somebody stopped it' printscout")
	c.run("systemctl start printscout-queue.service; lpstat -p printscout | grep -q disabled")
	c.run("cupsenable printscout; rm /usr/share/cups/mime/stall.* /usr/lib/cups/filter/stall; systemctl restart cups")
	c.await("CUPS answers", "lpstat -r")
}

// stickAgent stops the process of the agent, as one that hangs.
func stickAgent(t *testing.T, c *computer) {
	c.run(`mkdir -p /run/systemd/system/printscout.service.d
printf '[Service]\nWatchdogSec=3\n' > /run/systemd/system/printscout.service.d/watchdog.conf
systemctl daemon-reload && systemctl restart printscout`)
	restarts := c.property("printscout", "NRestarts")
	c.await("the agent is stopped", "systemctl kill --kill-whom=main --signal=STOP printscout")
	c.await("the watchdog restarts it", "test $(systemctl show --value -p NRestarts printscout) -gt "+restarts+"; systemctl is-active printscout")
	c.run("rm -r /run/systemd/system/printscout.service.d && systemctl daemon-reload && systemctl restart printscout")
}

// stopAgent stops the service, whose socket stays, and then both.
func stopAgent(t *testing.T, c *computer) {
	c.run("systemctl stop printscout.service 2>&1")
	out := c.fails("printscout status")
	if !strings.Contains(out, "systemd holds its port") || !strings.Contains(out, "systemctl start printscout") || strings.Contains(out, "another program") {
		t.Errorf("status while it is stopped: %s", out)
	}
	c.run("test $(systemctl show --value -p ActiveState printscout.service) = inactive")
	c.run(asPerson("alice", "lp -d printscout -t awaited /srv/doc.pdf"))
	c.awaitJobs(1)
	c.cancelJobs()
	c.run("systemctl stop printscout.socket printscout.service && ! (exec 3<>/dev/tcp/127.0.0.1/8631) 2>/dev/null")
}

// takePort has bob take the port before the computer starts the socket.
func takePort(t *testing.T, c *computer) {
	c.startRole("bob", "thief", thiefVariable, "127.0.0.1:8631")
	c.await("bob has the port", "journalctl -o cat -u thief | grep -q got")
	c.run("systemctl start --no-block printscout")
	c.await("the agent says who has its port", `journalctl -o cat -u printscout | grep -q 'used by another program, at 127.0.0.1:8631: a program of the user bob'`)
	c.run("systemctl stop thief")
	c.await("systemd has the port", "systemctl is-active printscout.socket && systemctl is-active printscout.service")
	wantSelf(t, c)
	if warned := strings.Join(c.status().Warnings, "\n"); !strings.Contains(warned, "Port 8631 was held by a program of the user bob") {
		t.Errorf("status warns %q", warned)
	}
}

// changePort sets a port that is not systemd's, then both, on a computer without
// ::1.
func changePort(t *testing.T, c *computer) {
	c.write("/etc/printscout/config.json", []byte(`{"Port": 8632, "MinFreeMB": 0}`))
	c.run("systemctl restart printscout")
	if warned := strings.Join(c.status().Warnings, "\n"); !strings.Contains(warned, "The setting Port is 8632, but the system holds port 8631") {
		t.Errorf("status warns %q", warned)
	}
	c.write(installer.PortDropInPath, installer.PortDropIn(8632))
	c.run(`sysctl -qw net.ipv6.conf.lo.disable_ipv6=1
systemctl daemon-reload && systemctl stop printscout.service printscout.socket && systemctl start printscout && systemctl is-active printscout.socket`)
	st := c.status()
	if len(st.Answers) != 1 || st.Answers[0].Address != "127.0.0.1:8632" || st.Answers[0].Who != "us" {
		t.Errorf("without ::1: %+v", st.Answers)
	}
	c.run("sysctl -qw net.ipv6.conf.lo.disable_ipv6=0")
	c.await("::1 is back", `printscout status --json | grep -F '"[::1]:8632"'`)
	wantSelf(t, c)
}

// sealKeys gives the agent a credential, and then another one, as docs/keystore.md
// says.
func sealKeys(t *testing.T, c *computer) {
	c.run(`mkdir -p -m 700 /etc/credstore.encrypted
head -c 32 /dev/urandom | systemd-creds encrypt --name=printscout-keystore - /etc/credstore.encrypted/printscout-keystore
systemctl restart printscout`)
	if st := c.status(); st.Keys != "sealed-file" || !st.Enrolled {
		t.Errorf("%+v", st)
	}
	c.run(`cd /etc/credstore.encrypted
systemd-creds decrypt --name=printscout-keystore printscout-keystore - | systemd-creds encrypt --name=printscout-keystore-former - printscout-keystore-former
head -c 32 /dev/urandom | systemd-creds encrypt --name=printscout-keystore - printscout-keystore
systemctl restart printscout && rm printscout-keystore-former && systemctl restart printscout`)
	if st := c.status(); st.Keys != "sealed-file" || !st.Enrolled {
		t.Errorf("with another key: %+v", st)
	}
}
