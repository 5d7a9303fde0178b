package scout

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/loglimit"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/spooler/docinfo"
)

// On Windows, go-winio has a goroutine for as long as the process lives.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Microsoft/go-winio.ioCompletionProcessor"))
}

// rig is an agent that has joined a site, with a clock of the test's own and
// a printer made of software called lobby. It listens on nothing.
type rig struct {
	*Scout
	t       *testing.T
	dir     string
	site    *directory.Site
	printer *simprinter.Printer
	clock   time.Time
	handler slog.Handler // of its log; nil: nothing is logged
}

// alice owns the jobs of a rig.
const alice = "alice"

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), clock: time.Now()}
	var err error
	if r.printer, err = simprinter.Start(simprinter.Config{Dir: filepath.Join(r.dir, "out")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.printer.Close() })
	if r.site, _, err = directory.CreateSite(filepath.Join(r.dir, "site"), "test", time.Now()); err != nil {
		t.Fatal(err)
	}
	id, err := delivery.New(delivery.Config{}).Inspect(t.Context(), r.printer.URI())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.site.AddPrinter(directory.NewPrinter("lobby", []string{id.URI}, id.Pin, ""), time.Now()); err != nil {
		t.Fatal(err)
	}
	r.openScout()
	t.Cleanup(func() { r.close() })
	r.joinSite()
	return r
}

// openScout starts the agent on what is in the folder.
func (r *rig) openScout() {
	r.t.Helper()
	handler := r.handler
	if handler == nil {
		handler = slog.DiscardHandler
	}
	s, err := New(Config{
		Settings: settings.Values{StateDir: filepath.Join(r.dir, "state"), JobRetention: time.Hour, PrinterName: "p"},
		Version:  "test", Log: slog.New(handler), Now: func() time.Time { return r.clock },
		// A printer that knows nothing of a job is asked this long.
		Delivery: delivery.Config{Timeouts: delivery.Timeouts{Wake: time.Second, Ready: time.Second, Settle: 2 * time.Second, Lost: 10 * time.Second}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.Scout = s
}

// reopenScout ends the agent without ceremony and starts it anew.
func (r *rig) reopenScout() {
	r.t.Helper()
	r.close()
	r.openScout()
}

// joinSite does what enrollment does, without a server.
func (r *rig) joinSite() {
	r.t.Helper()
	p := r.site.Public()
	b := wire.Bundle{Server: "https://localhost:1", Site: p, Fingerprint: p.Fingerprint()}
	key := make([]byte, 64)
	if err := r.membership.joinSite(b, "scout-1", key, r.clock); err != nil {
		r.t.Fatal(err)
	}
	r.offerNewDirectory()
}

func (r *rig) signedDirectory() []byte {
	r.t.Helper()
	_, raw, err := directory.LoadDirectory(filepath.Join(r.dir, "site"))
	if err != nil {
		r.t.Fatal(err)
	}
	return raw
}

func (r *rig) offerNewDirectory() {
	r.t.Helper()
	if err := r.OfferDirectory(r.signedDirectory()); err != nil {
		r.t.Fatal(err)
	}
}

// parkJob takes a job in as the printer on loopback would hand it over.
func (r *rig) parkJob(user string, docs ...[]byte) uuid.UUID {
	r.t.Helper()
	id, _ := r.parkAndTell(user, docs...)
	return id
}

// parkAndTell also returns what the owner's print queue is told.
func (r *rig) parkAndTell(user string, docs ...[]byte) (id uuid.UUID, told string) {
	r.t.Helper()
	p, err := intake{r.Scout}.Begin(r.t.Context(), spooler.Ticket{
		JobID: 1, JobUUID: "urn:uuid:" + uuid.NewString(), Title: "title", User: user, Source: spooler.FromKernel,
		Copies: 1, Created: r.clock,
	})
	r.must(err)
	for _, doc := range docs {
		tap := docinfo.New()
		_, err := io.Copy(io.MultiWriter(p, tap), bytes.NewReader(doc))
		r.must(err)
		r.must(p.End(spooler.Document{Format: "application/pdf", Compression: "none", Info: tap.Info()}))
	}
	told, err = p.Park()
	r.must(err)
	return p.(*incomingJob).ID(), told
}

// newOrder is a good one for a job.
func (r *rig) newOrder(id uuid.UUID) wire.Order {
	return wire.Order{
		ID: uuid.NewString(), Job: id.String(), Printer: "lobby", User: r.ownerTag(alice),
		Issued: r.clock, Expires: r.clock.Add(time.Minute),
	}
}

func (r *rig) stateOf(id uuid.UUID) State {
	j, ok := r.table.jobByID(id)
	if !ok {
		return "gone"
	}
	return j.note.State
}

// printedCount counts the documents that came out.
func (r *rig) printedCount() int {
	names, err := filepath.Glob(filepath.Join(r.dir, "out", "[0-9]*"))
	if err != nil {
		r.t.Fatal(err)
	}
	return len(names)
}

var doc = []byte("%PDF-1.4\n<< /Type /Page >>\n%%EOF\n")

func TestGoodOrder(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	got := r.Order(t.Context(), r.newOrder(id))
	if got.State != wire.Delivered || got.Grade != "ipps-pinned" || r.stateOf(id) != "gone" || r.printedCount() != 1 {
		t.Errorf("%+v; the job is %s, %d printed", got, r.stateOf(id), r.printedCount())
	}
	if left, _ := os.ReadDir(filepath.Join(r.dir, "state", VaultDir)); strings.Contains(entryNames(left), id.String()) {
		t.Errorf("left in the vault: %s", entryNames(left))
	}
}

func entryNames(entries []os.DirEntry) (s string) {
	for _, e := range entries {
		s += e.Name() + " "
	}
	return s
}

// TestRefusedOrdersAreLoggedOnce a minute for each reason, however many come.
func TestRefusedOrdersAreLoggedOnce(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	var log strings.Builder
	r.quiet = loglimit.New(slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return r.clock })
	flood := func() {
		for range 200 {
			stale, stranger := r.newOrder(id), r.newOrder(id)
			stale.Issued = r.clock.Add(-time.Hour)
			stranger.Printer = "evil"
			for _, o := range []wire.Order{stale, stranger} {
				if got := r.Order(t.Context(), o); got.State != wire.NotSent {
					t.Fatalf("%+v", got)
				}
			}
		}
	}
	flood()
	if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), "reason=order-stale") || !strings.Contains(log.String(), "reason=printer-unknown") {
		t.Errorf("%d lines: %s", n, log.String())
	}
	r.clock = r.clock.Add(loglimit.Every)
	flood()
	if n := strings.Count(log.String(), "\n"); n != 4 || !strings.Contains(log.String(), "not_logged=199") {
		t.Errorf("%d lines: %s", n, log.String())
	}
}

