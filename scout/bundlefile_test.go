package scout

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
)

func (r *rig) wantBundle(what, word string, wantFile bool) {
	r.t.Helper()
	got, sentence := r.bundle.state()
	if got != word || (sentence == "") != (word == "") {
		r.t.Errorf("%s: state %q, %q; want %q", what, got, sentence, word)
	}
	if there := fileExists(r.bundleFile()); there != wantFile {
		r.t.Errorf("%s: the file is there: %v", what, there)
	}
	if st := (localAPI{r.Scout}).statusWithoutAnswers(aliceHerself); st.BundleState != word || st.Bundle != sentence {
		r.t.Errorf("%s: status says %q, %q", what, st.BundleState, st.Bundle)
	}
}

// TestBundleFileIsTakenOnce joins by it, under the name of the settings, and
// deletes it.
func TestBundleFileIsTakenOnce(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	r.leaveQuietly()
	r.cfg.Settings.ScoutName = "pc-17"
	b := server.bundleOf(r.site.Public(), "token-1")
	taker := r.taker()
	if wait := taker.look(t.Context()); wait != bundleEvery {
		t.Errorf("without a bundle it looks again after %v", wait)
	}
	r.wantBundle("nothing is there", "", false)
	r.putBundle(b)
	taker.look(t.Context())
	r.wantBundle("joined", "", false)
	if e, _ := r.membership.current(); e == nil || e.Scout != "scout-of-pc-17" || e.Server != server.URL {
		t.Errorf("enrollment %+v", e)
	}
	r.putBundle(b) // left over: of the same site and server
	taker.look(t.Context())
	r.wantBundle("again", "", false)
	if n := len(server.requests()); n != 1 {
		t.Errorf("the server was asked %d times", n)
	}
}

// TestBundleFileAndTheServersAnswers keeps what can be tried again and deletes
// what is worth nothing.
func TestBundleFileAndTheServersAnswers(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	r.leaveQuietly()
	b := server.bundleOf(r.site.Public(), "token-1")
	taker := r.taker()
	r.putBundle(b)
	server.answerWith(http.StatusInternalServerError)
	for n := range 8 {
		wait, most := taker.look(t.Context()), bundleEvery<<min(n, bundleDoubles)
		if wait < most/2 || wait > most {
			t.Errorf("failure %d: it waits %v, of %v at most", n+1, wait, most)
		}
		r.wantBundle("the server fails", bundleWaiting, true)
	}
	asked := server.requests()
	if first, last := asked[0], asked[len(asked)-1]; string(first.Sign) != string(last.Sign) {
		t.Error("each attempt has a key of its own: a lost answer costs a use")
	}
	server.answerWith(http.StatusForbidden)
	taker.look(t.Context())
	r.wantBundle("the server refuses", bundleRefused, false)
	taker.look(t.Context())
	r.wantBundle("it stays said", bundleRefused, false)
	server.answerWith(http.StatusOK)
	r.putBundle(server.bundleOf(r.site.Public(), "token-2"))
	taker.look(t.Context())
	r.wantBundle("another one", "", false)
	asked = server.requests()
	if string(asked[0].Sign) == string(asked[len(asked)-1].Sign) {
		t.Error("another token has the key of the one before")
	}
}

// TestLostAnswerLeadsToTheSameScout dies after the server's answer and before
// the enrollment is on disk.
func TestLostAnswerLeadsToTheSameScout(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	r.leaveQuietly()
	b := server.bundleOf(r.site.Public(), "token-1")
	first, err := r.keyForToken(b.Token)
	r.must(err)
	r.reopenScout()
	r.putBundle(b)
	r.taker().look(t.Context())
	if asked := server.requests(); len(asked) != 1 || !first.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(asked[0].Sign)) {
		t.Errorf("asked %+v", asked)
	}
}

// TestBundleFileOfOthers is neither read nor used.
func TestBundleFileOfOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes are of Unix")
	}
	r, server := newRig(t), newJoinServer(t)
	r.leaveQuietly()
	b := server.bundleOf(r.site.Public(), "token-1")
	elsewhere := filepath.Join(r.dir, "elsewhere.json")
	for name, spoil := range map[string]func(){
		"others may read it":     func() { r.must(os.Chmod(r.bundleFile(), 0o604)) },
		"others may write it":    func() { r.must(os.Chmod(r.bundleFile(), 0o602)) },
		"its group may write it": func() { r.must(os.Chmod(r.bundleFile(), 0o620)) },
		"a link": func() {
			r.must(os.Rename(r.bundleFile(), elsewhere))
			r.must(os.Symlink(elsewhere, r.bundleFile()))
		},
		"a folder": func() {
			r.must(os.Remove(r.bundleFile()))
			r.must(os.Mkdir(r.bundleFile(), 0o700))
		},
		"another account's": func() {
			if os.Geteuid() == 0 {
				r.must(os.Chown(r.bundleFile(), 65534, -1))
			} else {
				r.must(os.Chmod(r.bundleFile(), 0o666))
			}
		},
		"too large": func() { r.must(os.WriteFile(r.bundleFile(), make([]byte, maxBundleFile+1), 0o600)) },
	} {
		r.putBundle(b)
		spoil()
		r.taker().look(t.Context())
		r.wantBundle(name, bundleInsecure, true)
		r.must(os.RemoveAll(r.bundleFile()))
	}
	r.putBundle(b)
	r.must(os.Chmod(r.bundleFile(), 0o640)) // its group is the agent's own
	r.taker().look(t.Context())
	r.wantBundle("the agent's group may read it", "", false)
	if n := len(server.requests()); n != 1 {
		t.Errorf("the server was asked %d times", n)
	}
}

