package cloud

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// secondRegistry opens the registry as a command beside the server does.
func (f *fixture) secondRegistry() Registry {
	f.t.Helper()
	r, err := OpenExistingRegistry(f.t.Context(), f.cfg.DataDir)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { r.Close() })
	return r
}

// waitUntil waits for what happens by itself.
func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(patient)
	for !done() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("it does not happen")
		}
	}
}

func TestRemovedScoutIsSentAway(t *testing.T) {
	f := startServer(t, t.TempDir())
	i, other := f.enrollScout(), f.enrollScout()
	s, stays := f.connectScout(i, parkedJob("a")), f.connectScout(other, parkedJob("b"))
	r := f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo"})[0]
	s.receiveOrder()
	if err := f.secondRegistry().RemoveScout(t.Context(), i.id, f.clock.Now()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if refused, ok := s.receiveMessage().(wire.Refused); !ok || refused.Code != wire.CodeUnknown {
		t.Errorf("the scout hears %#v", refused)
	}
	s.wantClosed()
	if took := time.Since(began); took > 20*time.Second { // a second or two, on a machine that is not busy
		t.Errorf("it took %v", took)
	}
	again := f.dialScout()
	again.sendMessages(again.signedHello(i))
	if refused, ok := again.receiveMessage().(wire.Refused); !ok || refused.Code != wire.CodeUnknown {
		t.Errorf("when it comes back it hears %#v", refused)
	}
	waitOffline(f, i)
	waitUntil(t, func() bool { return f.server.index.countJobs(i.id) == 0 })
	if jobs := getJSON[[]jobView](f, "/v1/jobs"); len(jobs) != 1 || jobs[0].ID != "b" {
		t.Errorf("jobs %+v", jobs)
	}
	if scouts := getJSON[[]scoutView](f, "/v1/scouts"); len(scouts) != 1 || !scouts[0].Connected {
		t.Errorf("scouts %+v", scouts)
	}
	if got := f.releaseByID(r.ID); got.State != Expired || got.Reason != "the scout was removed" {
		t.Errorf("its order is %+v", got)
	}
	stays.waitUntilHandled()
	if err := f.secondRegistry().RemoveScout(t.Context(), i.id, f.clock.Now()); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

// TestRemovedScoutThatIsAway wants its jobs gone too.
func TestRemovedScoutThatIsAway(t *testing.T) {
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	f.connectScout(i, parkedJob("a")).ws.Close()
	waitOffline(f, i)
	if err := f.server.registry.RemoveScout(t.Context(), i.id, f.clock.Now()); err != nil {
		t.Fatal(err)
	}
	f.server.endWithdrawn(t.Context())
	if jobs := getJSON[[]jobView](f, "/v1/jobs"); len(jobs) != 0 {
		t.Errorf("jobs %+v", jobs)
	}
}

func TestRemovedScoutCannotUseItsBundleAgain(t *testing.T) {
	f := startServer(t, t.TempDir())
	bundle, err := f.server.Bundle(t.Context(), "https://"+f.addr, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	i := newIdentity(t)
	f.call("POST", "/v1/enroll", i.enrollRequest(bundle.Token))
	id := getJSON[[]scoutView](f, "/v1/scouts")[0].ID
	if err := f.server.registry.RemoveScout(t.Context(), id, f.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if status, body := f.call("POST", "/v1/enroll", i.enrollRequest(bundle.Token)); status != http.StatusForbidden {
		t.Errorf("status %d, %s", status, body)
	}
	f.clock.advance(rememberFor + time.Hour)
	f.server.forgetOld(t.Context())
	if _, err := f.server.registry.Scouts(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRevokedTokenIsRefused(t *testing.T) {
	f := startServer(t, t.TempDir())
	f.connectScout(f.enrollScout(), parkedJob("a"))
	mine := f.token
	doomed, err := f.server.APIToken(t.Context(), "doomed")
	if err != nil {
		t.Fatal(err)
	}
	f.token = doomed
	r := f.postRelease(map[string]any{"jobs": []string{"a"}, "printer": "demo"})[0]
	waited := make(chan error, 1)
	go func() {
		req, _ := http.NewRequest("GET", "https://"+f.addr+"/v1/releases/"+r.ID+"?wait=60", nil)
		req.Header.Set("Authorization", "Bearer "+doomed)
		resp, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: f.client.Transport.(*http.Transport).TLSClientConfig}}).Do(req)
		if err == nil {
			resp.Body.Close()
		}
		waited <- err
	}()
	waitUntil(t, func() bool { return len(f.server.listener.admission.apiConns()) == 2 })
	if n, err := f.secondRegistry().Revoke(t.Context(), "doomed", false, f.clock.Now()); n.Tokens != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if status, _ := f.call("GET", "/v1/jobs", nil); status != http.StatusUnauthorized {
		t.Errorf("status %d", status)
	}
	select {
	case err := <-waited:
		if err == nil {
			t.Error("the long poll was answered")
		}
	case <-time.After(patient):
		t.Error("a connection of the revoked token stays open")
	}
	f.token = mine
	if status, _ := f.call("GET", "/v1/jobs", nil); status != http.StatusOK {
		t.Errorf("another token: status %d", status)
	}
}

func TestTokensEnd(t *testing.T) {
	f := startServer(t, t.TempDir())
	f.clock.advance(APITokenLife - time.Minute)
	if status, _ := f.call("GET", "/v1/jobs", nil); status != http.StatusOK {
		t.Errorf("before its end: status %d", status)
	}
	f.clock.advance(time.Minute)
	if status, _ := f.call("GET", "/v1/jobs", nil); status != http.StatusUnauthorized {
		t.Errorf("after its end: status %d", status)
	}
}

func TestBundleIsRevoked(t *testing.T) {
	f := startServer(t, t.TempDir())
	bundle, err := f.server.Bundle(t.Context(), "https://"+f.addr, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	unused, err := f.server.registry.Bundles(t.Context(), f.clock.Now())
	if err != nil || len(unused) != 1 {
		t.Fatalf("%+v, %v", unused, err)
	}
	if n, err := f.secondRegistry().Revoke(t.Context(), unused[0].Name, false, f.clock.Now()); n.Tokens != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if status, body := f.call("POST", "/v1/enroll", newIdentity(t).enrollRequest(bundle.Token)); status != http.StatusForbidden {
		t.Errorf("status %d, %s", status, body)
	}
	if n, err := f.secondRegistry().Revoke(t.Context(), unused[0].Name, false, f.clock.Now()); n.Tokens != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}

func TestNamesOfTokens(t *testing.T) {
	f := startServer(t, t.TempDir())
	for _, name := range []string{"", "a\nb", "bundle-12345678", strings.Repeat("n", 65), "\xff"} {
		if _, err := f.server.APIToken(t.Context(), name); err == nil {
			t.Errorf("a token called %q", name)
		}
	}
	if _, err := IssueAPIToken(t.Context(), f.server.registry, "late", f.clock.Now(), f.clock.Now()); err == nil {
		t.Error("a token that is never valid")
	}
}

func TestNoRegistryThere(t *testing.T) {
	if _, err := OpenExistingRegistry(t.Context(), t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// TestOneChangeFailsAlone wants changes that are committed together to fail one by one.
func TestOneChangeFailsAlone(t *testing.T) {
	data := t.TempDir()
	r, err := OpenRegistry(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	db, err := sql.Open("sqlite", dataSource(filepath.Join(data, registryFile), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	w := &registryWriter{changed: new(atomic.Bool), tx: writeTx{conn: conn, statements: make(map[string]*sql.Stmt)}} // without its goroutine
	defer w.tx.close()
	errOwn := errors.New("own")
	name := func(n string) func(*writeTx) error {
		return func(tx *writeTx) error {
			_, err := tx.exec(`INSERT INTO served (site, revision) VALUES (?, 1)`, n)
			return err
		}
	}
	batch := []*pendingChange{
		{ctx: t.Context(), apply: name("a")}, {ctx: t.Context(), apply: name("a")}, {ctx: t.Context(), apply: name("b")},
		{ctx: t.Context(), apply: func(tx *writeTx) error { name("c")(tx); return errOwn }}, {ctx: t.Context(), apply: name("d")},
	}
	w.commitBatch(batch)
	for n, want := range []bool{true, false, true, false, true} {
		if (batch[n].err == nil) != want {
			t.Errorf("change %d: %v", n, batch[n].err)
		}
	}
	for site, want := range map[string]uint64{"a": 1, "b": 1, "c": 0, "d": 1} {
		if got, err := r.ServedRevision(t.Context(), site); got != want || err != nil {
			t.Errorf("%s: %d, %v", site, got, err)
		}
	}
}
