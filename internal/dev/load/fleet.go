package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink"
	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/outcome"
)

// fleet is all scouts, in this process.
type fleet struct {
	server   *server
	edition  wire.Edition // of the site's directory
	links    []*cloudlink.Link
	agents   []*agent
	failures atomic.Int64 // attempts to connect that failed
	running  sync.WaitGroup
	stop     context.CancelFunc

	mu      sync.Mutex
	carried map[string]int              // by order: how often it was carried out
	waiting map[string]chan<- time.Time // by job: gets the time of its next order
}

// agent is a scout without a printer: it only counts the orders.
type agent struct {
	fleet *fleet
	jobs  []wire.Job

	mu   sync.Mutex
	done map[string]wire.Result // by order
}

func newFleet(s *site, server *server, pin string, jobs int) (*fleet, error) {
	f := &fleet{server: server, edition: s.edition, carried: make(map[string]int), waiting: make(map[string]chan<- time.Time)}
	for n, i := range s.scouts {
		a := &agent{fleet: f, jobs: someJobs(n, jobs), done: make(map[string]wire.Result)}
		link, err := cloudlink.New(cloudlink.Config{Server: "https://localhost:8443", ServerPin: pin, Scout: i.id, Key: i.key,
			Version: "load", Agent: a, Log: slog.New(attemptCounter{f}), Dial: f.dialServer})
		if err != nil {
			return nil, err
		}
		f.links, f.agents = append(f.links, link), append(f.agents, a)
	}
	return f, nil
}

func someJobs(scout, count int) []wire.Job {
	now := time.Now().Truncate(time.Second)
	jobs := make([]wire.Job, count)
	for n := range jobs {
		pages := n + 1
		jobs[n] = wire.Job{ID: uuid.Must(uuid.NewV7()).String(), User: fmt.Sprintf("owner-tag-of-%09d", scout), Created: now,
			Expires: now.Add(24 * time.Hour), State: "parked", Format: "application/pdf", Pages: &pages, PagesCertainty: "exact",
			Copies: 1, Sides: "two-sided-long-edge", Color: "monochrome", Size: 1 << 20}
	}
	return jobs
}

func (f *fleet) dialServer(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, f.server.dialAddress())
}

// connectAll lets all scouts connect at once.
func (f *fleet) connectAll(ctx context.Context) {
	ctx, f.stop = context.WithCancel(ctx)
	for _, link := range f.links {
		f.running.Go(func() { link.Run(ctx) })
	}
}

func (f *fleet) disconnectAll() {
	if f.stop != nil {
		f.stop()
	}
	f.running.Wait()
}

func (f *fleet) countConnected() (n int) {
	for _, link := range f.links {
		if link.Status().Connected {
			n++
		}
	}
	return n
}

func (a *agent) Jobs() []wire.Job { return a.jobs }

// Order carries an order out once, however often it arrives, as a scout does.
func (a *agent) Order(_ context.Context, o wire.Order) wire.Result {
	at := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if known, ok := a.done[o.ID]; ok {
		return known
	}
	a.fleet.noteOrder(o, at)
	r := wire.Result{Order: o.ID, Job: o.Job, Printer: o.Printer, State: wire.Delivered, Protocol: "ipps", Grade: "ipps-pinned",
		EvidenceLevel: outcome.EvidenceState}
	a.done[o.ID] = r
	return r
}

// DirectoryEdition returns the site's edition: these scouts have its directory.
func (a *agent) DirectoryEdition() wire.Edition { return a.fleet.edition }

func (a *agent) OfferDirectory([]byte) error { return nil }

func (f *fleet) noteOrder(o wire.Order, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.carried[o.ID]++
	if c := f.waiting[o.Job]; c != nil {
		c <- at
		delete(f.waiting, o.Job)
	}
}

// expectOrder returns a channel that gets the time at which the next order for a job
// arrives.
func (f *fleet) expectOrder(job string) <-chan time.Time {
	c := make(chan time.Time, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting[job] = c
	return c
}

// countCarried returns how often an order was carried out, and how many orders were
// carried out in all.
func (f *fleet) countCarried(order string) (often, all int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.carried[order], len(f.carried)
}

// nthJob returns the nth job of all; consecutive ones belong to different scouts.
func (f *fleet) nthJob(n int) string {
	a := f.agents[n%len(f.agents)]
	return a.jobs[n/len(f.agents)%len(a.jobs)].ID
}

// attemptCounter is the log of the links: it only counts failed attempts.
type attemptCounter struct{ fleet *fleet }

func (attemptCounter) Enabled(context.Context, slog.Level) bool { return true }

func (c attemptCounter) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "no connection to the server" {
		c.fleet.failures.Add(1)
	}
	return nil
}

func (c attemptCounter) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c attemptCounter) WithGroup(string) slog.Handler      { return c }
