//go:build linux

package endtoend

import (
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// person is what person list --json promises.
type person struct {
	Name string `json:"name"`
	By   string `json:"by"`
}

// waiting is what status --json says of jobs that wait.
type waiting struct {
	Waiting      int    `json:"waiting"`
	WaitingFor   string `json:"waiting_for"`
	Registration string `json:"registration"`
	Registered   bool   `json:"registered"`
}

// serverSays waits until the server knows a job in a state.
func (s *site) serverSays(id, state string) {
	s.t.Helper()
	peers.Await(s.t, "the server knows the job as "+state, func() bool {
		var jobs []job
		s.api("GET", "/v1/jobs", nil, &jobs)
		for _, j := range jobs {
			if j.ID == id && j.State == state {
				return true
			}
		}
		return false
	})
}

func (s *site) stateOf(id string) string {
	s.t.Helper()
	for _, j := range s.jobs() {
		if j.ID == id {
			return j.State
		}
	}
	return "gone"
}

// TestJobWaitsForRegistration prints as somebody who has not registered, lets
// everybody try to release the job, registers, and releases it.
func TestJobWaitsForRegistration(t *testing.T) {
	peers.NeedRoot(t)
	const alice, bob = "daemon", "nobody"
	s := newSite(t)
	s.configure(map[string]any{"Registration": "self"})
	s.up()
	doc := pdf(10_000)
	a, b := s.printAs(alice, alice, doc), s.printAs(bob, bob, pdf(9_000))
	if a.State != "waiting" || !strings.Contains(a.Reason, "printscout person register") {
		t.Fatalf("it is %+v", a)
	}
	if r := s.as(alice, "job", "list"); !strings.Contains(r.stdout, "waiting") || !strings.Contains(r.stdout, "person register") {
		t.Errorf("job list: %s", r.stdout)
	}
	if st := decode[waiting](t, s.as(alice, "status", "--json").stdout); st.Waiting != 1 || st.WaitingFor != "registration" || st.Registration != "self" || st.Registered {
		t.Errorf("status: %+v", st)
	}
	if r := s.as(alice, "status"); !strings.Contains(r.stdout, "person register") {
		t.Errorf("status: %s", r.stdout)
	}
	for name, release := range map[string]func(...string) result{"its owner": func(args ...string) result { return s.as(alice, args...) }, "an administrator": s.scout} {
		if r := release("job", "release", a.ID, "--printer", "lobby", "--wait"); r.code != 1 || !strings.Contains(r.stderr, "printscout person register") {
			t.Errorf("%s: exit %d: %s", name, r.code, r.stderr)
		}
	}
	if r := s.as(alice, "job", "release", "--all", "--printer", "lobby"); !strings.Contains(r.stderr, "job "+a.ID+" stays: ") || !strings.Contains(r.stderr, "person register") {
		t.Errorf("of all her jobs: exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
	s.serverSays(a.ID, "waiting")
	if o := s.ended(s.order(a.ID, 60)); o.Result == nil || o.Result.State != "not_sent" || o.Result.Reason != "job-waiting" {
		t.Errorf("the server's order: %+v %+v", o, o.Result)
	}

	for _, args := range [][]string{{"person", "register", alice}, {"person", "remove", alice}, {"person", "register", "root"}} {
		if r := s.as(bob, args...); r.code != 12 {
			t.Errorf("%s did %v: exit %d: %s%s", bob, args, r.code, r.stdout, r.stderr)
		}
	}
	if r := s.as(alice, "person", "register"); r.code != 0 || !strings.Contains(r.stdout, alice) {
		t.Fatalf("%s registers: exit %d: %s%s", alice, r.code, r.stdout, r.stderr)
	}
	if r := s.as(bob, "person", "remove", alice); r.code != 12 || s.stateOf(a.ID) != "parked" || s.stateOf(b.ID) != "waiting" {
		t.Errorf("exit %d; %s's is %s, %s's %s", r.code, alice, s.stateOf(a.ID), bob, s.stateOf(b.ID))
	}
	for who, want := range map[string][]person{alice: {{alice, "self"}}, bob: {}} {
		if got := decode[[]person](t, s.as(who, "person", "list", "--json").stdout); len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
			t.Errorf("%s sees %+v", who, got)
		}
	}
	s.serverSays(a.ID, "parked")
	if o := s.ended(s.order(a.ID, 60)); o.Result == nil || o.Result.State != "delivered" {
		t.Errorf("the server's order afterwards: %+v %+v", o, o.Result)
	}
	sameFile(t, s.out, doc)
	if r := s.as(bob, "job", "cancel", b.ID); r.code != 0 {
		t.Errorf("%s cancels his own: exit %d: %s", bob, r.code, r.stderr)
	}
}

// TestAdministratorRegisters removes and registers people while their jobs
// are parked, with kills between, and switches the setting.
func TestAdministratorRegisters(t *testing.T) {
	peers.NeedRoot(t)
	const alice = "daemon"
	s := newSite(t)
	s.configure(map[string]any{"Registration": "administrator"})
	s.up()
	again := func() {
		s.agent.stop(syscall.SIGKILL)
		s.run()
		s.linked()
	}
	if r := s.as(alice, "person", "register"); r.code != 13 || !strings.Contains(r.stderr, "administrator") {
		t.Errorf("%s registers herself: exit %d: %s", alice, r.code, r.stderr)
	}
	if r := s.scout("person", "remove", alice); r.code != 1 {
		t.Errorf("removing nobody: exit %d: %s", r.code, r.stderr)
	}
	j := s.printAs(alice, alice, pdf(5_000))
	for _, step := range []struct {
		args []string
		want string
	}{
		{nil, "waiting"},
		{[]string{"person", "register", alice}, "parked"},
		{[]string{"person", "remove", alice}, "waiting"},
		{[]string{"person", "register", alice}, "parked"},
	} {
		if step.args != nil {
			if r := s.scout(step.args...); r.code != 0 {
				t.Fatalf("%v: exit %d: %s", step.args, r.code, r.stderr)
			}
		}
		if got := s.stateOf(j.ID); got != step.want {
			t.Errorf("after %v it is %s", step.args, got)
		}
		again()
		if got := s.stateOf(j.ID); got != step.want {
			t.Errorf("after %v and a kill it is %s", step.args, got)
		}
	}
	if got := decode[[]person](t, s.scout("person", "list", "--json").stdout); len(got) != 1 || got[0] != (person{alice, "administrator"}) {
		t.Errorf("registered: %+v", got)
	}
	if r := s.as(alice, "person", "remove", alice); r.code != 13 {
		t.Errorf("%s removes herself: exit %d: %s", alice, r.code, r.stderr)
	}
	must(t, printscout, "--control", s.control, "person", "remove", alice)
	s.configure(nil)
	again()
	if r := s.as(alice, "job", "release", j.ID, "--printer", "lobby", "--wait"); r.code != 0 {
		t.Errorf("with the setting switched off: exit %d: %s", r.code, r.stderr)
	}
	if r := s.as(alice, "person", "register"); r.code != 1 || !strings.Contains(r.stderr, "does not ask for registration") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
}
