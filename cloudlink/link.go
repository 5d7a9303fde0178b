// Package cloudlink is the scout's end of the wire: it enrolls a scout with a
// server, keeps one websocket to it (docs/protocol.md), tells it which jobs
// exist, and passes orders to the agent and results back. It decides nothing
// about an order and must not know what a job, a printer or a document is;
// it trusts the server only with the transport.
package cloudlink

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/loglimit"
)

// Agent is what the link needs from the scout. All methods may be called from
// several goroutines at once.
type Agent interface {
	// Jobs returns what the server may know now.
	Jobs() []wire.Job
	// Order checks an order and carries it out; it returns when the order has
	// ended, or soon after ctx has. An order whose id is known is not carried
	// out again: its recorded result is returned, whatever the clock says. A
	// result without a state means that there is none yet: the agent stops and
	// continues the order after its next start.
	Order(ctx context.Context, o wire.Order) wire.Result
	// DirectoryEdition returns the edition of the agent's directory; zero
	// without one.
	DirectoryEdition() wire.Edition
	// OfferDirectory checks a signed directory from the server, its signature,
	// succession and revision, and accepts it or says why not.
	OfferDirectory(envelope []byte) error
}

// Config configures a Link.
type Config struct {
	Server    string // https://host:port
	ServerPin string // wire.Pin of the server's CA; empty: the OS's roots
	Scout     string // the id given at enrollment
	Key       ed25519.PrivateKey
	Version   string
	Agent     Agent
	Log       *slog.Logger     // nil: nothing is logged; a line a minute for each reason
	Now       func() time.Time // nil: time.Now
	// Changed is called after the status has changed; nil: nobody is told.
	Changed func()
	// Jitter returns a random time from 0 to max; nil: evenly distributed.
	Jitter func(max time.Duration) time.Duration
	// Dial opens the connection that TLS is spoken over; nil: net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Link keeps a scout connected to its server.
type Link struct {
	cfg    Config
	server *url.URL
	host   string
	client *http.Client
	out    outbox
	orders orderTracker
	pace   fetchPacer
	status statusBoard
	quiet  *loglimit.Limiter

	forgotten     chan struct{} // closed once the server has said that it does not know the scout
	markForgotten func()
}

// New checks the configuration and opens nothing.
func New(cfg Config) (*Link, error) {
	server, err := wire.ServerURL(cfg.Server)
	if err != nil {
		return nil, fmt.Errorf("making the link: %w", err)
	}
	if err := wire.CheckPin(cfg.ServerPin); err != nil {
		return nil, fmt.Errorf("making the link: %w", err)
	}
	if cfg.Agent == nil || len(cfg.Key) != ed25519.PrivateKeySize || cfg.Scout == "" {
		return nil, errors.New("making the link: agent, key or scout id is missing")
	}
	cfg.setDefaults()
	l := &Link{cfg: cfg, server: server, host: wire.HostName(server.Host)}
	l.client = newClient(l.tlsConfig(), cfg.Dial)
	l.status.changed = cfg.Changed
	l.quiet = loglimit.New(cfg.Log, cfg.Now)
	l.out.wake = make(chan struct{}, 1)
	l.orders.work = make(map[string]bool)
	l.forgotten = make(chan struct{})
	l.markForgotten = sync.OnceFunc(func() { close(l.forgotten) })
	return l, nil
}

// setDefaults fills in what is not set.
func (c *Config) setDefaults() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Changed == nil {
		c.Changed = func() {}
	}
	if c.Jitter == nil {
		c.Jitter = func(most time.Duration) time.Duration { return rand.N(most + 1) }
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
}

// JobChanged tells the server about a job that is new or has changed. It never
// blocks; without a connection it does nothing, as the next one starts with a
// comparison.
func (l *Link) JobChanged(j wire.Job) { l.out.addJob(j.ID, j) }

// JobGone tells the server that a job is no longer there; reason is a code
// word. It never blocks.
func (l *Link) JobGone(id, reason string) { l.out.addJob(id, wire.JobGone{ID: id, Reason: reason}) }

// Status returns the state of the link.
func (l *Link) Status() Status { return l.status.current() }
