package scout

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/vault/keystore"
)

// wantLeft wants nothing of the site to be left on disk, and the agent to know
// of none.
func (r *rig) wantLeft(what string) {
	r.t.Helper()
	if e, d := r.membership.current(); e != nil || d != nil {
		r.t.Errorf("%s: it belongs to %+v, %v", what, e, d)
	}
	for _, name := range []string{enrollmentFile, directoryFile, leavingFile} {
		if fileExists(filepath.Join(r.dir, "state", name)) {
			r.t.Errorf("%s: %s is there", what, name)
		}
	}
	for _, name := range []string{signKey, joiningKey} {
		if _, err := r.keys.Load(name); err == nil {
			r.t.Errorf("%s: the secret %s is there", what, name)
		}
	}
	if n := len(r.stateFile(ordersFile)); n != 0 {
		r.t.Errorf("%s: the orders have %d bytes", what, n)
	}
	if broken := brokenFiles(filepath.Join(r.dir, "state")); len(broken) != 0 {
		r.t.Errorf("%s: %v", what, broken)
	}
	if (intake{r.Scout}).Condition().Accepting {
		r.t.Errorf("%s: it takes jobs", what)
	}
}

// inSite is a rig that has carried out an order, with a job of alice's.
func inSite(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	if got := r.Order(t.Context(), r.newOrder(r.parkJob(alice, doc))); got.State != wire.Delivered {
		t.Fatalf("%+v", got)
	}
	r.cfg.Settings.LeaveSite = true
	r.parkJob(alice, doc)
	return r
}

func TestUnenroll(t *testing.T) {
	for what, kept := range map[string]int{control.KeepJobs: 1, control.DiscardJobs: 0} {
		t.Run(what, func(t *testing.T) {
			r := inSite(t)
			old := r.stateFile(enrollmentFile)
			_, err := localAPI{r.Scout}.Unenroll(t.Context(), control.Leaving{})
			wantCode(t, "with a job", err, control.CodeConflict)
			if e, _ := r.membership.current(); e == nil || fileExists(filepath.Join(r.dir, "state", leavingFile)) {
				t.Fatal("it has left all the same")
			}
			left, err := localAPI{r.Scout}.Unenroll(t.Context(), control.Leaving{Jobs: what})
			if err != nil || left.Scout != "scout-1" || left.ServerTold || left.Kept != kept || left.Discarded != 1-kept {
				t.Errorf("%+v, %v", left, err)
			}
			r.wantLeft("at once")
			_, err = localAPI{r.Scout}.Unenroll(t.Context(), control.Leaving{Jobs: what})
			wantCode(t, "twice", err, control.CodeNotEnrolled)
			r.reopenScout()
			r.wantLeft("after a start")
			if n := len(r.vault.Jobs()); n != kept {
				t.Errorf("%d jobs are there", n)
			}
			// A copy of the file that said it belonged to the site is worth nothing.
			r.must(os.WriteFile(filepath.Join(r.dir, "state", enrollmentFile), old, 0o600))
			r.reopenScout()
			if e, _ := r.membership.current(); e != nil {
				t.Error("an old enrollment was taken")
			}
		})
	}
}

// TestJobsThatAreKeptCanBeReleasedLater at the site that the computer joins
// then.
func TestJobsThatAreKeptCanBeReleasedLater(t *testing.T) {
	r := inSite(t)
	if _, err := (localAPI{r.Scout}).Unenroll(t.Context(), control.Leaving{Jobs: control.KeepJobs}); err != nil {
		t.Fatal(err)
	}
	id := r.vault.Jobs()[0].ID
	r.reopenScout()
	r.joinSite()
	if got := r.byHand(aliceHerself, "", id); len(got) != 1 || got[0].State != wire.Delivered {
		t.Errorf("%+v", got)
	}
}

// TestUnenrollWhileAJobIsPrinted is refused, whatever is said of jobs.
func TestUnenrollWhileAJobIsPrinted(t *testing.T) {
	r := inSite(t)
	r.claimForOrder(r.vault.Jobs()[0].ID)
	for _, jobs := range []string{"", control.KeepJobs, control.DiscardJobs} {
		_, err := localAPI{r.Scout}.Unenroll(t.Context(), control.Leaving{Jobs: jobs})
		wantCode(t, jobs, err, control.CodeConflict)
	}
}

