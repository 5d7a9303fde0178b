package scout

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/settings"
)

// setRegistration ends the agent without ceremony and starts it with another value of
// the setting Registration.
func (r *rig) setRegistration(registration string) {
	r.t.Helper()
	r.close()
	cfg := r.cfg
	cfg.Settings.Registration = registration
	s, err := New(cfg)
	r.must(err)
	r.Scout = s
}

func (r *rig) registerPerson(name string) {
	r.t.Helper()
	_, err := localAPI{r.Scout}.Register(root, control.Registration{Name: name})
	r.must(err)
}

func (r *rig) unregisterPerson(name string) {
	r.t.Helper()
	_, err := localAPI{r.Scout}.Unregister(root, name)
	r.must(err)
}

func codeOf(err error) control.Code {
	if e, ok := errors.AsType[*control.Error](err); ok {
		return e.Code
	}
	return ""
}

func TestJobsOfTheUnregisteredWait(t *testing.T) {
	r := newRig(t)
	r.setRegistration(settings.RegistrationSelf)
	id, told := r.parkAndTell(alice, doc)
	others := r.parkJob("bob", doc)
	if r.stateOf(id) != Waiting {
		t.Fatalf("the job is %s", r.stateOf(id))
	}
	if j, _ := r.table.jobByID(id); j.controlJob().State != "waiting" || !strings.Contains(j.controlJob().Reason, "printscout person register") || r.jobMetadata(j).State != "waiting" {
		t.Errorf("it is shown as %+v", j.controlJob())
	}
	if told != waitingSentence {
		t.Errorf("the print queue shows %q", told)
	}
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.NotSent || got.Reason != "job-waiting" {
		t.Errorf("the server's order: %+v", got)
	}
	for _, c := range []control.Caller{aliceHerself, root} {
		_, err := localAPI{r.Scout}.Release(c, control.Release{Jobs: []string{id.String()}, Printer: "lobby"})
		if e, ok := errors.AsType[*control.Error](err); !ok || e.Code != control.CodeConflict || !strings.Contains(e.Message+e.Hint, "printscout person register") {
			t.Errorf("%s releases: %v", c.Name, err)
		}
		if got := r.byHand(c, ""); len(got) != 0 {
			t.Errorf("%s releases all: %+v", c.Name, got)
		}
	}
	if st := (localAPI{r.Scout}).Status(aliceHerself); st.Waiting != 1 || st.WaitingFor != "registration" || st.Registered || st.Registration != "self" {
		t.Errorf("status %+v", st)
	}
	if _, err := (localAPI{r.Scout}).Register(aliceHerself, control.Registration{}); err != nil {
		t.Fatal(err)
	}
	if r.stateOf(id) != Parked || r.stateOf(others) != Waiting {
		t.Errorf("after alice has registered: %s, bob's %s", r.stateOf(id), r.stateOf(others))
	}
	if st := (localAPI{r.Scout}).Status(aliceHerself); st.Waiting != 0 || st.WaitingFor != "" || !st.Registered {
		t.Errorf("status %+v", st)
	}
	if later := r.parkJob(alice, doc); r.stateOf(later) != Parked {
		t.Errorf("a later job is %s", r.stateOf(later))
	}
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.Delivered {
		t.Errorf("%+v", got)
	}
	if _, err := (localAPI{r.Scout}).Cancel(t.Context(), control.Caller{UID: "8", Name: "bob"}, others.String()); err != nil || r.stateOf(others) != "gone" {
		t.Errorf("bob cancels his: %v, %s", err, r.stateOf(others))
	}
}

func TestWaitingJobsCountAndExpire(t *testing.T) {
	r := newRig(t)
	r.setRegistration(settings.RegistrationAdmin)
	r.cfg.Settings.UserJobs = 1
	id := r.parkJob(alice, doc)
	_, err := r.beginJob(alice)
	wantOver(t, "a second job", err)
	r.clock = r.clock.Add(time.Hour)
	r.expireDueJobs()
	if r.stateOf(id) != "gone" {
		t.Errorf("the job is %s", r.stateOf(id))
	}
}

