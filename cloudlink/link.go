// Package cloudlink is the scout's end of the wire: it enrols a scout with a
// server, keeps one websocket to it (docs/protocol.md), tells it which jobs
// exist and carries orders to the agent and results back. It decides nothing
// about an order and must not know what a job, a printer or a document is;
// it trusts the server with nothing but the transport.
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
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/loglimit"
)

// Agent is what the link needs of the scout. All methods may be called from
// several goroutines at once.
type Agent interface {
	// Jobs returns what the server may know now.
	Jobs() []wire.Job
	// Order checks an order and carries it out; it returns when the order has
	// come to its end, or soon after ctx has. An order whose id is known
	// is not carried out again: its recorded result is returned, whatever
	// the clock says. A result without a state is none: the agent stops and
	// goes on with the order after its next start.
	Order(ctx context.Context, o wire.Order) wire.Result
	// DirectoryEdition is that of the directory at hand; zero without one.
	DirectoryEdition() wire.Edition
	// OfferDirectory checks a signed directory from the server, signature,
	// succession and rollback, and takes it or says why not.
	OfferDirectory(envelope []byte) error
}

// Config is what a Link is made of.
type Config struct {
	Server    string // https://host:port
	ServerPin string // wire.Pin of the server's CA; empty: the OS's roots
	Scout     string // the id given at enrollment
	Key       ed25519.PrivateKey
	Version   string
	Agent     Agent
	Log       *slog.Logger     // nil: nothing is logged; a line a minute for each reason
	Now       func() time.Time // nil: time.Now
	// Jitter returns a random time from 0 to max; nil: evenly distributed.
	Jitter func(max time.Duration) time.Duration
	// Dial opens the connection under TLS; nil: net.Dialer.
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
	pace   pace
	status board
	quiet  *loglimit.Limiter
}

// New checks the configuration; it opens nothing.
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
	cfg.fill()
	l := &Link{cfg: cfg, server: server, host: wire.HostName(server.Host)}
	l.client = newClient(l.tlsConfig(), cfg.Dial)
	l.quiet = loglimit.New(cfg.Log, cfg.Now)
	l.out.wake = make(chan struct{}, 1)
	l.orders.work = make(map[string]bool)
	return l, nil
}

func (c *Config) fill() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Jitter == nil {
		c.Jitter = func(most time.Duration) time.Duration { return rand.N(most + 1) }
	}
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
}

// JobChanged tells the server of a job that is new or has changed. It never
// blocks; without a connection it does nothing, as the next one starts with
// a comparison.
func (l *Link) JobChanged(j wire.Job) { l.out.job(j.ID, j) }

// JobGone tells the server that a job is no longer there; reason is a code
// word. It never blocks.
func (l *Link) JobGone(id, reason string) { l.out.job(id, wire.JobGone{ID: id, Reason: reason}) }

// Status returns how the link stands.
func (l *Link) Status() Status { return l.status.get() }