// TestUnenrollThatIsKilled after each of its steps: the next start finishes it.
func TestUnenrollThatIsKilled(t *testing.T) {
	for done := range len((&Scout{membership: new(membership)}).leaveSteps()) {
		r := inSite(t)
		_, err := r.keyForToken("of an attempt that was cut short")
		r.must(err)
		l := leaving{Scout: "scout-1", Server: "https://localhost:1", Discard: true}
		r.must(writeJSON(r.membership.filePath(leavingFile), l))
		steps := r.leaveSteps()
		for _, step := range steps[:done] {
			r.must(step.do(l))
		}
		r.reopenScout()
		after := "killed before " + steps[done].name
		r.wantLeft(after)
		if n := len(r.vault.Jobs()); n != 0 {
			t.Errorf("%s: %d jobs are there", after, n)
		}
		r.reopenScout()
		r.wantLeft(after + ", started twice")
		r.joinSite()
		if got := r.Order(t.Context(), r.newOrder(r.parkJob(alice, doc))); got.State != wire.Delivered {
			t.Errorf("%s: once it has joined again: %+v", after, got)
		}
	}
}

// TestLeavingThatFailedIsNotTakenUpAfterJoining: the note of it is gone.
func TestLeavingThatFailedIsNotTakenUpAfterJoining(t *testing.T) {
	r := inSite(t)
	r.must(writeJSON(r.membership.filePath(leavingFile), leaving{Scout: "scout-1", Discard: true}))
	r.joinSite()
	r.reopenScout()
	if e, _ := r.membership.current(); e == nil || len(r.vault.Jobs()) != 1 {
		t.Errorf("enrollment %+v", e)
	}
}

// TestKilledBeforeTheNote has not left.
func TestKilledBeforeTheNote(t *testing.T) {
	r := inSite(t)
	r.must(os.WriteFile(r.membership.filePath(leavingFile)+".tmp", []byte(`{"scout":"scout-1"`), 0o600))
	r.reopenScout()
	if e, _ := r.membership.current(); e == nil || len(r.vault.Jobs()) != 1 {
		t.Errorf("enrollment %+v", e)
	}
}

// TestServerIsToldOfLeaving over the connection that there is.
func TestServerIsToldOfLeaving(t *testing.T) {
	r := newHostileRig(t)
	r.cfg.Settings.LeaveSite = true
	r.talk = func(p *hostilePeer) {
		p.sendWelcome("")
		for {
			m, ok := p.nextMessage()
			if !ok {
				return
			}
			if m == (wire.Leave{}) {
				p.sendMessage(wire.Refused{Code: wire.CodeUnknown})
			}
		}
	}
	r.startLink()
	peers.Await(t, "it is connected", func() bool { return r.currentLink() != nil && r.currentLink().Status().Connected })
	left, err := localAPI{r.Scout}.Unenroll(t.Context(), control.Leaving{Jobs: control.DiscardJobs})
	if err != nil || !left.ServerTold || left.Discarded != 2 {
		t.Errorf("%+v, %v", left, err)
	}
}

// TestTheComputersOwnKeysStay when it leaves: jobs that are kept open with them.
func TestTheComputersOwnKeysStay(t *testing.T) {
	r := inSite(t)
	before := map[string]string{}
	for _, name := range []string{wrapKey, "tag"} {
		raw, err := r.keys.Load(name)
		r.must(err)
		before[name] = string(raw)
	}
	r.leaveQuietly()
	for name, was := range before {
		if raw, err := r.keys.Load(name); err != nil || string(raw) != was {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.keys.Load(signKey); err == nil || !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("the scout's key: %v", err)
	}
}

func FuzzLeaving(f *testing.F) {
	f.Add([]byte(`{"scout":"s","server":"https://localhost:1","discard":true}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var l leaving
		if json.Unmarshal(raw, &l) != nil {
			return
		}
		back, err := json.Marshal(l)
		var again leaving
		if err != nil || json.Unmarshal(back, &again) != nil || again.Discard != l.Discard {
			t.Fatalf("%+v became %+v", l, again)
		}
	})
}