// TestHostileOrders is a server that has been taken over and tries.
func TestHostileOrders(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	uncertain := r.parkJob(alice, doc)
	r.must(r.table.claimJob(uncertain, "lobby", "o", func(error) {}))
	r.must(r.table.setState(uncertain, Uncertain, nil))
	busy := r.parkJob(alice, doc)
	r.must(r.table.claimJob(busy, "lobby", "o", func(error) {}))
	for name, c := range map[string]struct {
		change func(*wire.Order)
		reason string
	}{
		"no order id":                 {func(o *wire.Order) { o.ID = "" }, "order-malformed"},
		"no job id":                   {func(o *wire.Order) { o.Job = "../../etc/passwd" }, "order-malformed"},
		"a job that is not there":     {func(o *wire.Order) { o.Job = uuid.NewString() }, "job-unknown"},
		"from yesterday":              {func(o *wire.Order) { o.Issued = r.clock.Add(-24 * time.Hour) }, "order-stale"},
		"two minutes old":             {func(o *wire.Order) { o.Issued = r.clock.Add(-2 * time.Minute) }, "order-stale"},
		"two minutes ahead":           {func(o *wire.Order) { o.Issued = r.clock.Add(2 * time.Minute) }, "order-stale"},
		"expired":                     {func(o *wire.Order) { o.Expires = r.clock }, "order-stale"},
		"without a time":              {func(o *wire.Order) { o.Issued, o.Expires = time.Time{}, time.Time{} }, "order-stale"},
		"good for a year":             {func(o *wire.Order) { o.Expires = r.clock.Add(365 * 24 * time.Hour) }, "order-stale"},
		"for another person":          {func(o *wire.Order) { o.User = r.ownerTag("mallory") }, "not-owner"},
		"for nobody":                  {func(o *wire.Order) { o.User = "" }, "not-owner"},
		"for the owner by name":       {func(o *wire.Order) { o.User = alice }, "not-owner"},
		"a printer not signed":        {func(o *wire.Order) { o.Printer = "evil" }, "printer-unknown"},
		"a printer by its address":    {func(o *wire.Order) { o.Printer = r.printer.URI() }, "printer-unknown"},
		"no printer":                  {func(o *wire.Order) { o.Printer = "" }, "printer-unknown"},
		"a job that is uncertain":     {func(o *wire.Order) { o.Job = uncertain.String() }, "job-uncertain"},
		"a job that is being printed": {func(o *wire.Order) { o.Job = busy.String() }, "job-releasing"},
	} {
		t.Run(name, func(t *testing.T) {
			o := r.newOrder(id)
			c.change(&o)
			got := r.Order(t.Context(), o)
			if got.State != wire.NotSent || got.Reason != c.reason {
				t.Errorf("%+v", got)
			}
			if r.stateOf(id) != Parked {
				t.Errorf("the job is %s", r.stateOf(id))
			}
		})
	}
	if s := r.printer.Stats(); r.printedCount() != 0 || s.DocumentBytes != 0 {
		t.Errorf("%d printed, %d bytes sent", r.printedCount(), s.DocumentBytes)
	}
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.Delivered {
		t.Errorf("the good order afterwards: %+v", got)
	}
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// TestClaimedAndHeld wants jobs left alone whose owner is only claimed, or that
// their print queue holds, until an administrator comes or the queue lets go.
func TestClaimedAndHeld(t *testing.T) {
	r := newRig(t)
	me, root := control.Caller{UID: "7", Name: alice}, control.Caller{UID: "0", Name: "root", Admin: true}
	for _, c := range []struct {
		ticket ticket
		reason string
		code   control.Code
		admin  bool // may release it all the same
	}{
		{ticket{Source: spooler.FromSpooler}, "owner-claimed", control.CodeForbidden, true},
		{ticket{Source: spooler.Claimed}, "owner-claimed", control.CodeForbidden, true},
		{ticket{}, "owner-claimed", control.CodeForbidden, true},
		{ticket{Source: spooler.FromKernel, Held: true}, "job-held", control.CodeConflict, false},
	} {
		id := r.parkJob(alice, doc)
		r.table.mu.Lock()
		r.table.jobs[id].ticket.Source, r.table.jobs[id].ticket.Held = c.ticket.Source, c.ticket.Held
		r.table.mu.Unlock()
		if j, err := (localAPI{r.Scout}).Job(me, id.String()); err != nil || j.ReasonWord != c.reason || j.Reason == "" {
			t.Errorf("%+v: it is shown as %+v, %v", c.ticket, j, err)
		}
		if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.NotSent || got.Reason != c.reason {
			t.Errorf("%+v: the order: %+v", c.ticket, got)
		}
		request := control.Release{Jobs: []string{id.String()}, Printer: "lobby"}
		_, err := localAPI{r.Scout}.Release(me, request)
		if e, ok := errors.AsType[*control.Error](err); !ok || e.Code != c.code {
			t.Errorf("%+v: its owner: %v", c.ticket, err)
		}
		p, err := localAPI{r.Scout}.Release(root, request)
		if (err == nil) != c.admin {
			t.Errorf("%+v: an administrator: %v", c.ticket, err)
		}
		if err == nil {
			if p, err = (localAPI{r.Scout}).Wait(t.Context(), root, p.ID); err != nil || allResults(t, p)[0].State != wire.Delivered {
				t.Errorf("%+v: an administrator: %+v, %v", c.ticket, p, err)
			}
		}
	}
	r.cfg.Settings.QueueChecksUsers = true
	id := r.parkJob(alice, doc)
	r.table.mu.Lock()
	r.table.jobs[id].ticket.Source = spooler.FromSpooler
	r.table.mu.Unlock()
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.Delivered {
		t.Errorf("from a queue that checks: %+v", got)
	}
}

// TestDocumentsAreLookedInto parks a PDF whose pages only its end tells, and
// removes another while it is being looked into.
func TestDocumentsAreLookedInto(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, peers.PDF(595, 842))
	gone := r.parkJob(alice, peers.PDF(595, 842))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.runExaminer(ctx) }()
	r.forgetJob(gone, Canceled)
	peers.Await(t, "the document was looked into", func() bool {
		j, _ := r.table.jobByID(id)
		return j.note.Info != nil
	})
	stop()
	r.must(<-done)
	j, _ := r.table.jobByID(id)
	if v := j.controlJob(); v.Pages == nil || *v.Pages != 1 || v.PagesCertainty != "exact" || v.Media != "iso_a4_210x297mm" {
		t.Errorf("%+v", v)
	}
	if r.stateOf(gone) != "gone" || len(r.vault.Jobs()) != 1 {
		t.Errorf("the other one is %s", r.stateOf(gone))
	}
	r.must(r.table.claimJob(id, "lobby", "o", nil))
	r.must(r.table.setState(id, Parked, nil))
	r.reopenScout()
	if j, _ := r.table.jobByID(id); j.note.Info == nil {
		t.Error("it is not remembered with the state")
	}
}

