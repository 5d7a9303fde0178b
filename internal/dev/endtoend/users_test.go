//go:build linux

package endtoend

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// as makes a command run as another user of this computer.
func as(t testing.TB, name string, c *exec.Cmd) *exec.Cmd {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	c.Env = []string{"HOME=/nonexistent", "PATH=" + os.Getenv("PATH")}
	c.Dir = "/"
	return c
}

// as runs printscout as another user.
func (s *site) as(name string, args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return finish(s.t, as(s.t, name, exec.CommandContext(ctx, printscout, append([]string{"--control", s.control}, args...)...)), "")
}

// shared makes a file that every user can read.
func shared(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := write(t, name, b)
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// printAs prints as one user, who claims to be another.
func (s *site) printAs(name, claim string, doc []byte) job {
	s.t.Helper()
	test := shared(s.t, "print.test", []byte(`{
	NAME "print"
	OPERATION Print-Job
	GROUP operation-attributes-tag
	ATTR charset attributes-charset utf-8
	ATTR naturalLanguage attributes-natural-language en
	ATTR uri printer-uri $uri
	ATTR name requesting-user-name `+claim+`
	ATTR name job-name "of `+name+`"
	ATTR mimeMediaType document-format application/pdf
	FILE $filename
	STATUS successful-ok
}
`))
	return s.jobOf(func() {
		if r := finish(s.t, as(s.t, name, exec.Command(peers.Need(s.t, "ipptool"), "-tf", shared(s.t, "d.pdf", doc), s.ippURL(), test)), ""); r.code != 0 {
			s.t.Fatalf("printing as %s: %s%s", name, r.stdout, r.stderr)
		}
	})
}

// TestTwoUsers lets two ordinary users of one computer try everything on each
// other's jobs.
func TestTwoUsers(t *testing.T) {
	peers.NeedRoot(t)
	const alice, bob = "daemon", "nobody"
	s := newSite(t).up()
	docA, docB := pdf(10_000), pdf(12_000)
	a, b := s.printAs(alice, alice, docA), s.printAs(bob, bob, docB)

	for who, own := range map[string]job{alice: a, bob: b} {
		list := decode[[]job](t, s.as(who, "job", "list", "--json").stdout)
		if len(list) != 1 || list[0].ID != own.ID || list[0].User != who {
			t.Errorf("%s sees %+v", who, list)
		}
	}
	for _, args := range [][]string{
		{"job", "show", a.ID},
		{"job", "show", a.ID[:len(a.ID)-1]},
		{"job", "cancel", a.ID},
		{"job", "release", a.ID, "--printer", "lobby", "--wait"},
	} {
		if r := s.as(bob, args...); r.code == 0 || strings.Contains(r.stdout+r.stderr, "of "+alice) {
			t.Errorf("%s did %v: exit %d: %s%s", bob, args, r.code, r.stdout, r.stderr)
		}
	}
	bundle := must(t, scoutcloud, "token", "--data", s.data())
	file := shared(t, "bundle.json", []byte(bundle))
	if r := s.as(bob, "enroll", file); r.code != 12 {
		t.Errorf("%s enrolled: exit %d: %s", bob, r.code, r.stderr)
	}
	if r := s.as(bob, "job", "release", "--all", "--printer", "lobby", "--wait"); r.code != 0 {
		t.Fatalf("%s releases his own: exit %d: %s", bob, r.code, r.stderr)
	}
	sameFile(t, s.out, docB)
	if left := s.jobs(); len(left) != 1 || left[0].ID != a.ID {
		t.Errorf("root sees %+v", left)
	}
	if r := s.as(alice, "job", "cancel", a.ID); r.code != 0 {
		t.Errorf("%s cancels her own: exit %d: %s", alice, r.code, r.stderr)
	}
	if st := s.as(bob, "status", "--json"); strings.Contains(st.stdout, alice) || !strings.Contains(st.stdout, `"jobs": 0`) {
		t.Errorf("status of %s: %s", bob, st.stdout)
	}
}

// TestAnotherName lets one user print in another's name: the kernel's word
// counts.
func TestAnotherName(t *testing.T) {
	peers.NeedRoot(t)
	const mallory, victim = "nobody", "daemon"
	s := newSite(t).up()
	j := s.printAs(mallory, victim, pdf(5_000))
	if j.User != mallory || j.UserSource != "kernel" {
		t.Errorf("the job is %s's, by the %s", j.User, j.UserSource)
	}
	if list := decode[[]job](t, s.as(victim, "job", "list", "--json").stdout); len(list) != 0 {
		t.Errorf("%s has %+v", victim, list)
	}
}

// TestNamesOfAQueueThatChecksNone prints by a queue as CUPS makes it: anybody
// can print through it in anybody's name, so a name is a claim until the
// administrator says that the queue checks it.
func TestNamesOfAQueueThatChecksNone(t *testing.T) {
	peers.NeedRoot(t)
	const victim = "daemon"
	s := newSite(t).up()
	c := peers.StartCUPS(t)
	c.AddQueue(t, "scout", s.ippURL())
	c.Run(t, "lp", "-U", victim, "-d", "scout", shared(t, "d.pdf", peers.PDF(595, 842)))
	peers.Await(t, "the job is parked", func() bool { return len(s.jobs()) == 1 })
	j := s.jobs()[0]
	if j.User != victim || j.UserSource != "spooler" {
		t.Errorf("the job is %s's, by the %s", j.User, j.UserSource)
	}
	if r := s.as(victim, "job", "release", j.ID, "--printer", "lobby", "--wait"); r.code != 13 || !strings.Contains(r.stderr, "QueueChecksUsers") {
		t.Errorf("released on a claim: exit %d: %s", r.code, r.stderr)
	}
	s.known(j.ID)
	if o := s.ended(s.order(j.ID, 60)); o.Result == nil || o.Result.Reason != "owner-claimed" {
		t.Errorf("the server's order: %+v %+v", o, o.Result)
	}
	s.agent.stop(syscall.SIGTERM)
	s.configure(map[string]any{"QueueChecksUsers": true})
	s.run()
	s.linked()
	if r := s.as(victim, "job", "release", j.ID, "--printer", "lobby", "--wait"); r.code != 0 {
		t.Errorf("once the queue is known to check: exit %d: %s", r.code, r.stderr)
	}
}

// TestHeldInTheQueue holds a job, tries to release it, and lets it go.
func TestHeldInTheQueue(t *testing.T) {
	s := newSite(t).up()
	ask := func(name, body string) result {
		return command(t, peers.Need(t, "ipptool"), "-tf", write(t, "d.pdf", peers.PDF(595, 842)), s.ippURL(), write(t, name, []byte(body)))
	}
	print := `{ OPERATION Print-Job
	GROUP operation-attributes-tag
	ATTR charset attributes-charset utf-8
	ATTR naturalLanguage attributes-natural-language en
	ATTR uri printer-uri $uri
	ATTR mimeMediaType document-format application/pdf
	GROUP job-attributes-tag
	ATTR keyword job-hold-until indefinite
	FILE $filename
	STATUS successful-ok
	EXPECT job-state OF-TYPE enum WITH-VALUE 4 }`
	act := func(operation string) string {
		return `{ OPERATION ` + operation + `
	GROUP operation-attributes-tag
	ATTR charset attributes-charset utf-8
	ATTR naturalLanguage attributes-natural-language en
	ATTR uri printer-uri $uri
	ATTR integer job-id 1
	STATUS successful-ok }`
	}
	if r := ask("hold.test", print); r.code != 0 {
		t.Fatalf("%s%s", r.stdout, r.stderr)
	}
	j := s.jobs()[0]
	if j.State != "parked" || !strings.Contains(j.Reason, "held") {
		t.Errorf("held: %+v", j)
	}
	if r := s.scout("job", "release", j.ID, "--printer", "lobby", "--wait"); r.code != 1 {
		t.Errorf("released while it is held: exit %d: %s", r.code, r.stderr)
	}
	s.agent.stop(syscall.SIGTERM)
	s.run()
	s.linked()
	if results, code := s.releaseAll("lobby"); code != 0 || len(results) != 0 {
		t.Errorf("after a restart: exit %d: %+v", code, results)
	}
	if r := ask("let-go.test", act("Release-Job")); r.code != 0 {
		t.Fatalf("Release-Job: %s%s", r.stdout, r.stderr)
	}
	if results, code := s.releaseAll("lobby"); code != 0 || len(results) != 1 {
		t.Errorf("let go: exit %d: %+v", code, results)
	}
	s.agent.stop(syscall.SIGTERM)
	os.RemoveAll(s.state)
	s.run()
	s.enroll()
	s.linked()
	if r := ask("hold.test", print); r.code != 0 {
		t.Fatalf("%s%s", r.stdout, r.stderr)
	}
	if r := ask("cancel.test", act("Cancel-Job")); r.code != 0 || len(s.jobs()) != 0 {
		t.Errorf("Cancel-Job: %s%s; left: %+v", r.stdout, r.stderr, s.jobs())
	}
}

// TestSocketOfAStranger puts a socket of another user where the agent's should be.
func TestSocketOfAStranger(t *testing.T) {
	peers.NeedRoot(t)
	s := newSite(t)
	os.Chmod(s.dir, 0o777)
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	c := exec.Command(printscout, "--config", s.config(), "service")
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	start(t, c)
	peers.Await(t, "the stranger listens", func() bool {
		_, err := os.Stat(s.control)
		return err == nil
	})
	if r := s.as("daemon", "status"); r.code != 12 || !strings.Contains(r.stderr, "another user") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
}