// TestRemovedPerson removes people while their jobs are in every state.
func TestRemovedPerson(t *testing.T) {
	r := newRig(t)
	r.setRegistration(settings.RegistrationAdmin)
	r.registerPerson(alice)
	parked, busy, uncertain := r.parkJob(alice, doc), r.parkJob(alice, doc), r.parkJob(alice, doc)
	for _, id := range []uuid.UUID{busy, uncertain} {
		r.must(r.table.claimJob(id, "lobby", "o", func(error) {}))
	}
	r.must(r.table.setState(uncertain, Uncertain, nil))
	r.unregisterPerson(alice)
	for id, want := range map[uuid.UUID]State{parked: Waiting, busy: Releasing, uncertain: Uncertain} {
		if got := r.stateOf(id); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
		if _, err := (localAPI{r.Scout}).Release(root, control.Release{Jobs: []string{id.String()}, Printer: "lobby"}); codeOf(err) != control.CodeConflict {
			t.Errorf("a job that is %s is released: %v", want, err)
		}
		if got := r.releaseJob(id, mustPrinter(r), "x", func(string) {}); got.State != wire.NotSent {
			t.Errorf("a job that is %s is sent: %+v", want, got)
		}
	}
	if got := r.releaseJob(uncertain, mustPrinter(r), "y", func(string) {}); got.Reason != "job-uncertain" {
		t.Errorf("the uncertain one: %+v", got)
	}
	r.applyResult(busy, notSentResult(busy.String(), "lobby", "printer-unreachable", "away"))
	if r.stateOf(busy) != Waiting || r.printedCount() != 0 {
		t.Errorf("not sent, it is %s; %d printed", r.stateOf(busy), r.printedCount())
	}
	r.registerPerson(alice)
	if j, _ := r.table.jobByID(busy); j.note.State != Parked || j.note.Reason != "printer-unreachable" {
		t.Errorf("registered again: %+v", j.note)
	}
}

func mustPrinter(r *rig) directory.Printer {
	r.t.Helper()
	p, err := r.membership.findPrinter("lobby")
	r.must(err)
	return p
}

// TestInterruptedWhileWaiting stops the agent, as a kill does, at each point
// where a job's state and who has registered could come apart.
func TestInterruptedWhileWaiting(t *testing.T) {
	peers.Short(t, "many deliveries")
	for name, c := range map[string]struct {
		until func(*rig) uuid.UUID
		then  string // the setting at the next start
		want  State
	}{
		"parked, no note": {func(r *rig) uuid.UUID { return r.parkJob(alice, doc) }, "self", Waiting},
		"sealed, not yet in the table": {func(r *rig) uuid.UUID {
			id := r.parkJob(alice, doc)
			r.table.mu.Lock()
			defer r.table.mu.Unlock()
			delete(r.table.jobs, id)
			return id
		}, "self", Waiting},
		"registered, the job not yet moved": {func(r *rig) uuid.UUID {
			id := r.parkJob(alice, doc)
			_, err := r.people.register(person{Name: alice})
			r.must(err)
			return id
		}, "self", Parked},
		"removed, the job not yet moved": {func(r *rig) uuid.UUID {
			r.registerPerson(alice)
			id := r.parkJob(alice, doc)
			_, _, err := r.people.remove(alice)
			r.must(err)
			return id
		}, "self", Waiting},
		"people.json half written": {func(r *rig) uuid.UUID {
			id := r.parkJob(alice, doc)
			r.must(os.WriteFile(filepath.Join(r.dir, "state", ".new-1"), []byte(`{"people":[{"name":"alice"`), 0o600))
			return id
		}, "self", Waiting},
		"the setting switched off": {func(r *rig) uuid.UUID { return r.parkJob(alice, doc) }, "off", Parked},
		"a note while it waits": {func(r *rig) uuid.UUID {
			id := r.parkJob(alice, doc)
			r.must(r.table.amendNote(id, func(n *note) { n.Held = new(false) }))
			return id
		}, "off", Parked},
		"removed while it was being released": {func(r *rig) uuid.UUID {
			r.registerPerson(alice)
			id := r.parkJob(alice, doc)
			r.claimForOrder(id)
			r.unregisterPerson(alice)
			return id
		}, "administrator", Waiting},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.setRegistration(settings.RegistrationSelf)
			id := c.until(r)
			r.setRegistration(c.then)
			if got := r.stateOf(id); got != c.want {
				t.Errorf("the job is %s, want %s", got, c.want)
			}
			if got := r.Order(t.Context(), r.newOrder(id)); (got.State == wire.Delivered) != (c.want == Parked) {
				t.Errorf("its release: %+v", got)
			}
		})
	}
}

