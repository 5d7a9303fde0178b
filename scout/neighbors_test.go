package scout

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/OpenPrinting/goipp"
	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/outcome"
)

// TestIDsOfAReleaseCountOnce names a job in many ways.
func TestIDsOfAReleaseCountOnce(t *testing.T) {
	r := newRig(t)
	id, other := r.parkJob(alice, doc), r.parkJob(alice, doc)
	names := []string{other.String()}
	for range 700 {
		names = append(names, id.String(), id.String()[:len(id.String())-2], other.String())
	}
	p, err := localAPI{r.Scout}.Release(aliceHerself, control.Release{Jobs: names, Printer: "lobby"})
	r.must(err)
	p, err = localAPI{r.Scout}.Wait(t.Context(), aliceHerself, p.ID)
	r.must(err)
	got := allResults(t, p)
	if len(got) != 2 || got[0].Job != other.String() || got[1].Job != id.String() || r.printedCount() != 2 {
		t.Errorf("%d results, %d printed: %+v", len(got), r.printedCount(), got)
	}
}

// TestNamesOfJobs resolves whole ids and starts of ids.
func TestNamesOfJobs(t *testing.T) {
	r := newRig(t)
	mine, others := r.parkJob(alice, doc), r.parkJob("mallory", doc)
	for name, code := range map[string]control.Code{
		mine.String():                  "",
		mine.String()[:35]:             "",
		others.String():                control.CodeNotFound,
		others.String()[:35]:           control.CodeNotFound,
		strings.ToUpper(mine.String()): control.CodeNotFound,
		"{" + mine.String() + "}":      control.CodeNotFound,
		mine.String()[:3]:              control.CodeNotFound,
		mine.String() + "0":            control.CodeNotFound,
		"":                             control.CodeNotFound,
		"zzzz":                         control.CodeNotFound,
	} {
		ids, err := r.table.resolveNames(aliceHerself, []string{name})
		if codeOf(err) != code || err == nil && !slices.Equal(ids, []uuid.UUID{mine}) {
			t.Errorf("%q: %v, %v", name, ids, err)
		}
	}
	if _, err := findPrefix([]string{"aaaab", "aaaac", "aaaad"}, "aaaa"); codeOf(err) != control.CodeUsage || !strings.HasPrefix(err.Error(), "3 jobs") {
		t.Errorf("the start of several: %v", err)
	}
}

// TestTableStaysInOrder adds and removes jobs at random and reads them page by
// page, while others come and go.
func TestTableStaysInOrder(t *testing.T) {
	tb := &jobTable{jobs: map[uuid.UUID]*job{}}
	start := time.Now()
	r := rand.New(rand.NewPCG(1, 2))
	add := func() *job {
		j := &job{id: uuid.New(), ticket: ticket{Created: start.Add(time.Duration(r.IntN(50)) * time.Second)}, note: note{State: Parked}}
		tb.putEntry(j)
		return j
	}
	var all []*job
	for range 5_000 {
		if len(all) > 0 && r.IntN(3) == 0 {
			i := r.IntN(len(all))
			if !tb.removeEntry(all[i].id) || tb.removeEntry(all[i].id) {
				t.Fatal("a job could not be taken out once")
			}
			all = slices.Delete(all, i, i+1)
			continue
		}
		all = append(all, add())
	}
	tb.putEntry(all[0]) // again
	slices.SortFunc(all, compareAge)
	if !slices.Equal(tb.byAge, all) || len(tb.jobs) != len(all) {
		t.Fatalf("%d jobs in order, %d in all, want %d", len(tb.byAge), len(tb.jobs), len(all))
	}
	i := 0
	for j := range tb.eachMatching(func(*job) bool { return true }) {
		for all[i].id != j.id { // those that went meanwhile
			i++
		}
		i++
		if r.IntN(3) == 0 {
			tb.removeEntry(all[r.IntN(len(all))].id)
		}
	}
	if n := len(slices.Collect(tb.eachMatching(func(j *job) bool { return j.id == tb.byAge[len(tb.byAge)-1].id }))); n != 1 {
		t.Errorf("the last one was found %d times", n)
	}
}