// TestBundleFileThatIsNotOne is kept: it may not be written to its end yet.
func TestBundleFileThatIsNotOne(t *testing.T) {
	r := newRig(t)
	for _, text := range []string{"{", "null", "[]", `{"server":"http://x"}`} {
		r.must(os.WriteFile(r.bundleFile(), []byte(text), 0o600))
		r.closeToOthers(r.bundleFile())
		r.taker().look(t.Context())
		r.wantBundle(text, bundleMalformed, true)
	}
	r.must(os.WriteFile(r.bundleFile(), nil, 0o600))
	r.taker().look(t.Context())
	r.wantBundle("empty", "", true)
}

// TestBundleFileNeverChangesTheSite whatever LeaveSite says, but may move the
// computer to another server of its site.
func TestBundleFileNeverChangesTheSite(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	r.cfg.Settings.LeaveSite = true
	before, _ := r.membership.current()
	r.putBundle(server.bundleOf(r.otherSite(), "token-1"))
	r.taker().look(t.Context())
	r.wantBundle("another site", bundleOtherSite, true)
	if e, _ := r.membership.current(); e != before || len(server.requests()) != 0 {
		t.Errorf("enrollment %+v, %d requests", e, len(server.requests()))
	}
	r.putBundle(server.bundleOf(r.site.Public(), "token-2"))
	r.taker().look(t.Context())
	r.wantBundle("another server of the site", "", false)
	if e, d := r.membership.current(); e.Server != server.URL || d == nil {
		t.Errorf("enrollment %+v, directory %v", e, d)
	}
}

// TestPinnedSite joins no other, by file or command, and follows its own into
// another epoch.
func TestPinnedSite(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	r.leaveQuietly()
	r.cfg.Settings.LeaveSite = true
	r.cfg.Settings.Site = r.site.Public().Fingerprint()
	other := server.bundleOf(r.otherSite(), "token-1")
	raw := r.putBundle(other)
	r.taker().look(t.Context())
	r.wantBundle("by file", bundleOtherSite, true)
	_, err := localAPI{r.Scout}.Enroll(t.Context(), control.Enrollment{Bundle: raw})
	wantCode(t, "by command", err, control.CodeForbidden)
	if n := len(server.requests()); n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
	raw = r.putBundle(server.bundleOf(r.site.Public(), "token-2"))
	if _, err := (localAPI{r.Scout}).Enroll(t.Context(), control.Enrollment{Bundle: raw}); err != nil {
		t.Errorf("its own site: %v", err)
	}
}

// TestAnotherSiteThanThePinnedOne is said where the pin came later.
func TestAnotherSiteThanThePinnedOne(t *testing.T) {
	r := newRig(t)
	for pinned, want := range map[string]int{"": 0, r.site.Public().Fingerprint(): 0, r.otherSite().Fingerprint(): 1} {
		r.cfg.Settings.Site = pinned
		if got := r.settingWarnings(); len(got) != want {
			t.Errorf("pinned to %q: %v", pinned, got)
		}
	}
}

// TestLeaveSiteKeepsTheSite by command too.
func TestLeaveSiteKeepsTheSite(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	raw, err := json.Marshal(server.bundleOf(r.otherSite(), "token-1"))
	r.must(err)
	_, err = localAPI{r.Scout}.Enroll(t.Context(), control.Enrollment{Bundle: raw})
	wantCode(t, "another site", err, control.CodeForbidden)
	_, err = localAPI{r.Scout}.Unenroll(t.Context(), control.Leaving{})
	wantCode(t, "leaving", err, control.CodeForbidden)
	raw, err = json.Marshal(server.bundleOf(r.site.Public(), "token-2"))
	r.must(err)
	if _, err := (localAPI{r.Scout}).Enroll(t.Context(), control.Enrollment{Bundle: raw}); err != nil {
		t.Errorf("its own site: %v", err)
	}
}

