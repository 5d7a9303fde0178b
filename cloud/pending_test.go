package cloud

import (
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/dev/installation"
)

// bundleFor makes a bundle for several scouts.
func (f *fixture) bundleFor(uses int, label string) wire.Bundle {
	f.t.Helper()
	b, err := f.server.BundleFor(f.t.Context(), "https://"+f.addr, BundleTerms{Valid: time.Hour, Uses: uses, Label: label})
	if err != nil {
		f.t.Fatal(err)
	}
	return b
}

// joinBy enrolls a scout by a bundle and returns the status.
func (f *fixture) joinBy(i *identity, b wire.Bundle) (int, wire.EnrollReply) {
	f.t.Helper()
	status, data := f.call("POST", "/v1/enroll", i.enrollRequest(b.Token))
	var reply wire.EnrollReply
	if err := json.Unmarshal(data, &reply); err != nil {
		f.t.Fatalf("%s: %v", data, err)
	}
	i.id = reply.Scout
	return status, reply
}

// pendingScout joins by a bundle for several.
func (f *fixture) pendingScout(b wire.Bundle) *identity {
	f.t.Helper()
	i := newIdentity(f.t)
	if status, reply := f.joinBy(i, b); status != http.StatusOK || !reply.Pending {
		f.t.Fatalf("status %d, %+v", status, reply)
	}
	return i
}

func (f *fixture) stateOfScout(id string) (state, bundle string) {
	f.t.Helper()
	for _, s := range getJSON[[]scoutView](f, "/v1/scouts") {
		if s.ID == id {
			return s.State, s.Bundle
		}
	}
	return "", ""
}

// TestBundleForSeveral has many more computers than a bundle is for join by it
// at once.
func TestBundleForSeveral(t *testing.T) {
	const uses, computers = 150, 200
	f := startServer(t, t.TempDir())
	b := f.bundleFor(uses, "floor-2")
	if b.Uses != uses {
		t.Fatalf("%+v", b)
	}
	var mu sync.Mutex
	var joining sync.WaitGroup
	count := map[int]int{}
	ids := map[string]bool{}
	for range computers {
		i := newIdentity(t)
		joining.Go(func() {
			status, reply := f.joinBy(i, b)
			mu.Lock()
			defer mu.Unlock()
			count[status]++
			if status == http.StatusOK {
				ids[reply.Scout] = true
			}
		})
	}
	joining.Wait()
	if count[http.StatusOK] != uses || count[http.StatusForbidden] != computers-uses || len(ids) != uses {
		t.Errorf("%v, %d scouts", count, len(ids))
	}
	bundles, err := f.server.registry.Bundles(t.Context(), f.clock.Now())
	if err != nil || len(bundles) != 1 {
		t.Fatalf("%+v, %v", bundles, err)
	}
	if got := bundles[0]; got.Name != "floor-2" || got.Uses != uses || got.Used != uses || got.Scouts != uses || got.Pending != uses {
		t.Errorf("%+v", got)
	}
}

// TestLostAnswerCostsNoUse joins twice with the same key.
func TestLostAnswerCostsNoUse(t *testing.T) {
	f := startServer(t, t.TempDir())
	b := f.bundleFor(2, "")
	i := newIdentity(t)
	_, first := f.joinBy(i, b)
	for range 5 {
		if status, again := f.joinBy(i, b); status != http.StatusOK || again != first {
			t.Fatalf("status %d, %+v, first %+v", status, again, first)
		}
	}
	f.pendingScout(b)
	if status, _ := f.joinBy(newIdentity(t), b); status != http.StatusForbidden {
		t.Errorf("the third: status %d", status)
	}
	if status, again := f.joinBy(i, b); status != http.StatusOK || again != first {
		t.Errorf("when it is used up: status %d, %+v", status, again)
	}
}

