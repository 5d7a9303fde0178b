package scout

import (
	"context"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/spooler"
)

// reader reads the events of one caller and keeps what follows from them. While
// it has turns each event takes one.
type reader struct {
	turns chan struct{}

	mu       sync.Mutex
	jobs     map[string]control.Job
	gone     []control.Gone
	status   []control.Status
	printers []control.Printer
	ready    bool
	seen     map[string]bool // every job that was spoken of
}

// readEvents begins to read, until the test ends or stop is called.
func (r *rig) readEvents(c control.Caller, turns chan struct{}) (out *reader, stop func()) {
	r.t.Helper()
	out = &reader{turns: turns, jobs: map[string]control.Job{}, seen: map[string]bool{}}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for e := range (localAPI{r.Scout}).Events(ctx, c) {
			select {
			case <-out.turns:
			case <-ctx.Done():
			}
			out.take(e)
		}
	})
	stop = func() { cancel(); running.Wait() }
	r.t.Cleanup(stop)
	return out, stop
}

// free is for readers that are never slow.
func free() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func (o *reader) take(e control.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch e.Name {
	case control.EventStatus:
		o.status = append(o.status, *e.Status)
	case control.EventPrinters:
		o.printers = e.Printers
	case control.EventJob:
		o.jobs[e.Job.ID], o.seen[e.Job.ID] = *e.Job, true
	case control.EventGone:
		delete(o.jobs, e.Gone.ID)
		o.gone, o.seen[e.Gone.ID] = append(o.gone, *e.Gone), true
	case control.EventReady:
		o.ready = true
	}
}

// await waits until a reader knows something.
func (o *reader) await(t *testing.T, what string, yes func(*reader) bool) {
	t.Helper()
	peers.Await(t, what, func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return yes(o)
	})
}

func isReady(o *reader) bool { return o.ready }

// listedFor is what GET /v1/jobs says to a caller.
func (r *rig) listedFor(c control.Caller) map[string]control.Job {
	all := map[string]control.Job{}
	for j := range (localAPI{r.Scout}).Jobs(c) {
		all[j.ID] = j
	}
	return all
}

// TestEventsLeadToTheListing changes things at random while a reader takes its
// time: once all is calm it knows what the listing says, and who else listens
// has heard of none of these jobs.
func TestEventsLeadToTheListing(t *testing.T) {
	r := newRig(t)
	var mine []uuid.UUID
	for range 20 {
		mine = append(mine, r.parkJob(alice, doc)) // before anybody listens
	}
	bob, root := control.Caller{UID: "8", Name: "bob"}, control.Caller{UID: "0", Name: "root", Admin: true}
	turns := make(chan struct{})
	slow, _ := r.readEvents(aliceHerself, turns)
	quick, _ := r.readEvents(aliceHerself, free())
	others, _ := r.readEvents(bob, free())
	admin, _ := r.readEvents(root, free())
	rnd := rand.New(rand.NewPCG(3, 4))
	l := localAPI{r.Scout}
	id := func() uuid.UUID { return mine[rnd.IntN(len(mine))] }
	for range 400 {
		switch rnd.IntN(12) {
		case 0, 1:
			mine = append(mine, r.parkJob(alice, doc))
		case 2:
			r.parkJob("bob", doc)
		case 3:
			_, _ = l.Cancel(t.Context(), aliceHerself, id().String())
		case 4:
			_, _ = l.Release(aliceHerself, control.Release{Jobs: []string{id().String()}, Printer: "lobby"})
		case 5:
			r.Order(t.Context(), r.newOrder(id()))
		case 6:
			past := r.clock.Add(-time.Second)
			_ = r.table.amendNote(id(), func(n *note) { n.Expires = &past })
			r.expireDueJobs()
		case 7:
			intake{r.Scout}.Refused(spooler.Refused{User: alice, Title: string(rune('a' + rnd.IntN(26)))})
		case 8:
			for _, j := range r.refused.listFor(aliceHerself) {
				r.refused.dropPrintedAgain(alice, j.Title)
				break
			}
		case 9:
			r.table.learnDocuments(id(), nil)
		case 10:
			_, _ = l.Resolve(aliceHerself, id().String(), control.Resolution{Said: control.PrintAgain})
		case 11:
			for range rnd.IntN(30) {
				select {
				case turns <- struct{}{}:
				default:
				}
			}
		}
	}
	r.working.Wait()
	close(turns)
	want := r.listedFor(aliceHerself)
	if len(want) == 0 {
		t.Fatal("nothing is left to know")
	}
	for name, o := range map[string]*reader{"slow": slow, "quick": quick} {
		o.await(t, name+" knows what is listed", func(o *reader) bool { return o.ready && reflect.DeepEqual(o.jobs, want) })
	}
	others.await(t, "bob has heard of his own", func(o *reader) bool { return len(o.jobs) == len(r.listedFor(bob)) })
	admin.await(t, "the administrator is ready", isReady)
	for name, o := range map[string]*reader{"bob": others, "an administrator": admin} {
		for _, id := range mine {
			if o.seen[id.String()] {
				t.Errorf("%s has heard of job %s", name, id)
			}
		}
		for _, j := range o.jobs {
			if name != "bob" || j.User != "bob" {
				t.Errorf("%s has heard of %+v", name, j)
			}
		}
		for _, p := range o.printers {
			if p.Last != nil {
				t.Errorf("%s has heard of a release: %+v", name, p.Last)
			}
		}
	}
}

