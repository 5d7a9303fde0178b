//go:build unix

package endtoend

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
)

// killsVariable says how often the scout is killed, where 50 times are not
// enough: make soak sets it.
const killsVariable = "PRINTSCOUT_KILLS"

func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv(killsVariable)
	if text == "" {
		return 50
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, not how often the scout is killed", killsVariable, text)
	}
	return n
}

// TestKilledScoutPrintsEachJobOnce kills the scout at random moments while
// clients print jobs of one and of several documents, others cancel and others
// release them. After each start everything acknowledged is there whole,
// nothing twice, nothing that was destroyed is back; what comes out is compared
// byte for byte.
func TestKilledScoutPrintsEachJobOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(map[string]any{"MinFreeMB": 1, "LogLevel": "warn"})
	s.up()
	k := &killing{site: s, t: t, ledger: newLedger()}
	for n := kills(t); k.kills < n && !t.Failed(); {
		k.round()
	}
	for left := 3; left > 0 && !t.Failed() && k.ledger.open() > 0; left-- {
		k.releaseAll()
		k.look()
	}
	k.nothingLeft()
	t.Logf("%d kills, %d of them while it started; %d jobs printed: %v", k.kills, k.early, len(k.ledger.jobs), k.ends())
}

// killing is a test that kills the scout of a site.
type killing struct {
	*site
	t      *testing.T
	ledger *ledger
	kills  int
	early  int // of them, before the scout answered
}

// round prints, cancels and releases until the scout is killed, and looks
// what is there once it is back.
func (k *killing) round() {
	k.t.Helper()
	ctx, cancel := context.WithCancel(k.t.Context())
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() { k.print(ctx) })
	}
	load.Go(func() { k.cancelSome(ctx) })
	load.Go(func() { k.releaseSome(ctx) })
	pause(ctx, 200*time.Millisecond)
	k.kill()
	cancel()
	load.Wait()
	for rand.IntN(5) == 0 {
		k.startAndKill()
	}
	k.run()
	k.look()
	if k.ledger.open() > 100 {
		k.releaseAll()
	}
}

func (k *killing) kill() {
	k.agent.stop(syscall.SIGKILL)
	k.kills++
}

// pause lets a random time pass, so that a kill hits anything.
func pause(ctx context.Context, most time.Duration) {
	select {
	case <-time.After(rand.N(most)):
	case <-ctx.Done():
	}
}

// startAndKill kills the scout while it starts.
func (k *killing) startAndKill() {
	k.start()
	pause(k.t.Context(), 60*time.Millisecond)
	k.kill()
	k.early++
}

// print prints one job after the other until the scout is gone.
func (k *killing) print(ctx context.Context) {
	transport := &http.Transport{DisableKeepAlives: true}
	c := &ipp.Client{HTTP: &http.Client{Transport: transport}, URI: k.ippURL()}
	for ctx.Err() == nil {
		docs := someDocuments()
		e := k.ledger.begin(docs)
		if err := printDocuments(ctx, c, e.title, docs); err != nil {
			if _, refused := errors.AsType[*ipp.StatusError](err); refused {
				k.t.Errorf("%s is refused: %v", e.title, err)
			}
			return
		}
		k.ledger.note(func() { e.kept = true })
	}
}

// someDocuments are mostly one and small, sometimes several, sometimes large.
func someDocuments() (docs [][]byte) {
	for range 1 + max(0, rand.IntN(5)-2) {
		size := 100 + rand.IntN(60_000)
		if rand.IntN(12) == 0 {
			size = 500_000 + rand.IntN(4_000_000)
		}
		docs = append(docs, pdf(size))
	}
	return docs
}