// TestWaitingIsNotWrittenDown changes the note of a job that waits.
func TestWaitingIsNotWrittenDown(t *testing.T) {
	r := newRig(t)
	r.setRegistration(settings.RegistrationSelf)
	id := r.parkJob(alice, doc)
	r.must(r.table.amendNote(id, func(n *note) { n.Held = new(false) }))
	if v, err := r.vault.Job(id); err != nil || !strings.Contains(string(v.Note), `"state":"parked"`) || r.stateOf(id) != Waiting {
		t.Errorf("the note is %s, %v; the job is %s", v.Note, err, r.stateOf(id))
	}
}

// TestRegistrationWhileDocumentsCome registers and removes people while their
// documents are being parked: at the end state and registration agree.
func TestRegistrationWhileDocumentsCome(t *testing.T) {
	r := newRig(t)
	r.setRegistration(settings.RegistrationSelf)
	for round := range 6 {
		var all sync.WaitGroup
		for i := range 4 {
			name := fmt.Sprintf("user%d", i)
			all.Go(func() {
				for range 5 {
					r.parkJob(name, doc)
				}
			})
			all.Go(func() {
				for range 3 {
					r.registerPerson(name)
					r.unregisterPerson(name)
				}
				if (i+round)%2 == 0 {
					r.registerPerson(name)
				}
			})
		}
		all.Wait()
		r.wantStatesAgree("after a round")
		for _, one := range r.people.list() {
			r.unregisterPerson(one.Name)
		}
	}
}

// wantStatesAgree wants the state of every job to be what who has registered calls for.
func (r *rig) wantStatesAgree(when string) {
	r.t.Helper()
	off := r.cfg.Settings.Registration == settings.RegistrationOff
	for _, j := range r.table.matchingJobs(func(*job) bool { return true }) {
		if registered := off || r.people.isRegistered(j.ticket.User); (j.note.State == Waiting && registered) || (j.note.State == Parked && !registered) {
			r.t.Fatalf("%s: a job is %s; its owner may: %v", when, j.note.State, registered)
		}
	}
}

// TestStatesFollowRegistration does many things in an order of chance, with
// kills between them, and wants after each that states and registration agree,
// that nothing of the unregistered is released and that only a transition of
// docs/job-states.md has happened.
func TestStatesFollowRegistration(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	r := newRig(t)
	r.setRegistration(settings.RegistrationSelf)
	users := []string{"u1", "u2", "u3"}
	any := func() (uuid.UUID, bool) {
		all := r.table.matchingJobs(func(*job) bool { return true })
		if len(all) == 0 {
			return uuid.Nil, false
		}
		return all[dice.IntN(len(all))].id, true
	}
	for step := range 300 {
		user := users[dice.IntN(len(users))]
		before := map[uuid.UUID]State{}
		for _, j := range r.table.matchingJobs(func(*job) bool { return true }) {
			before[j.id] = j.note.State
		}
		restarted := false
		switch id, ok := any(); dice.IntN(9) {
		case 0, 1:
			r.parkJob(user, doc)
		case 2:
			r.registerPerson(user)
		case 3:
			if r.people.isRegistered(user) {
				r.unregisterPerson(user)
			}
		case 4, 5:
			j, _ := r.table.jobByID(id)
			may := r.cfg.Settings.Registration == settings.RegistrationOff || r.people.isRegistered(j.ticket.User)
			if err := r.table.claimJob(id, "lobby", "o", nil); ok && err == nil && !may {
				t.Fatalf("step %d: a job of somebody unregistered is released", step)
			}
		case 6:
			if j, _ := r.table.jobByID(id); j.note.State == Releasing {
				r.must(r.table.setState(id, []State{Parked, Uncertain, Canceled}[dice.IntN(3)], nil))
			}
		case 7:
			restarted = true
			r.setRegistration([]string{settings.RegistrationOff, settings.RegistrationSelf, settings.RegistrationAdmin}[dice.IntN(3)])
		case 8:
			if ok {
				_ = r.table.amendNote(id, func(n *note) { n.Held = new(false) })
			}
		}
		r.wantStatesAgree(fmt.Sprintf("step %d", step))
		for id, was := range before {
			if now := r.stateOf(id); now != was && now != "gone" && !was.mayBecome(now) && !restarted {
				t.Fatalf("step %d: %s became %s", step, was, now)
			}
		}
	}
}