// TestDamagedWhileParked turns a bit of a parked document under a running
// agent: nothing of it is printed, and it is reported, not listed for ever.
func TestDamagedWhileParked(t *testing.T) {
	peers.Short(t, "a large document")
	r := newRig(t)
	noise := make([]byte, 2<<20)
	rand.Read(noise)
	whole := append(bytes.Clone(doc), noise...)
	id := r.parkJob(alice, whole)
	name := filepath.Join(r.dir, "state", VaultDir, id.String()+".job")
	raw, err := os.ReadFile(name)
	r.must(err)
	raw[len(raw)/2] ^= 1
	r.must(os.WriteFile(name, raw, 0o600))
	got := r.Order(t.Context(), r.newOrder(id))
	if got.State == wire.Delivered || got.Reason != outcome.ReasonUnreadable {
		t.Errorf("%+v", got)
	}
	if r.stateOf(id) != "gone" || len(r.vault.Damaged()) != 1 {
		t.Errorf("the job is %s, %d damaged", r.stateOf(id), len(r.vault.Damaged()))
	}
	names, _ := filepath.Glob(filepath.Join(r.dir, "out", "[0-9]*"))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Size() >= int64(len(whole)) {
			t.Errorf("%s was printed whole", name)
		}
	}
	if again := r.Order(t.Context(), r.newOrder(id)); again.Reason != "job-unknown" {
		t.Errorf("afterwards: %+v", again)
	}
}

