package scout

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"
	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/spooler/docinfo"
	"github.com/printscout/printscout/vault"
)

// parkPIN takes a job in that was printed with a PIN.
func (r *rig) parkPIN(user string, secret []byte) uuid.UUID {
	r.t.Helper()
	p, err := intake{r.Scout}.Begin(r.t.Context(), spooler.Ticket{
		JobID: 1, JobUUID: "urn:uuid:" + uuid.NewString(), Title: "title", User: user, Source: spooler.FromKernel,
		Copies: 1, Created: r.clock, Password: spooler.Password(secret),
	})
	r.must(err)
	_, err = p.Write(doc)
	r.must(err)
	r.must(p.End(spooler.Document{Format: "application/pdf", Info: docinfo.Info{Format: "application/pdf"}}))
	_, err = p.Park()
	r.must(err)
	return p.(*incomingJob).ID()
}

// pinOrder is a good order that brings a PIN.
func (r *rig) pinOrder(id uuid.UUID, given string) wire.Order {
	r.t.Helper()
	o := r.newOrder(id)
	raw, err := r.keys.Load(wrapKey)
	r.must(err)
	key, err := vault.ParsePrivateKey(raw)
	r.must(err)
	o.PIN, err = wire.SealPIN(key.Public(), o.ID, o.Job, given)
	r.must(err)
	return o
}

// byHand releases jobs as the command line does.
func (r *rig) byHand(c control.Caller, given string, ids ...uuid.UUID) []control.Result {
	r.t.Helper()
	req := control.Release{All: len(ids) == 0, Printer: "lobby", PIN: []byte(given)}
	for _, id := range ids {
		req.Jobs = append(req.Jobs, id.String())
	}
	p, err := localAPI{r.Scout}.Release(c, req)
	r.must(err)
	p, err = localAPI{r.Scout}.Wait(r.t.Context(), c, p.ID)
	r.must(err)
	return allResults(r.t, p)
}

var (
	aliceHerself = control.Caller{UID: "7", Name: alice}
	root         = control.Caller{UID: "0", Name: "root", Admin: true}
)

// TestPINIsAskedOfEverybody releases a job with a PIN in every way there is.
func TestPINIsAskedOfEverybody(t *testing.T) {
	r := newRig(t)
	id := r.parkPIN(alice, []byte("4711"))
	for who, release := range map[string]func(given string) (state, reason string){
		"its owner": func(g string) (string, string) {
			got := r.byHand(aliceHerself, g, id)[0]
			return string(got.State), got.Reason
		},
		"an administrator": func(g string) (string, string) { got := r.byHand(root, g, id)[0]; return string(got.State), got.Reason },
		"all of them": func(g string) (string, string) {
			got := r.byHand(aliceHerself, g)[0]
			return string(got.State), got.Reason
		},
		"the server": func(g string) (string, string) {
			o := r.newOrder(id)
			if g != "" {
				o = r.pinOrder(id, g)
			}
			got := r.Order(t.Context(), o)
			return string(got.State), got.Reason
		},
	} {
		r.forgiveTries(id)
		if state, reason := release(""); state != wire.NotSent || reason != "pin-required" {
			t.Errorf("%s without it: %s, %s", who, state, reason)
		}
		for _, wrong := range []string{"4712", "471", "47110", "4711\x00", "\x00"} {
			if state, reason := release(wrong); state != wire.NotSent || reason != "pin-wrong" {
				t.Errorf("%s with %q: %s, %s", who, wrong, state, reason)
			}
		}
		if state, reason := release("4711"); state != wire.NotSent || reason != "pin-locked" {
			t.Errorf("%s after five wrong ones: %s, %s", who, state, reason)
		}
		if r.stateOf(id) != Parked || r.printedCount() != 0 {
			t.Fatalf("%s: the job is %s, %d printed", who, r.stateOf(id), r.printedCount())
		}
	}
	r.clock = r.clock.Add(lockTime)
	r.reopenScout() // the job's note knows when the lock ends
	if got := r.Order(t.Context(), r.pinOrder(id, "4711")); got.State != wire.Delivered || r.printedCount() != 1 {
		t.Errorf("%+v", got)
	}
	if len(r.pins.wrong) != 0 {
		t.Error("tries of a job that is gone are remembered")
	}
}

// TestPINWithAll releases everything with the PIN of one.
func TestPINWithAll(t *testing.T) {
	r := newRig(t)
	fits, other, none := r.parkPIN(alice, []byte("1")), r.parkPIN(alice, []byte("2")), r.parkJob(alice, doc)
	got := map[string]string{}
	for _, one := range r.byHand(aliceHerself, "1") {
		got[one.Job] = string(one.State) + " " + one.Reason
	}
	for id, want := range map[uuid.UUID]string{fits: "delivered", none: "delivered", other: "not_sent pin-wrong"} {
		if strings.TrimSpace(got[id.String()]) != want {
			t.Errorf("%q, want %q", got[id.String()], want)
		}
	}
	if r.stateOf(other) != Parked || r.printedCount() != 2 {
		t.Errorf("the other is %s, %d printed", r.stateOf(other), r.printedCount())
	}
}