// TestPendingScoutHasNothingPrinted is what a thief of a bundle for several can
// do: be connected, and read the directory.
func TestPendingScoutHasNothingPrinted(t *testing.T) {
	f := startServer(t, t.TempDir())
	honest := f.enrollScout()
	f.connectScout(honest, parkedJob("theirs"))
	i := f.pendingScout(f.bundleFor(2, "stolen"))
	if state, bundle := f.stateOfScout(i.id); state != ScoutPending || bundle != "stolen" {
		t.Errorf("it is %s, by %q", state, bundle)
	}
	s := f.dialScout()
	s.sendMessages(s.signedHello(i, parkedJob("mine")))
	welcome := s.receiveMessage().(wire.Welcome)
	if !welcome.Pending || welcome.WantJobs {
		t.Errorf("welcome %+v", welcome)
	}
	// It sends its jobs all the same, in every way there is, and one as if it
	// were another scout's.
	s.sendMessages(parkedJob("mine"), parkedJob("theirs"), wire.JobsBegin{Count: 1}, parkedJob("mine"), wire.JobsEnd{}, wire.JobGone{ID: "theirs"})
	s.waitUntilHandled()
	if jobs := getJSON[[]jobView](f, "/v1/jobs"); len(jobs) != 1 || jobs[0].Scout != honest.id {
		t.Errorf("jobs %+v", jobs)
	}
	if status, body := f.call("POST", "/v1/releases", map[string]any{"jobs": []string{"mine"}, "printer": "demo"}); status != http.StatusNotFound {
		t.Errorf("its job: status %d, %s", status, body)
	}
	status, body := f.call("POST", "/v1/releases", map[string]any{"all": true, "scout": i.id, "printer": "demo"})
	var refused errorBody
	if err := json.Unmarshal(body, &refused); err != nil || status != http.StatusConflict || refused.Code != codePending || refused.Hint == "" {
		t.Errorf("all of its jobs: status %d, %s", status, body)
	}
	// Nor is an order sent that was made in another way.
	now := f.clock.Now()
	if err := f.server.registry.AddOrders(t.Context(), nil, []Order{{ID: "o-1", Scout: i.id, Job: "mine", Printer: "p-1", Created: now, Expires: now.Add(time.Minute)}}); err != nil {
		t.Fatal(err)
	}
	f.server.router.Wake(i.id)
	s.waitUntilHandled()
	if o, err := f.server.registry.Order(t.Context(), "o-1"); err != nil || o.State != Pending || len(s.backlog) != 0 {
		t.Errorf("order %+v, %v; it hears %v", o, err, s.backlog)
	}
}

// TestApproval approves by another process while the scouts are connected.
func TestApproval(t *testing.T) {
	f := startServer(t, t.TempDir())
	b := f.bundleFor(3, "floor-2")
	one, two, other := f.pendingScout(b), f.pendingScout(b), f.pendingScout(f.bundleFor(2, "else"))
	s, stays := f.connectScout(one), f.connectScout(other)
	if n, err := f.secondRegistry().Approve(t.Context(), Approval{IDs: []string{one.id, "no-such"}}, f.clock.Now()); n != 0 || !errors.Is(err, ErrNotFound) {
		t.Errorf("with an unknown id: %d, %v", n, err)
	}
	if n, err := f.secondRegistry().Approve(t.Context(), Approval{Bundle: "no-such"}, f.clock.Now()); n != 0 || !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown bundle: %d, %v", n, err)
	}
	began := time.Now()
	if n, err := f.secondRegistry().Approve(t.Context(), Approval{Bundle: "floor-2"}, f.clock.Now()); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if drain, ok := s.receiveMessage().(wire.Drain); !ok || drain.DelaySeconds != 1 {
		t.Errorf("it hears %#v", drain)
	}
	if took := time.Since(began); took > 20*time.Second { // a second or two, on a machine that is not busy
		t.Errorf("it took %v", took)
	}
	s.wantClosed() // it did not go by itself
	waitOffline(f, one)
	s = f.connectScout(one, parkedJob("a"))
	if s.Pending {
		t.Errorf("welcome %+v", s.Welcome)
	}
	f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo"})
	s.receiveOrder()
	if state, _ := f.stateOfScout(two.id); state != ScoutApproved {
		t.Errorf("the other of the bundle is %s", state)
	}
	stays.waitUntilHandled()
	if state, _ := f.stateOfScout(other.id); state != ScoutPending {
		t.Errorf("the one of another bundle is %s", state)
	}
	if n, err := f.server.registry.Approve(t.Context(), Approval{All: true}, f.clock.Now()); n != 1 || err != nil {
		t.Errorf("all: %d, %v", n, err)
	}
	if n, err := f.server.registry.Approve(t.Context(), Approval{IDs: []string{one.id}}, f.clock.Now()); n != 0 || err != nil {
		t.Errorf("twice: %d, %v", n, err)
	}
}

// TestApprovedWhileConnecting is told from one that is still pending, so that
// it does not stay so until its connection breaks.
func TestApprovedWhileConnecting(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.pendingScout(f.bundleFor(2, ""))
	before, err := f.server.registry.Scout(t.Context(), i.id)
	if err != nil || !before.Pending {
		t.Fatalf("%+v, %v", before, err)
	}
	count := f.server.withdrawn.Load()
	if _, err := f.server.registry.Approve(t.Context(), Approval{All: true}, f.clock.Now()); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, func() bool { return f.server.withdrawn.Load() != count })
	if err := (&peer{server: f.server, scout: before}).stillKnown(t.Context(), count); err == nil {
		t.Error("it may stay pending")
	}
}