// TestReplayedOrder repeats an order: at once, from many sides, and after a
// restart.
func TestReplayedOrder(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	o := r.newOrder(id)
	results := make(chan wire.Result)
	for range 8 {
		go func() { results <- r.Order(t.Context(), o) }()
	}
	for range 8 {
		if got := <-results; got.State != wire.Delivered {
			t.Errorf("%+v", got)
		}
	}
	r.reopenScout()
	r.clock = r.clock.Add(time.Hour)
	if got := r.Order(t.Context(), o); got.State != wire.Delivered || got.Order != o.ID {
		t.Errorf("after a restart, an hour later: %+v", got)
	}
	if r.printedCount() != 1 {
		t.Errorf("%d copies came out", r.printedCount())
	}
}

// TestReplayAfterAFailure repeats an order that was carried out and failed:
// its result comes again, although the printer would take it now.
func TestReplayAfterAFailure(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	o := r.newOrder(id)
	r.printer.SetFault(goipp.OpCreateJob, simprinter.Fault{Status: goipp.StatusErrorNotAcceptingJobs, Times: 1})
	first := r.Order(t.Context(), o)
	if first.State != wire.NotSent || r.stateOf(id) != Parked {
		t.Fatalf("%+v; the job is %s", first, r.stateOf(id))
	}
	if again := r.Order(t.Context(), o); again.State != wire.NotSent || again.Reason != first.Reason {
		t.Errorf("repeated: %+v", again)
	}
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.Delivered || r.printedCount() != 1 {
		t.Errorf("a new order: %+v, %d printed", got, r.printedCount())
	}
}

// TestHostileDirectory offers directories that the site did not sign, or
// signed long ago.
func TestHostileDirectory(t *testing.T) {
	r := newRig(t)
	old := r.signedDirectory()
	other, _, err := directory.CreateSite(filepath.Join(r.dir, "other"), "test", time.Now())
	r.must(err)
	r.must(other.AddPrinter(directory.NewPrinter("evil", []string{"ipp://127.0.0.1:1/"}, "", ""), time.Now()))
	_, foreign, err := directory.LoadDirectory(filepath.Join(r.dir, "other"))
	r.must(err)
	r.must(r.site.AddPrinter(directory.NewPrinter("second", []string{r.printer.PlainURI()}, "", ""), time.Now()))
	r.offerNewDirectory()
	changed := bytes.Replace(r.signedDirectory(), []byte("ey"), []byte("ez"), 1)
	for name, envelope := range map[string][]byte{"older": old, "of another site": foreign, "changed": changed, "nothing": nil} {
		if err := r.OfferDirectory(envelope); err == nil {
			t.Errorf("a directory that is %s was taken", name)
		}
	}
	for restart := range 2 {
		if _, err := r.membership.findPrinter("second"); err != nil {
			t.Errorf("start %d: %v", restart, err)
		}
		if _, err := r.membership.findPrinter("evil"); err == nil {
			t.Errorf("start %d: a printer that the site did not sign", restart)
		}
		r.reopenScout()
	}
}

// TestKeptDirectoryIsCheckedAtStart changes the directory on disk.
func TestKeptDirectoryIsCheckedAtStart(t *testing.T) {
	r := newRig(t)
	name := filepath.Join(r.dir, "state", directoryFile)
	raw, err := os.ReadFile(name)
	r.must(err)
	r.must(os.WriteFile(name, bytes.Replace(raw, []byte("ey"), []byte("ez"), 1), 0o600))
	r.reopenScout()
	if _, err := r.membership.findPrinter("lobby"); err == nil {
		t.Error("it was taken")
	}
}

func TestTransitions(t *testing.T) {
	all := []State{Parked, Waiting, Releasing, Uncertain, Delivered, Canceled, Expired}
	page, err := os.ReadFile("../docs/job-states.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range all {
		if !strings.Contains(string(page), string(from)) {
			t.Errorf("docs/job-states.md does not know %s", from)
		}
		for _, to := range all {
			if from.isFinal() && from.mayBecome(to) {
				t.Errorf("%s ended and may become %s", from, to)
			}
		}
	}
	for _, never := range [][2]State{{Parked, Delivered}, {Parked, Uncertain}, {Uncertain, Releasing}, {Releasing, Expired},
		{Waiting, Releasing}, {Waiting, Uncertain}, {Waiting, Delivered}} {
		if never[0].mayBecome(never[1]) {
			t.Errorf("%s may become %s", never[0], never[1])
		}
	}
}

