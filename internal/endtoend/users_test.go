//go:build linux

package endtoend

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/peers"
)

// as runs printscout as another user of this computer.
func (s *site) as(name string, args ...string) result {
	s.t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		s.t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, printscout, append([]string{"--control", s.control}, args...)...)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	c.Env = []string{"HOME=/nonexistent", "PATH=" + os.Getenv("PATH")}
	c.Dir = "/"
	return finish(s.t, c, "")
}

// printAs prints in the name of a user.
func (s *site) printAs(name string, doc []byte) job {
	s.t.Helper()
	before := map[string]bool{}
	for _, j := range s.jobs() {
		before[j.ID] = true
	}
	test := write(s.t, "print.test", []byte(`{
	NAME "print"
	OPERATION Print-Job
	GROUP operation-attributes-tag
	ATTR charset attributes-charset utf-8
	ATTR naturalLanguage attributes-natural-language en
	ATTR uri printer-uri $uri
	ATTR name requesting-user-name `+name+`
	ATTR name job-name "of `+name+`"
	ATTR mimeMediaType document-format application/pdf
	FILE $filename
	STATUS successful-ok
}
`))
	must(s.t, peers.Need(s.t, "ipptool"), "-tf", write(s.t, "d.pdf", doc), s.ippURL(), test)
	for _, j := range s.jobs() {
		if !before[j.ID] {
			return j
		}
	}
	s.t.Fatal("not parked")
	return job{}
}

// TestTwoUsers lets two ordinary users of one computer try everything on each
// other's jobs.
func TestTwoUsers(t *testing.T) {
	peers.NeedRoot(t)
	const alice, bob = "daemon", "nobody"
	s := newSite(t).up()
	docA, docB := pdf(10_000), pdf(12_000)
	a, b := s.printAs(alice, docA), s.printAs(bob, docB)

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
	file := write(t, "bundle.json", []byte(bundle))
	os.Chmod(file[:strings.LastIndex(file, "/")], 0o755)
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
	eventually(t, "the stranger listens", func() bool {
		_, err := os.Stat(s.control)
		return err == nil
	})
	if r := s.as("daemon", "status"); r.code != 12 || !strings.Contains(r.stderr, "another user") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
}