// TestReleasesOfOneAccountAreBounded does not affect another account's releases.
func TestReleasesOfOneAccountAreBounded(t *testing.T) {
	now := time.Now()
	b := newReleases(func() time.Time { return now })
	add := func(owner string, jobs int) (*release, error) {
		r := &release{id: uuid.NewString(), owner: owner, begun: now, done: make(chan struct{}), results: make([]control.Result, jobs)}
		return r, b.add(r)
	}
	var held []*release
	for range releasesInHand {
		r, err := add("1", 10)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, r)
	}
	_, err := add("1", 1)
	if e, ok := errors.AsType[*control.Error](err); !ok || e.Code != control.CodeBusy || e.Hint == "" {
		t.Errorf("one too many: %v", err)
	}
	other, err := add("2", jobsInHand)
	if err != nil {
		t.Errorf("another account: %v", err)
	}
	if _, err := add("2", 1); codeOf(err) != control.CodeBusy {
		t.Errorf("one job too many: %v", err)
	}
	close(held[3].done)
	for i := range 3 * releasesKept {
		r, err := add("1", 1)
		if err != nil {
			t.Fatalf("release %d: %v", i, err)
		}
		close(r.done)
	}
	if n := len(b.byAccount["1"].all); n > max(releasesInHand, releasesKept)+1 {
		t.Errorf("%d are remembered", n)
	}
	for _, r := range append(slices.Delete(slices.Clone(held), 3, 4), other) {
		if b.findFor(control.Caller{UID: r.owner}, r.id) != r {
			t.Error("one in hand is forgotten")
		}
	}
	if b.findFor(control.Caller{UID: "1"}, other.id) != nil || b.findFor(root, other.id) != other {
		t.Error("who may ask is not held")
	}
	now = now.Add(releasesTime + 1)
	close(other.done)
	if _, err := add("3", 1); err != nil || b.byAccount["2"] != nil || len(b.byAccount["1"].all) != releasesInHand-1 {
		t.Errorf("later: %v, %v and %d remembered", err, b.byAccount["2"], len(b.byAccount["1"].all))
	}
}

// TestJobsOfOneAccountAtOnce begins as many as one account may have on their way
// at once; another account's is begun all the same.
func TestJobsOfOneAccountAtOnce(t *testing.T) {
	r := newRig(t)
	goOn := make(chan struct{})
	r.printer.SetFault(goipp.OpSendDocument, simprinter.Fault{Hook: func() { <-goOn }})
	release := func(c control.Caller) string {
		p, err := localAPI{r.Scout}.Release(c, control.Release{Jobs: []string{r.parkJob(c.Name, doc).String()}, Printer: "lobby"})
		r.must(err)
		return p.ID
	}
	begun := func(user string) int {
		return len(r.table.matchingIDs(func(j *job) bool { return j.ticket.User == user && j.note.State == Releasing }))
	}
	var asked []string
	for range 2 * jobsAtOnce {
		asked = append(asked, release(aliceHerself))
	}
	peers.Await(t, "as many are begun as may be", func() bool { return begun(alice) >= jobsAtOnce })
	release(control.Caller{UID: "8", Name: "bob"})
	peers.Await(t, "another one's is begun", func() bool { return begun("bob") == 1 })
	if n := begun(alice); n != jobsAtOnce {
		t.Errorf("%d are begun", n)
	}
	close(goOn)
	for _, id := range asked {
		p, err := localAPI{r.Scout}.Wait(t.Context(), aliceHerself, id)
		r.must(err)
		if got := allResults(t, p)[0]; got.State != wire.Delivered {
			t.Errorf("%+v", got)
		}
	}
	r.working.Wait()
}

// TestNothingIsWrittenBeforeAClaim releases what cannot be released.
func TestNothingIsWrittenBeforeAClaim(t *testing.T) {
	r := newRig(t)
	id := r.parkJob(alice, doc)
	r.must(r.table.claimJob(id, "lobby", "o", nil))
	before := r.stateFile(ordersFile)
	for range 20 {
		if got := r.byHand(aliceHerself, "", id)[0]; got.State != wire.NotSent || got.Reason != "job-releasing" {
			t.Fatalf("%+v", got)
		}
	}
	gone := uuid.New()
	if got := r.releaseJob(gone, mustPrinter(r), "o-gone", func(string) {}); got.Reason != "job-unknown" {
		t.Errorf("%+v", got)
	}
	if after := r.stateFile(ordersFile); !bytes.Equal(before, after) {
		t.Errorf("written: %s", after[len(before):])
	}
}