// TestInterrupted stops the agent, as a kill does, where nothing has reached a
// printer, or all of it is over.
func TestInterrupted(t *testing.T) {
	for name, c := range map[string]struct {
		until  func(*rig, uuid.UUID)
		want   State
		result string // of the order, repeated
	}{
		"order taken": {func(r *rig, id uuid.UUID) { r.must(r.orders.recordTaken("o", id.String(), "p")) }, Parked, wire.NotSent},
		"claimed":     {func(r *rig, id uuid.UUID) { r.claimForOrder(id) }, Parked, wire.NotSent},
		"journal lost": {func(r *rig, id uuid.UUID) {
			r.claimForOrder(id)
			r.must(os.Remove(filepath.Join(r.dir, "state", "orders.log")))
		}, Uncertain, ""},
		"not sent, result kept": {func(r *rig, id uuid.UUID) {
			r.claimForOrder(id)
			r.must(r.orders.recordResult("o", notSentResult(id.String(), "lobby", "busy", "Busy.")))
		}, Parked, wire.NotSent},
		"uncertain, result kept": {func(r *rig, id uuid.UUID) {
			r.claimForOrder(id)
			r.must(r.orders.recordResult("o", control.Result{Job: id.String(), Result: outcome.Result{State: wire.Uncertain, Reason: "no-answer"}}))
		}, Uncertain, wire.Uncertain},
		"canceled, result kept": {func(r *rig, id uuid.UUID) {
			r.claimForOrder(id)
			r.must(r.orders.recordResult("o", control.Result{Job: id.String(), Result: outcome.Result{State: wire.Canceled, Reason: "canceled"}}))
		}, "gone", wire.Canceled},
		"delivered, result kept": {func(r *rig, id uuid.UUID) {
			r.claimForOrder(id)
			r.must(r.orders.recordResult("o", control.Result{Job: id.String(), Result: outcome.Result{State: wire.Delivered}}))
		}, "gone", wire.Delivered},
		"ended, not removed": {func(r *rig, id uuid.UUID) { r.must(r.table.setState(id, Canceled, nil)) }, "gone", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			id := r.parkJob(alice, doc)
			c.until(r, id)
			r.reopenScout()
			if got := r.stateOf(id); got != c.want {
				t.Errorf("the job is %s, want %s", got, c.want)
			}
			if c.result == "" {
				return
			}
			o := r.newOrder(id)
			o.ID = "o"
			if got := r.Order(t.Context(), o); got.State != c.result {
				t.Errorf("the order repeated: %+v", got)
			}
			if r.printedCount() != 0 {
				t.Error("it was printed")
			}
		})
	}
}

func (r *rig) claimForOrder(id uuid.UUID) {
	r.t.Helper()
	r.must(r.orders.recordTaken("o", id.String(), mustPrinter(r).ID))
	r.must(r.table.claimJob(id, "lobby", "o", nil))
}

// TestInterruptedDeliveryIsTakenUp finds the journal of a delivery at a point
// and the printer as it then is, with the order fresh and with nobody left who
// waits. An order of the server is answered with what became of it.
func TestInterruptedDeliveryIsTakenUp(t *testing.T) {
	peers.Short(t, "many deliveries")
	for name, c := range map[string]struct {
		step    delivery.Step
		job     simprinter.Fate // at the printer
		nothing bool            // the printer knows nothing of the job
		stale   bool
		want    State
		printed int
	}{
		"creating":               {step: delivery.StepCreating, nothing: true, want: "gone", printed: 1},
		"creating, nobody waits": {step: delivery.StepCreating, nothing: true, stale: true, want: Parked},
		"sent, completed":        {step: delivery.StepSent, want: "gone", printed: 1},
		"sent, nobody waits":     {step: delivery.StepSent, stale: true, want: "gone", printed: 1},
		"sent, canceled there":   {step: delivery.StepSent, job: simprinter.Fate{State: 7, Reasons: []string{"job-canceled-at-device"}}, want: "gone"},
		"sent, forgotten":        {step: delivery.StepSent, job: simprinter.Fate{Forget: true}, want: Uncertain, printed: 1},
		"sending, nothing known": {step: delivery.StepSending, nothing: true, want: Uncertain},
		"taken, completed":       {step: delivery.StepTaken, stale: true, want: "gone", printed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			id := r.parkJob(alice, doc)
			r.claimForOrder(id)
			point := delivery.Point{Step: c.step, Token: "ps-0badcafe", URI: mustPrinter(r).URIs[0]}
			if !c.nothing {
				r.printer.SetFate(c.job)
				point = r.deliverUntil(id, c.step)
				r.printer.SetFate(simprinter.Fate{})
			}
			r.must(r.orders.recordStep("o", 0, &point))
			if c.stale {
				r.clock = r.clock.Add(orderTime)
			}
			r.reopenScout()
			if got := r.stateOf(id); got != Releasing {
				t.Fatalf("before it is taken up the job is %s", got)
			}
			repeated := make(chan wire.Result, 1)
			o := r.newOrder(id)
			o.ID = "o"
			go func() { repeated <- r.Order(t.Context(), o) }()
			r.must(r.continueOrders(t.Context()))
			got := <-repeated
			if r.working.Wait(); r.stateOf(id) != c.want || r.printedCount() != c.printed {
				t.Errorf("the job is %s, want %s; %d printed, want %d\n%+v", r.stateOf(id), c.want, r.printedCount(), c.printed, got)
			}
			if want := map[State]string{Parked: wire.NotSent, Uncertain: wire.Uncertain}[c.want]; want != "" && got.State != want {
				t.Errorf("the order repeated: %+v", got)
			}
			if j, _ := r.table.jobByID(id); c.want == Uncertain && len(j.note.Evidence) < 2 {
				t.Errorf("no evidence: %+v", j.note)
			}
		})
	}
}