func wantCode(t *testing.T, what string, err error, code control.Code) {
	t.Helper()
	if e, ok := errors.AsType[*control.Error](err); !ok || e.Code != code || e.Hint == "" {
		t.Errorf("%s: %v", what, err)
	}
}

// TestBundleFileThatCannotBeRemoved is emptied; if not even that is possible,
// status says so and the bundle is not used again.
func TestBundleFileThatCannotBeRemoved(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	r.leaveQuietly()
	taker := r.taker()
	taker.unlink = func(string) error { return fs.ErrPermission }
	r.putBundle(server.bundleOf(r.site.Public(), "token-1"))
	taker.look(t.Context())
	r.wantBundle("emptied", "", true)
	if info, err := os.Stat(r.bundleFile()); err != nil || info.Size() != 0 {
		t.Errorf("%v, %v", info, err)
	}
	taker.empty = taker.unlink
	server.answerWith(http.StatusForbidden)
	r.leaveQuietly()
	r.putBundle(server.bundleOf(r.site.Public(), "token-2"))
	taker.look(t.Context())
	r.wantBundle("refused", bundleRefused, true)
	for range 3 {
		taker.look(t.Context())
		r.wantBundle("it is still there", bundleLeft, true)
	}
	if n := len(server.requests()); n != 2 {
		t.Errorf("the server was asked %d times", n)
	}
	taker.unlink = os.Remove
	taker.look(t.Context())
	r.wantBundle("it can be removed now", "", false)
}

// TestBundleFileIsReplacedMeanwhile leaves the new one for the next look.
func TestBundleFileIsReplacedMeanwhile(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	r.leaveQuietly()
	old := r.putBundle(server.bundleOf(r.site.Public(), "token-1"))
	taker := r.taker()
	var err error
	_, taker.info, err = readBundleFile(r.bundleFile())
	r.must(err)
	r.must(os.Rename(r.bundleFile(), r.bundleFile()+".old"))
	r.putBundle(server.bundleOf(r.site.Public(), "token-2"))
	taker.remove(old)
	if !fileExists(r.bundleFile()) {
		t.Error("the new one was removed")
	}
}

// TestBundleIsInNoLog takes bundles in every way that there is something to
// say of.
func TestBundleIsInNoLog(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	log := new(ledger)
	r.close()
	r.handler = slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})
	r.openScout()
	r.leaveQuietly()
	for i, status := range []int{http.StatusInternalServerError, http.StatusForbidden, http.StatusOK} {
		server.answerWith(status)
		b := server.bundleOf(r.site.Public(), "S3CRET"+string(rune('A'+i)))
		r.putBundle(b)
		r.taker().look(t.Context())
	}
	r.must(os.WriteFile(r.bundleFile(), []byte(`{"token":"S3CRETX","expires":"S3CRETY"`), 0o600))
	r.taker().look(t.Context())
	if lines := log.linesWith("S3CRET"); len(lines) != 0 {
		t.Errorf("the log has %s", strings.Join(lines, ""))
	}
	if len(log.linesWith("BundleFile")) == 0 {
		t.Error("the log says nothing of the file")
	}
}

// TestBundleFileIsLookedForOnceAMinute also after it has joined.
func TestBundleFileIsLookedForOnceAMinute(t *testing.T) {
	r, server := newRig(t), newJoinServer(t)
	r.leaveQuietly()
	r.cfg.Settings.BundleFile = r.bundleFile()
	waits, tick := make(chan time.Duration), make(chan time.Time)
	r.cfg.After = func(d time.Duration) <-chan time.Time {
		waits <- d
		return tick
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.watchBundle(ctx) })
	for range 3 {
		if d := <-waits; d < bundleEvery {
			t.Errorf("it looks again after %v", d)
		}
		if !fileExists(r.bundleFile()) {
			r.putBundle(server.bundleOf(r.site.Public(), "token-1"))
		}
		tick <- time.Time{}
	}
	<-waits
	cancel()
	running.Wait()
	r.wantBundle("at the end", "", false)
	if n := len(server.requests()); n != 1 {
		t.Errorf("the server was asked %d times", n)
	}
}

// TestPendingIsShown as the server says it; meanwhile owners release their jobs
// themselves.
func TestPendingIsShown(t *testing.T) {
	r := newHostileRig(t)
	r.talk = func(p *hostilePeer) {
		p.sendWelcome(`,"pd":true,"w":true`)
		if m, ok := p.nextMessage(); ok {
			r.rig.t.Errorf("the scout says %#v", m)
		}
	}
	stop := r.startLink()
	peers.Await(t, "status says that it is pending", func() bool {
		return localAPI{r.Scout}.statusWithoutAnswers(aliceHerself).Pending
	})
	r.worksAlone(0)
	stop()
}