// TestOrderThatNeverBegan is forgotten once it could not be taken for fresh any
// more; one that began is remembered.
func TestOrderThatNeverBegan(t *testing.T) {
	file := filepath.Join(t.TempDir(), ordersFile)
	now := time.Now()
	open := func() *orderLog {
		l, err := openOrderLog(file, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := open()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, order := range []string{"never began", "began", "going on"} {
		must(l.recordTaken(order, "job", "p"))
	}
	must(l.recordStep("began", 0, &delivery.Point{Step: delivery.StepCreating}))
	must(l.recordResult("never began", notSentResult("job", "p", "failed", "")))
	must(l.recordResult("began", notSentResult("job", "p", "failed", "")))
	for _, c := range []struct {
		later time.Duration
		want  []string
	}{
		{0, []string{"began", "going on", "never began"}},
		{keepUnbegun - 1, []string{"began", "going on", "never began"}},
		{1, []string{"began", "going on"}},
		{keepOrders, []string{"going on"}},
	} {
		l.close()
		now = now.Add(c.later)
		l = open()
		var got []string
		for order := range l.orders {
			got = append(got, order)
		}
		if slices.Sort(got); !slices.Equal(got, c.want) {
			t.Errorf("after %s more: %q", c.later, got)
		}
	}
	l.close()
}

// TestJournalThatCannotBeOpened refuses orders, with the reason, until it is
// back, and has lost nothing then.
func TestJournalThatCannotBeOpened(t *testing.T) {
	r := newRig(t)
	first, second := r.parkJob(alice, doc), r.parkJob(alice, doc)
	o := r.newOrder(first)
	if got := r.Order(t.Context(), o); got.State != wire.Delivered {
		t.Fatalf("%+v", got)
	}
	file := filepath.Join(r.dir, "state", ordersFile)
	r.must(os.Rename(file, file+".elsewhere"))
	r.must(os.Mkdir(file, 0o700))
	r.orders.mu.Lock()
	if err := r.orders.compact(); !errors.Is(err, errNoJournal) {
		t.Errorf("with a folder in its place: %v", err)
	}
	r.orders.mu.Unlock()
	for range 2 {
		if got := r.Order(t.Context(), r.newOrder(second)); got.State != wire.NotSent || got.Reason != outcome.ReasonJournal || r.stateOf(second) != Parked {
			t.Errorf("without a journal: %+v; the job is %s", got, r.stateOf(second))
		}
	}
	if got := r.byHand(aliceHerself, "", second)[0]; got.Reason != outcome.ReasonJournal || !strings.Contains(got.Message, ordersFile) {
		t.Errorf("by hand: %+v", got)
	}
	r.must(os.Remove(file))
	if got := r.Order(t.Context(), r.newOrder(second)); got.State != wire.Delivered {
		t.Errorf("once it can be opened again: %+v", got)
	}
	r.reopenScout()
	if got := r.Order(t.Context(), o); got.State != wire.Delivered || r.printedCount() != 2 {
		t.Errorf("the first order again: %+v, %d printed", got, r.printedCount())
	}
}

// TestLongLineInTheJournal is not ours, and hides none of those after it.
func TestLongLineInTheJournal(t *testing.T) {
	l := &orderLog{now: time.Now, orders: map[string]*orderEntry{}}
	raw := `{"order":"a"}` + "\n" + strings.Repeat("x", 3*maxOrderLine) + "\n" + `{"order":"b"}` + "\n" + `{"order":"c"}`
	if err := l.readLines(strings.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	if len(l.orders) != 3 {
		t.Errorf("%v", l.orders)
	}
}

// TestStopWithALongQueue stops an agent that has hundreds of jobs to print: what
// is on its way arrives, and nothing more is begun or written.
func TestStopWithALongQueue(t *testing.T) {
	peers.Short(t, "a long queue")
	r := newRig(t)
	for range 300 {
		r.parkJob(alice, doc)
	}
	sending, goOn := make(chan struct{}, 1000), make(chan struct{})
	r.printer.SetFault(goipp.OpSendDocument, simprinter.Fault{Hook: func() {
		sending <- struct{}{}
		<-goOn
	}})
	p, err := localAPI{r.Scout}.Release(aliceHerself, control.Release{All: true, Printer: "lobby"})
	r.must(err)
	<-sending
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		r.finishReleases()
	}()
	peers.Await(t, "it is stopping", r.isStopping)
	close(goOn)
	<-stopped
	p, err = localAPI{r.Scout}.Wait(t.Context(), aliceHerself, p.ID)
	r.must(err)
	states := map[string]int{}
	for _, one := range allResults(t, p) {
		states[string(one.State)+" "+one.Reason]++
	}
	if !p.Done || len(states) != 2 || states["delivered "]+states["not_sent interrupted"] != 300 || states["delivered "] > 2 {
		t.Errorf("%v", states)
	}
	if n := strings.Count(string(r.stateFile(ordersFile)), "\n"); n > 30 {
		t.Errorf("%d lines in the journal", n)
	}
	if _, err := (localAPI{r.Scout}).Release(aliceHerself, control.Release{All: true, Printer: "lobby"}); err == nil {
		t.Error("a release began after the stop")
	}
}

// TestManyWhoAskAtOnce lists, releases and cancels from many sides.
func TestManyWhoAskAtOnce(t *testing.T) {
	r := newRig(t)
	for range 40 {
		r.parkJob(alice, doc)
	}
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	var all []chan error
	for i := range 8 {
		done := make(chan error, 1)
		all = append(all, done)
		go func() { done <- r.askALot(ctx, i) }()
	}
	for _, done := range all {
		r.must(<-done)
	}
	r.working.Wait()
	if n := len(slices.Collect(localAPI{r.Scout}.Jobs(root))); n != 0 || len(r.table.byAge) != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

func (r *rig) askALot(ctx context.Context, i int) error {
	l := localAPI{r.Scout}
	for j := range l.Jobs(aliceHerself) {
		if i%2 == 0 {
			if _, err := l.Cancel(ctx, aliceHerself, j.ID); err != nil && codeOf(err) == "" && !errors.Is(err, errState) {
				return fmt.Errorf("canceling: %w", err)
			}
			continue
		}
		p, err := l.Release(aliceHerself, control.Release{Jobs: []string{j.ID}, Printer: "lobby"})
		if codeOf(err) != "" {
			continue // it went meanwhile
		}
		if err != nil {
			return err
		}
		if _, err := l.Wait(ctx, aliceHerself, p.ID); err != nil {
			return err
		}
	}
	return nil
}