// deliverUntil delivers a job's document, and gives the journal's point at a
// step; what it says afterwards is not heard.
func (r *rig) deliverUntil(id uuid.UUID, step delivery.Step) (at delivery.Point) {
	r.t.Helper()
	j, _ := r.table.jobByID(id)
	d := delivery.New(r.cfg.Delivery)
	d.Deliver(r.t.Context(), mustPrinter(r), r.deliveryDocument(j, 0), delivery.Hooks{Journal: func(p delivery.Point) error {
		if p.Step == step {
			at = p
		}
		return nil
	}})
	return at
}

// TestBegunOrderWithoutAResult is answered by nothing, and not by a refusal: the
// document may be on paper.
func TestBegunOrderWithoutAResult(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	r.claimForOrder(id)
	r.must(r.orders.recordStep("o", 0, &delivery.Point{Step: delivery.StepSent, Token: "ps-0badcafe"}))
	o := r.newOrder(id)
	o.ID = "o"
	if got := r.Order(t.Context(), o); got.State != "" || r.printedCount() != 0 {
		t.Errorf("%+v, %d printed", got, r.printedCount())
	}
}

// TestPrinterThatLeftTheDirectory is not even asked what became of a document.
func TestPrinterThatLeftTheDirectory(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	r.must(r.orders.recordTaken("o", id.String(), "gone"))
	r.must(r.table.claimJob(id, "lobby", "o", nil))
	r.must(r.orders.recordStep("o", 0, &delivery.Point{Step: delivery.StepSent, Token: "ps-0badcafe"}))
	r.reopenScout()
	r.must(r.continueOrders(t.Context()))
	r.working.Wait()
	if j, _ := r.table.jobByID(id); j.note.State != Uncertain || j.note.Reason != "interrupted" || len(j.note.Evidence) < 2 {
		t.Errorf("%+v", j.note)
	}
}

func TestResolve(t *testing.T) {
	me, other := control.Caller{UID: "1", Name: alice}, control.Caller{UID: "2", Name: "mallory"}
	uncertain := func(r *rig, documents ...[]byte) uuid.UUID {
		id := r.parkJob(alice, documents...)
		r.must(r.table.claimJob(id, "lobby", "o", nil))
		r.must(r.table.setState(id, Uncertain, func(n *note) { n.Evidence = []string{"The printer said nothing."} }))
		return id
	}
	resolve := func(r *rig, id uuid.UUID, said string) control.Job {
		j, err := localAPI{r.Scout}.Resolve(me, id.String(), control.Resolution{Said: said})
		r.must(err)
		return j
	}
	release := func(r *rig, id uuid.UUID) control.Result {
		p, err := localAPI{r.Scout}.Release(me, control.Release{Jobs: []string{id.String()}, Printer: "lobby"})
		r.must(err)
		p, err = localAPI{r.Scout}.Wait(t.Context(), me, p.ID)
		r.must(err)
		return allResults(t, p)[0]
	}

	r := newRig(t)
	id := uncertain(r, doc)
	if _, err := (localAPI{r.Scout}).Release(me, control.Release{Jobs: []string{id.String()}, Printer: "lobby"}); codeOf(err) != control.CodeConflict {
		t.Errorf("it is released: %v", err)
	}
	if p, err := (localAPI{r.Scout}).Release(me, control.Release{All: true, Printer: "lobby"}); err != nil || len(allResults(t, p)) != 0 {
		t.Errorf("with all: %+v, %v", p, err)
	}
	if _, err := (localAPI{r.Scout}).Resolve(other, id.String(), control.Resolution{Said: control.Printed}); codeOf(err) != control.CodeNotFound {
		t.Errorf("by another: %v", err)
	}
	if j := resolve(r, id, control.PrintAgain); j.State != string(Parked) || len(j.Evidence) != 0 {
		t.Errorf("%+v", j)
	}
	if _, err := (localAPI{r.Scout}).Resolve(me, id.String(), control.Resolution{Said: control.Printed}); codeOf(err) != control.CodeConflict {
		t.Errorf("twice: %v", err)
	}
	if got := release(r, id); got.State != wire.Delivered || r.printedCount() != 1 {
		t.Errorf("%+v, %d printed", got, r.printedCount())
	}
	id = uncertain(r, doc)
	if j := resolve(r, id, control.Printed); j.State != string(Delivered) || r.stateOf(id) != "gone" {
		t.Errorf("%+v, %s", j, r.stateOf(id))
	}

	r = newRig(t)
	docs := threeDocuments()
	id = uncertain(r, docs...)
	if j := resolve(r, id, control.Printed); j.State != string(Parked) || j.Reason != "1 document was printed. The rest can be released." {
		t.Errorf("%+v", j)
	}
	if got := release(r, id); got.State != wire.Delivered {
		t.Errorf("%+v", got)
	}
	r.wantOut(docs[1:]...)
}