// TestWhatEndedIsSaid for an hour, after everything that is there.
func TestWhatEndedIsSaid(t *testing.T) {
	r := newRig(t)
	printed, canceled, expired := r.parkJob(alice, doc), r.parkJob(alice, doc), r.parkJob(alice, doc)
	if got := r.Order(t.Context(), r.newOrder(printed)); got.State != "delivered" {
		t.Fatalf("%+v", got)
	}
	_, err := (localAPI{r.Scout}).Cancel(t.Context(), aliceHerself, canceled.String())
	r.must(err)
	past := r.clock.Add(-time.Second)
	r.must(r.table.amendNote(expired, func(n *note) { n.Expires = &past }))
	r.expireDueJobs()
	o, stop := r.readEvents(aliceHerself, free())
	o.await(t, "three have ended", func(o *reader) bool { return len(o.gone) == 3 })
	stop()
	for i, want := range []control.Gone{
		{ID: printed.String(), State: "delivered", Printer: "lobby"},
		{ID: canceled.String(), State: "canceled", ReasonWord: outcome.ReasonJobCanceled},
		{ID: expired.String(), State: "expired", ReasonWord: outcome.ReasonJobExpired},
	} {
		got := o.gone[i]
		if got.ID != want.ID || got.State != want.State || got.Printer != want.Printer || got.ReasonWord != want.ReasonWord || got.Title != "title" {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if p := o.printers; len(p) != 1 || p[0].Last == nil || p[0].Last.State != "delivered" || p[0].Last.Grade != "ipps-pinned" {
		t.Errorf("%+v", p)
	}
	r.clock = r.clock.Add(endedTime)
	o, stop = r.readEvents(aliceHerself, free())
	o.await(t, "it is ready", isReady)
	stop()
	if len(o.gone) != 0 {
		t.Errorf("after an hour: %+v", o.gone)
	}
}

// TestWhatAReleaseWaitsFor is said of the job, with its word.
func TestWhatAReleaseWaitsFor(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	o, _ := r.readEvents(aliceHerself, free())
	r.must(r.table.claimJob(id, "lobby", "o", func(error) {}))
	h := r.deliveryHooks(id, "o", 0, func(string) {})
	h.Tell(outcome.ReasonStopped, "Add paper to tray 2.")
	o.await(t, "it waits", func(o *reader) bool {
		j := o.jobs[id.String()]
		return j.State == string(Releasing) && j.ReasonWord == outcome.ReasonStopped && j.Reason == "Add paper to tray 2."
	})
	h.Tell("", "")
	o.await(t, "it goes on", func(o *reader) bool { j := o.jobs[id.String()]; return j.ReasonWord == "" && j.Reason == "" })
	r.must(r.table.setState(id, Uncertain, func(n *note) { n.Reason, n.Message = outcome.ReasonNoAnswer, "No answer." }))
	o.await(t, "it is uncertain", func(o *reader) bool { return o.jobs[id.String()].ReasonWord == outcome.ReasonNoAnswer })
}

// TestStatusIsSaidWhenItChanges, and when what a client asked for is over, but
// not for counts.
func TestStatusIsSaidWhenItChanges(t *testing.T) {
	r := newRig(t)
	later := make(chan time.Time)
	r.cfg.After = func(d time.Duration) <-chan time.Time {
		if d != identifyTime {
			t.Errorf("waits %s", d)
		}
		return later
	}
	o, stop := r.readEvents(aliceHerself, free())
	o.await(t, "it is ready", isReady)
	id := r.parkJob(alice, doc)
	o.await(t, "the job is said", func(o *reader) bool { return o.jobs[id.String()].ID != "" })
	if len(o.status) != 1 || o.status[0].Answers != nil || !o.status[0].Enrolled {
		t.Fatalf("%+v", o.status)
	}
	intake{r.Scout}.Identify(spooler.Identification{Message: "here"})
	o.await(t, "it points itself out", func(o *reader) bool { return strings.Contains(o.status[len(o.status)-1].Identify, "here") })
	r.mu.Lock()
	r.identified.at = r.identified.at.Add(-2 * identifyTime)
	r.mu.Unlock()
	later <- time.Time{}
	o.await(t, "no longer", func(o *reader) bool { return len(o.status) == 3 && o.status[2].Identify == "" })
	r.must(intake{r.Scout}.SetPaused(true))
	o.await(t, "it is paused", func(o *reader) bool { return o.status[len(o.status)-1].Message == pausedSentence })
	stop()
	if len(o.status) != 4 {
		t.Errorf("%d times: %+v", len(o.status), o.status)
	}
}

// TestHubIsBounded in what it remembers, and in what waits for a reader.
func TestHubIsBounded(t *testing.T) {
	now := time.Now()
	h := newHub(func() time.Time { now = now.Add(time.Millisecond); return now })
	l, _ := h.listen("owner0")
	for i := range 2 * mostOwners {
		owner := "owner" + string(rune('0'+i))
		if i == 0 {
			for range 2 * endedOfOne {
				h.left(owner, uuid.New(), control.Gone{State: "delivered"})
				h.saw(owner, uuid.NewString(), control.Seen{At: h.now()})
			}
			if m := h.owners[owner]; len(m.ended) != endedOfOne || len(m.seen) != seenOfOne {
				t.Errorf("%d jobs and %d printers are remembered", len(m.ended), len(m.seen))
			}
		}
		h.left(owner, uuid.New(), control.Gone{State: "expired"})
	}
	if len(h.owners) != mostOwners || h.owners["owner0"] != nil {
		t.Errorf("%d owners, the first one: %v", len(h.owners), h.owners["owner0"] != nil)
	}
	for range mostPending + 1 {
		h.changed("owner0", uuid.New())
	}
	if c := h.take(l); !c.lost || len(c.jobs) != mostPending {
		t.Errorf("%d jobs wait, lost: %v", len(c.jobs), c.lost)
	}
	h.leave(l)
	h.left("", uuid.New(), control.Gone{})
	if h.owners[""] != nil || h.lastSeen("", "p") != nil {
		t.Error("nobody's jobs are remembered")
	}
}