// printDocuments prints by Print-Job, or by Create-Job and a Send-Document for
// each document where there are several.
func printDocuments(ctx context.Context, c *ipp.Client, title string, docs [][]byte) error {
	if len(docs) == 1 {
		_, err := c.Print(ctx, ipp.PrintJob{Title: title, User: "root", Format: "application/pdf"}, document(docs[0]))
		return err
	}
	const createJob, sendDocument = 0x0005, 0x0006
	m := ipp.NewRequest(ipp.Version20, createJob, c.URI)
	m.Operation.Add(ipp.Name("requesting-user-name", "root"))
	m.Operation.Add(ipp.Name("job-name", title))
	a, err := c.Do(ctx, m, nil)
	if err != nil {
		return err
	}
	id, _ := ipp.Int(a.Job, "job-id")
	for i, d := range docs {
		m := ipp.NewRequest(ipp.Version20, sendDocument, c.URI)
		m.Operation.Add(ipp.Integer("job-id", id))
		m.Operation.Add(ipp.Name("requesting-user-name", "root"))
		m.Operation.Add(ipp.MIME("document-format", "application/pdf"))
		m.Operation.Add(ipp.Boolean("last-document", i == len(docs)-1))
		doc := document(d)
		if _, err := c.Do(ctx, m, &doc); err != nil {
			return err
		}
	}
	return nil
}

func document(b []byte) ipp.Document {
	return ipp.Document{Reader: bytes.NewReader(b), Size: int64(len(b))}
}

// cancelSome cancels jobs that have been acknowledged.
func (k *killing) cancelSome(ctx context.Context) {
	k.each(ctx, askedCancel, func(c *control.Client, e *entry, id string) error {
		if _, err := c.Cancel(ctx, id); err != nil {
			return err
		}
		k.ledger.note(func() { e.ended = "canceled" })
		return nil
	})
}

// releaseSome releases jobs that have been acknowledged.
func (k *killing) releaseSome(ctx context.Context) {
	k.each(ctx, askedRelease, func(c *control.Client, e *entry, id string) error {
		p, err := c.Release(ctx, control.Release{Jobs: []string{id}, Printer: "lobby"})
		if err == nil {
			p, err = c.Wait(ctx, p.ID, nil)
		}
		if err != nil {
			return err
		}
		k.concluded(e, p.Results[0])
		return nil
	})
}

func (k *killing) concluded(e *entry, r control.Result) {
	if r.State != "delivered" {
		k.t.Errorf("the release of %s: %+v", e.title, r)
	}
	k.ledger.note(func() { e.ended = string(r.State) })
}

// each does something with one job after the other until the scout is gone.
func (k *killing) each(ctx context.Context, what asked, do func(*control.Client, *entry, string) error) {
	c := control.NewClient(k.control)
	defer c.Close()
	for ctx.Err() == nil {
		listed, err := c.Jobs(ctx)
		if err == nil {
			if e, id := k.ledger.claim(listed, what); e != nil {
				err = do(c, e, id)
			}
		}
		if err == nil {
			pause(ctx, 20*time.Millisecond)
			continue
		}
		if ctx.Err() == nil && !errors.Is(err, control.ErrUnreachable) {
			k.t.Errorf("asking the scout: %v", err)
		}
		return
	}
}

// look compares what is there with what the clients know.
func (k *killing) look() {
	k.t.Helper()
	c := control.NewClient(k.control)
	defer c.Close()
	listed := k.settled(c)
	k.collect()
	k.ledger.check(k.t, listed)
	k.checkFolder(listed)
	for _, j := range listed {
		if j.State == "uncertain" {
			k.resolve(c, j)
		}
	}
}

// settled lists the jobs once the scout has asked the printer what became of
// those that it was sending.
func (k *killing) settled(c *control.Client) (listed []control.Job) {
	k.t.Helper()
	peers.Await(k.t, "what was interrupted is taken up", func() bool {
		var err error
		if listed, err = c.Jobs(k.t.Context()); err != nil {
			k.t.Fatal(err)
		}
		return !slices.ContainsFunc(listed, func(j control.Job) bool { return j.State == "releasing" })
	})
	return listed
}

// collect counts what the printer has printed, and takes it away.
func (k *killing) collect() {
	names, err := filepath.Glob(filepath.Join(k.out, "[0-9]*"))
	if err != nil {
		k.t.Fatal(err)
	}
	for _, name := range names {
		k.ledger.came[sha256.Sum256(read(k.t, name))]++
		os.Remove(name)
	}
}