func TestRevokedBundleForSeveral(t *testing.T) {
	f := startServer(t, t.TempDir())
	b := f.bundleFor(5, "floor-2")
	i, stays := f.pendingScout(b), f.enrollScout()
	s := f.connectScout(i)
	if ended, err := f.secondRegistry().Revoke(t.Context(), "floor-2", false, f.clock.Now()); err != nil || ended != (Revoked{Tokens: 1}) {
		t.Errorf("%+v, %v", ended, err)
	}
	if status, _ := f.joinBy(newIdentity(t), b); status != http.StatusForbidden {
		t.Errorf("it is revoked: status %d", status)
	}
	if _, err := f.server.registry.Approve(t.Context(), Approval{Bundle: "floor-2"}, f.clock.Now()); err != nil {
		t.Error(err)
	}
	s.wantClosed()
	if ended, err := f.secondRegistry().Revoke(t.Context(), "floor-2", true, f.clock.Now()); err != nil || ended != (Revoked{Scouts: 1}) {
		t.Errorf("%+v, %v", ended, err)
	}
	if scouts := getJSON[[]scoutView](f, "/v1/scouts"); len(scouts) != 1 || scouts[0].ID != stays.id {
		t.Errorf("left are %+v", scouts)
	}
	if all, err := f.server.registry.Bundles(t.Context(), f.clock.Now()); err != nil || len(all) != 0 {
		t.Errorf("it is listed: %+v, %v", all, err)
	}
}

// TestBundleNames are not shared, neither by two bundles nor with a token of
// the API: revoking one ends what it names.
func TestBundleNames(t *testing.T) {
	f := startServer(t, t.TempDir())
	f.bundleFor(2, "floor-2")
	for _, terms := range []BundleTerms{{time.Hour, 2, "floor-2"}, {time.Hour, 1, "test"}} {
		if _, err := f.server.BundleFor(t.Context(), "https://"+f.addr, terms); !errors.Is(err, ErrNameTaken) {
			t.Errorf("%+v: %v", terms, err)
		}
	}
	if _, err := f.server.APIToken(t.Context(), "floor-2"); !errors.Is(err, ErrNameTaken) {
		t.Errorf("a token of the API: %v", err)
	}
	for _, terms := range []BundleTerms{{time.Hour, 0, ""}, {time.Hour, wire.MaxUses + 1, ""}, {0, 1, ""}, {time.Hour, 1, "bundle-x"}, {time.Hour, 1, "a\nb"}} {
		if _, err := f.server.BundleFor(t.Context(), "https://"+f.addr, terms); err == nil {
			t.Errorf("%+v is taken", terms)
		}
	}
}

// TestScoutThatLeaves is forgotten with its jobs and orders, and answered.
func TestScoutThatLeaves(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	s := f.connectScout(i, parkedJob("a"))
	r := f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo"})[0]
	s.receiveOrder()
	s.sendMessages(wire.Leave{})
	if refused, ok := s.receiveMessage().(wire.Refused); !ok || refused.Code != wire.CodeUnknown {
		t.Errorf("it hears %#v", refused)
	}
	s.wantClosed()
	waitUntil(t, func() bool { return f.server.index.countJobs(i.id) == 0 })
	if scouts := getJSON[[]scoutView](f, "/v1/scouts"); len(scouts) != 0 {
		t.Errorf("scouts %+v", scouts)
	}
	if got := f.releaseByID(r.ID); got.State != Expired {
		t.Errorf("its order is %+v", got)
	}
}

// TestScoutsOfEarlierVersions are approved, and known by the bundle that they
// came by.
func TestScoutsOfEarlierVersions(t *testing.T) {
	for _, version := range installation.Versions {
		t.Run(version, func(t *testing.T) {
			data := filepath.Join(installation.Copy(t, version), installation.Server)
			old, err := sql.Open("sqlite", dataSource(filepath.Join(data, registryFile), ""))
			if err != nil {
				t.Fatal(err)
			}
			var hash, sign []byte
			if err := old.QueryRow(`SELECT hash, sign FROM tokens JOIN scouts ON tokens.scout = scouts.id`).Scan(&hash, &sign); err != nil {
				t.Fatal(err)
			}
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}
			r, err := OpenExistingRegistry(t.Context(), data)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			scouts, err := r.Scouts(t.Context())
			if err != nil || len(scouts) != 1 || scouts[0].Pending || len(scouts[0].Bundle) != len("bundle-")+8 {
				t.Fatalf("%+v, %v", scouts, err)
			}
			early := scouts[0].Enrolled
			if again, err := r.Enroll(t.Context(), hash, Scout{ID: "new", Sign: sign, Enrolled: early}); err != nil || again.ID != scouts[0].ID {
				t.Errorf("its token and key again: %+v, %v", again, err)
			}
			if _, err := r.Enroll(t.Context(), hash, Scout{ID: "new", Sign: []byte("another"), Enrolled: early}); !errors.Is(err, ErrTokenUsed) {
				t.Errorf("its token with another key: %v", err)
			}
			if err := r.RemoveScout(t.Context(), scouts[0].ID, early); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Enroll(t.Context(), hash, Scout{ID: "new", Sign: sign, Enrolled: early}); !errors.Is(err, ErrTokenUsed) {
				t.Errorf("its token once it was removed: %v", err)
			}
		})
	}
}