func TestExpiry(t *testing.T) {
	r := newRig(t)
	old := r.parkJob(alice, doc)
	busy := r.parkJob(alice, doc)
	r.must(r.table.claimJob(busy, "lobby", "o", nil))
	r.clock = r.clock.Add(30 * time.Minute)
	young := r.parkJob(alice, doc)
	r.clock = r.clock.Add(30 * time.Minute)
	if sleep := r.expireDueJobs(); sleep != min(30*time.Minute, longestSleep) {
		t.Errorf("it sleeps %s", sleep)
	}
	for id, want := range map[uuid.UUID]State{old: "gone", busy: Releasing, young: Parked} {
		if got := r.stateOf(id); got != want {
			t.Errorf("the job is %s, want %s", got, want)
		}
	}
}

func TestClockThatIsSetBackLosesNothing(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	r.clock = r.clock.Add(-100 * time.Hour)
	r.expireDueJobs()
	if r.stateOf(id) != Parked {
		t.Errorf("the job is %s", r.stateOf(id))
	}
}

// TestMetadataTellsNothing looks at what the server is told of a job.
func TestMetadataTellsNothing(t *testing.T) {
	r := newRig(t)
	r.parkJob("alice.secret", append(bytes.Clone(doc), make([]byte, 1000)...))
	all := r.Jobs()
	raw, err := json.Marshal(all)
	r.must(err)
	for _, word := range []string{"alice", "secret", "title"} {
		if strings.Contains(string(raw), word) {
			t.Errorf("%s is in %s", word, raw)
		}
	}
	if all[0].Size == int64(len(doc)+1000) || all[0].Size < int64(len(doc)+1000) {
		t.Errorf("the size is told as %d", all[0].Size)
	}
	if a, b := r.ownerTag("a"), r.ownerTag("b"); a == b || a != r.ownerTag("a") {
		t.Errorf("tags %s, %s", a, b)
	}
}

func TestJobIDsNeverRepeat(t *testing.T) {
	file := filepath.Join(t.TempDir(), "printer.json")
	seen := map[int]bool{}
	var first string
	for range 3 {
		p, err := openPrinterID(file)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = p.kept.UUID
		}
		if p.kept.UUID != first {
			t.Errorf("the uuid changed")
		}
		for range 2*idBlock + 1 {
			id, err := p.nextJobID()
			if err != nil || seen[id] || id < 1 {
				t.Fatalf("id %d, %v", id, err)
			}
			seen[id] = true
		}
	}
}

func TestOrderLogSurvivesATornLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "orders.log")
	now := time.Now()
	l, err := openOrderLog(file, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	if err := l.recordTaken("a", "job", "p"); err != nil {
		t.Fatal(err)
	}
	if err := l.recordResult("a", control.Result{Result: outcome.Result{State: wire.Delivered}}); err != nil {
		t.Fatal(err)
	}
	l.out.WriteString(`{"order":"b","jo`)
	l.close()
	now = now.Add(keepOrders / 2)
	for round := range 2 {
		if l, err = openOrderLog(file, func() time.Time { return now }); err != nil {
			t.Fatal(err)
		}
		if e := l.lastEntry("a"); e == nil || e.Result == nil || l.lastEntry("b") != nil {
			t.Errorf("round %d: %+v, %+v", round, l.lastEntry("a"), l.lastEntry("b"))
		}
		l.close()
	}
	now = now.Add(keepOrders)
	if l, err = openOrderLog(file, func() time.Time { return now }); err != nil {
		t.Fatal(err)
	}
	defer l.close()
	if l.lastEntry("a") != nil {
		t.Error("it is remembered for ever")
	}
}

// TestOrderBehindATornLine goes on after a disk that was full took half a line.
func TestOrderBehindATornLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "orders.log")
	l, err := openOrderLog(file, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	l.out.WriteString(`{"order":"a","jo`)
	l.torn = true
	for _, order := range []string{"b", "c"} {
		if err := l.recordTaken(order, "job", "p"); err != nil {
			t.Fatal(err)
		}
	}
	l.close()
	if l, err = openOrderLog(file, time.Now); err != nil {
		t.Fatal(err)
	}
	defer l.close()
	if l.lastEntry("a") != nil || l.lastEntry("b") == nil || l.lastEntry("c") == nil {
		t.Errorf("orders: %v", l.orders)
	}
}