// checkFolder wants the files of the jobs that are listed, and no others.
func (k *killing) checkFolder(listed []control.Job) {
	k.t.Helper()
	known := map[string]bool{}
	for _, j := range listed {
		known[j.ID] = true
	}
	for _, name := range files(k.t, filepath.Join(k.state, "vault")) {
		base := filepath.Base(name)
		id, suffix, _ := strings.Cut(base, ".")
		if id != "vault" && (!known[id] || suffix != "job" && suffix != "note") {
			k.t.Errorf("%s is left in the vault", base)
		}
	}
}

// resolve does what a person does who looks at the printer. What the scout had
// sent when it was killed has come out by the start after the next one.
func (k *killing) resolve(c *control.Client, j control.Job) {
	k.t.Helper()
	e := k.ledger.jobs[j.Title]
	if !e.uncertain {
		e.uncertain = true
		return
	}
	if k.ledger.printed(k.t, e) == 0 {
		_, err := c.Resolve(k.t.Context(), j.ID, control.PrintAgain)
		var p control.Progress
		if err == nil {
			p, err = c.Release(k.t.Context(), control.Release{Jobs: []string{j.ID}, Printer: "lobby"})
		}
		if err == nil {
			p, err = c.Wait(k.t.Context(), p.ID, nil)
		}
		if err != nil {
			k.t.Fatal(err)
		}
		k.concluded(e, p.Results[0])
		return
	}
	if _, err := c.Cancel(k.t.Context(), j.ID); err != nil {
		k.t.Fatal(err)
	}
	e.ended = "settled"
}

// releaseAll empties the vault, but for what is uncertain.
func (k *killing) releaseAll() {
	k.t.Helper()
	c := control.NewClient(k.control)
	defer c.Close()
	listed, err := c.Jobs(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	var ids []string
	for _, j := range listed {
		if j.State == "parked" {
			ids = append(ids, j.ID)
			k.ledger.jobs[j.Title].asked = askedRelease
		}
	}
	if len(ids) == 0 {
		return
	}
	p, err := c.Release(k.t.Context(), control.Release{Jobs: ids, Printer: "lobby"})
	if err == nil {
		p, err = c.Wait(k.t.Context(), p.ID, nil)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	for _, r := range p.Results {
		if r.State != "delivered" {
			k.t.Errorf("releasing all: %+v", r)
		}
	}
	k.look()
}

func (k *killing) nothingLeft() {
	k.t.Helper()
	if n := k.ledger.open(); n > 0 {
		k.t.Errorf("%d jobs have come to no end", n)
	}
	k.checkFolder(nil)
	all := map[sum]bool{}
	for _, e := range k.ledger.jobs {
		for _, d := range e.docs {
			all[d] = true
		}
	}
	for d := range k.ledger.came {
		if !all[d] {
			k.t.Error("something came out that nobody printed")
		}
	}
}

// ends counts how the jobs came to their end.
func (k *killing) ends() map[string]int {
	n := map[string]int{}
	for _, e := range k.ledger.jobs {
		n[e.ended]++
	}
	return n
}

// TestDemoStartsAKilledScoutAgain: it is the scout's service manager.
func TestDemoStartsAKilledScoutAgain(t *testing.T) {
	ipptool := peers.Need(t, "ipptool")
	d := startDemo(t, folder(t))
	doc := pdf(5_000)
	must(t, ipptool, "-tf", write(t, "j.pdf", doc), d.IPPURL, "print-job.test")
	before := d.status(t)
	syscall.Kill(before.pid, syscall.SIGKILL)
	peers.Await(t, "the scout is back", func() bool {
		r := d.scout(t, "status", "--json")
		return r.code == 0 && d.status(t).pid != before.pid
	})
	if results, code := d.release(t); code != 0 || len(results) != 1 {
		t.Fatalf("exit %d: %+v", code, results)
	}
	sameFile(t, d.PrinterOut, doc)
}