// TestWhoMayRegister lets every caller try everything, in each mode.
func TestWhoMayRegister(t *testing.T) {
	r := newRig(t)
	bob := control.Caller{UID: "8", Name: "bob"}
	for mode, own := range map[string]control.Code{
		settings.RegistrationOff: control.CodeConflict, settings.RegistrationSelf: "", settings.RegistrationAdmin: control.CodeForbidden,
	} {
		r.setRegistration(mode)
		l := localAPI{r.Scout}
		for _, name := range []string{alice, "Bob", " bob", "root", "bob/../alice"} {
			if _, err := l.Register(bob, control.Registration{Name: name}); codeOf(err) != control.CodeNotPermitted {
				t.Errorf("%s: bob registers %q: %v", mode, name, err)
			}
			if _, err := l.Unregister(bob, name); codeOf(err) != control.CodeNotPermitted {
				t.Errorf("%s: bob removes %q: %v", mode, name, err)
			}
		}
		for _, name := range []string{"", "bob"} {
			if _, err := l.Register(bob, control.Registration{Name: name}); codeOf(err) != own {
				t.Errorf("%s: bob registers himself: %v", mode, err)
			}
		}
		r.registerPerson(alice)
		if got := l.People(bob); (mode == settings.RegistrationSelf) != (len(got) == 1 && got[0].Name == "bob" && got[0].By == "self") || mode != settings.RegistrationSelf && len(got) != 0 {
			t.Errorf("%s: bob sees %+v", mode, got)
		}
		if got := l.People(root); len(got) < 1 || got[0].Name != alice || got[0].By != "administrator" {
			t.Errorf("%s: root sees %+v", mode, got)
		}
		if _, err := l.Register(root, control.Registration{Name: "no\nname"}); codeOf(err) != control.CodeUsage {
			t.Errorf("%s: %v", mode, err)
		}
		if _, err := l.Unregister(root, "nobody at all"); codeOf(err) != control.CodeNotFound {
			t.Errorf("%s: %v", mode, err)
		}
		for _, one := range l.People(root) {
			r.unregisterPerson(one.Name)
		}
	}
	r.setRegistration(settings.RegistrationSelf)
	anonymous := control.Caller{UID: "4711"}
	if one, err := (localAPI{r.Scout}).Register(anonymous, control.Registration{}); err != nil || one.Name != "#4711" {
		t.Errorf("somebody without a name: %+v, %v", one, err)
	}
}

// TestPeopleLast wants who has registered to outlive a restart, in a file for
// nobody else, and nobody to have registered by a file that cannot be read.
func TestPeopleLast(t *testing.T) {
	r := newRig(t)
	r.registerPerson(alice)
	r.registerPerson(`DOMAIN\bob`)
	first, _ := r.people.findPerson(alice)
	r.clock = r.clock.Add(time.Minute)
	r.registerPerson(alice)
	r.reopenScout()
	if all := r.people.list(); len(all) != 2 || !all[1].Registered.Equal(first.Registered) {
		t.Errorf("%+v", all)
	}
	name := filepath.Join(r.dir, "state", peopleFile)
	if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	for _, text := range []string{"", "{", `{"people":[{"name":""}]}`, `{"people":[{"name":"a\u0000"}]}`, `[]`} {
		r.must(os.WriteFile(name, []byte(text), 0o600))
		if p, err := openPeople(name); err != nil || len(p.known) != 0 || fileExists(name) {
			t.Errorf("%q was taken: %v, %v", text, p, err)
		}
	}
}

func FuzzPeople(f *testing.F) {
	f.Add([]byte(`{"people":[{"name":"alice","registered":"2026-01-01T00:00:00Z","by":"self"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := &people{known: map[string]person{}}
		if p.parseFile(raw) == nil && p.isRegistered("") {
			t.Error("no account has registered")
		}
	})
}