// TestPINOfAnotherOrder gives a scout PINs that were sealed for something
// else; that is no try.
func TestPINOfAnotherOrder(t *testing.T) {
	r := newRig(t)
	id, other := r.parkPIN(alice, []byte("4711")), r.parkPIN(alice, []byte("4711"))
	good := r.pinOrder(id, "4711")
	again := r.newOrder(id)
	again.PIN = good.PIN
	second := good
	second.Job = other.String()
	broken := r.newOrder(id)
	broken.PIN = bytes.Repeat([]byte{1}, 64)
	for range maxTries + 1 {
		for name, o := range map[string]wire.Order{"of another order": again, "of another job": second, "of nobody": broken} {
			if got := r.Order(t.Context(), o); got.State != wire.NotSent || got.Reason != "pin-unreadable" {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
	if got := r.Order(t.Context(), good); got.State != wire.Delivered {
		t.Errorf("the good one: %+v", got)
	}
	plain := r.parkJob(alice, doc)
	if got := r.Order(t.Context(), r.pinOrder(plain, "4711")); got.State != wire.Delivered {
		t.Errorf("a job without a PIN: %+v", got)
	}
}

// TestTriesAreCounted goes through what the counter promises, with many tries
// at once, a clock that moves, and a good PIN between.
func TestTriesAreCounted(t *testing.T) {
	now := time.Now()
	p := newPINTries(func() time.Time { return now }, func(uuid.UUID, *tries) {})
	j := &job{id: uuid.New(), ticket: ticket{PIN: pin("4711")}}
	check := func(given string) string { return p.checkPIN(j, []byte(given), false) }
	count := func(given string, n int) map[string]int {
		var mu sync.Mutex
		var all sync.WaitGroup
		got := map[string]int{}
		for range n {
			all.Go(func() {
				reason := check(given)
				mu.Lock()
				defer mu.Unlock()
				got[reason]++
			})
		}
		all.Wait()
		return got
	}
	if got := count("x", 40); got["pin-wrong"] != maxTries || got["pin-locked"] != 40-maxTries {
		t.Errorf("40 at once: %v", got)
	}
	for lock := lockTime; ; lock = min(2*lock, longestLock) {
		now = now.Add(lock - 1)
		if got := check("4711"); got != "pin-locked" {
			t.Errorf("a moment before the end of %s: %q", lock, got)
		}
		now = now.Add(1)
		if lock == longestLock {
			break
		}
		if got := count("x", 2*maxTries); got["pin-wrong"] != maxTries || got["pin-locked"] != maxTries {
			t.Errorf("after %s: %v", lock, got)
		}
	}
	if got := count("x", maxTries-1); got["pin-wrong"] != maxTries-1 {
		t.Errorf("afterwards: %v", got)
	}
	if got := check("4711"); got != "" {
		t.Errorf("the right one: %q", got)
	}
	if got := count("x", maxTries); got["pin-wrong"] != maxTries {
		t.Errorf("counted anew: %v", got)
	}
	now = now.Add(lockTime)
	if got := check("x"); got != "pin-wrong" {
		t.Errorf("the first lock anew: %q", got)
	}
	count("x", maxTries)
	now = now.Add(-1000 * time.Hour)
	if got := check("4711"); got != "pin-locked" {
		t.Errorf("with a clock that was set back: %q", got)
	}
	now = now.Add(2 * lockTime)
	if got := check("4711"); got != "" {
		t.Errorf("with a clock that was set back, in the end: %q", got)
	}
	count("x", maxTries)
	other := &job{id: uuid.New(), ticket: ticket{PIN: pin("1")}}
	if got := p.checkPIN(other, []byte("1"), false); got != "" {
		t.Errorf("another job: %q", got)
	}
	if got := p.checkPIN(j, nil, false); got != "pin-required" {
		t.Errorf("none, while locked: %q", got)
	}
	if got := p.checkPIN(&job{id: j.id}, []byte("x"), false); got != "" {
		t.Errorf("a job without one: %q", got)
	}
}

// forgiveTries is what a PIN that is right does.
func (r *rig) forgiveTries(id uuid.UUID) {
	r.t.Helper()
	r.pins.forgetJob(id)
	r.must(r.table.amendNote(id, func(n *note) { n.Tries = nil }))
}

// TestTriesOutliveARestart gives wrong PINs with a restart after each, by the
// server and by hand.
func TestTriesOutliveARestart(t *testing.T) {
	r := newRig(t)
	r.cfg.Settings.JobRetention = 10000 * time.Hour
	id := r.parkPIN(alice, []byte("4711"))
	byServer := func(given string) string {
		r.reopenScout()
		return r.Order(t.Context(), r.pinOrder(id, given)).Reason
	}
	wrong, locks := 0, 0
	for lock := lockTime; wrong < maxServerTries; lock *= 2 {
		for range maxTries {
			if got := byServer("x"); got != "pin-wrong" {
				t.Fatalf("after %d wrong ones: %s", wrong, got)
			}
			wrong++
		}
		locks++
		if got := byServer("4711"); wrong < maxServerTries && got != "pin-locked" {
			t.Errorf("lock %d: %s", locks, got)
		}
		r.clock = r.clock.Add(lock - time.Second)
		if got := byServer("4711"); wrong < maxServerTries && got != "pin-locked" {
			t.Errorf("a moment before the end of lock %d: %s", locks, got)
		}
		r.clock = r.clock.Add(time.Second)
	}
	r.clock = r.clock.Add(longestLock)
	for range 3 {
		if got := byServer("4711"); got != "pin-exhausted" {
			t.Errorf("after %d by the server: %s", wrong, got)
		}
		if got := r.byHand(aliceHerself, "x", id)[0].Reason; got != "pin-wrong" {
			t.Errorf("by hand: %s", got)
		}
	}
	r.printer.SetFault(goipp.OpCreateJob, simprinter.Fault{Status: goipp.StatusErrorNotAcceptingJobs, Times: 1})
	if got := r.byHand(aliceHerself, "4711", id)[0]; got.State != wire.NotSent || got.Reason != "not-accepting" {
		t.Fatalf("by hand, with the right one: %+v", got)
	}
	if got := r.Order(t.Context(), r.pinOrder(id, "4711")); got.State != wire.Delivered {
		t.Errorf("by the server, after a release at the computer: %+v", got)
	}
}

// TestPINIsNowhere parks and releases jobs with PINs of all kinds and looks
// for them in everything that leaves the agent or lies on disk.
func TestPINIsNowhere(t *testing.T) {
	r := newRig(t)
	r.close()
	var said bytes.Buffer
	r.cfg.Log = slog.New(slog.NewJSONHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := New(r.cfg)
	r.must(err)
	r.Scout = s
	secrets := [][]byte{[]byte("correct horse battery staple"), []byte("größe-0815-ñandú"), bytes.Repeat([]byte{0xfe, 7}, 100)}
	for range 10 {
		b := make([]byte, 12+len(secrets))
		rand.Read(b)
		secrets = append(secrets, b)
	}
	var out bytes.Buffer
	tell := func(v any) {
		b, err := json.Marshal(v)
		r.must(err)
		out.Write(b)
		fmt.Fprintf(&out, "%v %+v %#v %s %q %x", v, v, v, v, v, v)
	}
	for _, secret := range secrets {
		id := r.parkPIN(alice, secret)
		j, _ := r.table.jobByID(id)
		if !bytes.Equal(j.ticket.PIN, secret) {
			t.Fatal("the PIN did not come")
		}
		fmt.Fprintf(&out, "%v %+v %#v %s %x %q", j.ticket, j.ticket, j.ticket, j.ticket.PIN, j.ticket.PIN, j.ticket.PIN)
		tell(j.controlJob())
		if !j.controlJob().PINRequired {
			t.Error("nobody is told that there is one")
		}
		tell(r.jobMetadata(j))
		for _, given := range []string{"", "wrong-one-here", string(secret)} {
			o := r.newOrder(id)
			if given != "" {
				o = r.pinOrder(id, given)
			}
			frame, err := wire.Encode(o)
			r.must(err)
			out.Write(frame)
			tell(r.Order(t.Context(), o))
		}
		kept := r.parkPIN(alice, secret)
		r.must(r.table.claimJob(kept, "lobby", "o", nil))
		r.must(r.table.setState(kept, Parked, nil)) // it has a note now
	}
	r.reopenScout()
	for _, secret := range secrets {
		r.wantNowhere(secret, out.Bytes(), said.Bytes())
	}
	for _, j := range r.table.matchingJobs(func(*job) bool { return true }) {
		if len(j.ticket.PIN) == 0 {
			t.Error("a PIN was lost by a restart")
		}
	}
}

// wantNowhere looks for a secret, as it is and as programs write bytes, in the
// state folder and in what was said.
func (r *rig) wantNowhere(secret []byte, said ...[]byte) {
	r.t.Helper()
	forms := [][]byte{secret, []byte(hex.EncodeToString(secret)), []byte(base64.StdEncoding.EncodeToString(secret)), []byte(fmt.Sprintf("%q", secret))}
	err := filepath.WalkDir(filepath.Join(r.dir, "state"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		said = append(said, b)
		return err
	})
	r.must(err)
	for _, form := range forms {
		for i, where := range said {
			if bytes.Contains(where, form) {
				r.t.Fatalf("the PIN is told, in place %d", i)
			}
		}
	}
}