// TestOrderLogStaysSmall writes far more than the file may hold.
func TestOrderLogStaysSmall(t *testing.T) {
	file := filepath.Join(t.TempDir(), "orders.log")
	now := time.Now()
	l, err := openOrderLog(file, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	if err := l.recordTaken("going on", "job", "p"); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 100_000)
	for i := range 40 {
		if err := l.recordResult(fmt.Sprint(i), control.Result{Printer: long, Result: outcome.Result{State: wire.Delivered}}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(keepOrders / 4)
	}
	info, err := os.Stat(file)
	if err != nil || info.Size() > 2*compactAt {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	if l.lastEntry("going on") == nil || l.lastEntry("39") == nil || l.lastEntry("0") != nil {
		t.Errorf("remembered: %v, %v, %v", l.lastEntry("going on"), l.lastEntry("39"), l.lastEntry("0"))
	}
}

func FuzzOrderLog(f *testing.F) {
	f.Add([]byte(`{"order":"a","job":"j","at":"2026-01-01T00:00:00Z","result":{"state":"delivered"}}` + "\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := &orderLog{now: time.Now, orders: map[string]*orderEntry{}}
		if err := l.readLines(bytes.NewReader(raw)); err != nil {
			t.Error(err)
		}
		l.unfinishedOrders()
	})
}

// TestPrintersAreRemembered: what a delivery has learned of a printer is there
// after the next start, and what is spoiled of it is learned again.
func TestPrintersAreRemembered(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	if got := r.Order(t.Context(), r.newOrder(id)); got.State != wire.Delivered {
		t.Fatalf("%+v", got)
	}
	printer := mustPrinter(r)
	known := r.cfg.Delivery.Memory.Load(printer.ID)
	if !bytes.Contains(known, []byte(printer.URIs[0])) {
		t.Fatalf("it knows %s", known)
	}
	r.reopenScout()
	if again := r.cfg.Delivery.Memory.Load(printer.ID); !bytes.Equal(again, known) {
		t.Errorf("it knows %s, and knew %s", again, known)
	}
	for _, spoiled := range []string{"", "[]", `{"` + printer.ID + `": "x"}`, "null"} {
		r.must(os.WriteFile(filepath.Join(r.dir, "state", "printers.json"), []byte(spoiled), 0o600))
		r.reopenScout()
		if got := r.Order(t.Context(), r.newOrder(r.parkJob(alice, doc))); got.State != wire.Delivered {
			t.Errorf("with %q: %+v", spoiled, got)
		}
	}
}

// TestStopWhileAPrinterIsWaitedFor keeps the job, and says what it waits for
// meanwhile.
func TestStopWhileAPrinterIsWaitedFor(t *testing.T) {
	r := newRig(t)
	r.cfg.Delivery.Timeouts.Ready = time.Hour
	r.deliverer = delivery.New(r.cfg.Delivery)
	id := r.parkJob(alice, doc)
	r.printer.SetFault(goipp.OpCreateJob, simprinter.Fault{Status: goipp.StatusErrorBusy})
	ended := make(chan wire.Result, 1)
	go func() { ended <- r.Order(t.Context(), r.newOrder(id)) }()
	peers.Await(t, "the job says what it waits for", func() bool {
		j, _ := r.table.jobByID(id)
		return strings.HasSuffix(j.controlJob().Reason, "is busy.")
	})
	r.stopReleasing(errStopping)
	if got := <-ended; got.State != wire.NotSent || got.Reason != outcome.ReasonInterrupted || r.stateOf(id) != Parked {
		t.Errorf("%+v, and the job is %s", got, r.stateOf(id))
	}
}

// TestRunStopsInOrder runs all of it and stops it while a document is on its way.
func TestRunStopsInOrder(t *testing.T) {
	r := newRig(t)
	r.close()
	r.cfg.Settings.ControlPath = filepath.Join(r.dir, "s")
	s, err := New(r.cfg)
	r.must(err)
	r.Scout = s
	id := r.parkJob(alice, doc)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	client := control.NewClient(r.cfg.Settings.ControlPath)
	defer client.Close()
	for {
		if _, err := client.Status(t.Context()); err == nil {
			break
		}
		select {
		case err := <-done:
			t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	p, err := client.Release(t.Context(), control.Release{Jobs: []string{id.String()}, Printer: "lobby"})
	if err != nil || len(p.Results) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	second := r.parkJob(alice, doc)
	ordered := make(chan wire.Result, 1)
	sending := make(chan struct{})
	r.printer.SetFault(goipp.OpSendDocument, simprinter.Fault{Hook: sync.OnceFunc(func() { close(sending) })})
	go func() { ordered <- r.Order(t.Context(), r.newOrder(second)) }()
	<-sending
	cancel()
	if got := <-ordered; got.State != wire.Delivered {
		t.Errorf("an order that was on its way: %+v", got)
	}
	r.must(<-done)
	if got := r.Order(t.Context(), r.newOrder(second)); got.State != wire.NotSent {
		t.Errorf("an order after the end: %+v", got)
	}
	if r.printedCount() != 2 || len(s.vault.Jobs()) != 0 {
		t.Errorf("%d printed, %d left", r.printedCount(), len(s.vault.Jobs()))
	}
	r.openScout()
}
