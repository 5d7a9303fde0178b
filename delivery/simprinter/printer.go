package simprinter

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/OpenPrinting/goipp"
)

const defaultPath = "/ipp/print"

// Printer is a running printer.
type Printer struct {
	config          Config
	log             *slog.Logger
	server          *http.Server
	tls, plain, raw net.Listener
	serving         sync.WaitGroup
	handling        sync.WaitGroup
	closing         chan struct{}
	closed          sync.Once
	session         chan struct{} // holds a token while a RAW session lasts

	mu          sync.Mutex
	uuid        string
	serial      string
	started     time.Time
	certificate tls.Certificate
	faults      map[goipp.Op]Fault
	wire        Wire
	fate        Fate
	condition   Condition
	rawFaults   Raw
	resumed     chan struct{} // closed by Resume
	awake       chan struct{} // closed when the printer is awake
	wakeStarted bool
	conns       map[*trackedConn]struct{}
	jobs        []*printerJob
	rawJobs     []RawJob
	lastID      int
	lastNumber  int // of files
	stats       Stats
}

// Stats counts what has come to the printer.
type Stats struct {
	TLSConnections   int // accepted, whether or not the TLS hello went well
	PlainConnections int
	RawConnections   int
	DocumentBytes    int64 // of documents by IPP and IPPS
	Requests         map[goipp.Op]int
}

// Start starts a printer on free ports of 127.0.0.1.
func Start(c Config) (*Printer, error) {
	p := newPrinter(withDefaults(c))
	if err := os.MkdirAll(p.config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for what is printed: %w", err)
	}
	if err := p.countOnFromFiles(); err != nil {
		return nil, err
	}
	if err := p.ReplaceCertificate(c.Certificate); err != nil {
		return nil, err
	}
	if err := p.openListeners(); err != nil {
		return nil, err
	}
	p.serveListeners()
	return p, nil
}

func newPrinter(c Config) *Printer {
	p := &Printer{
		config: c, log: c.Log, started: time.Now(),
		uuid: c.UUID, serial: serialOf(c), faults: maps.Clone(c.Faults), wire: c.Wire, fate: c.Fate, condition: c.Condition,
		closing: make(chan struct{}), resumed: make(chan struct{}), awake: make(chan struct{}),
		session: make(chan struct{}, 1), conns: map[*trackedConn]struct{}{}, stats: Stats{Requests: map[goipp.Op]int{}},
	}
	if p.faults == nil {
		p.faults = map[goipp.Op]Fault{}
	}
	if c.Raw != nil {
		p.rawFaults = *c.Raw
	}
	if c.Sleep.For == 0 {
		close(p.awake)
	}
	return p
}

func withDefaults(c Config) Config {
	c.Name = cmp.Or(c.Name, "Software Printer")
	c.UUID = cmp.Or(c.UUID, newUUID())
	c.Path = cmp.Or(c.Path, defaultPath)
	if c.Formats == nil {
		c.Formats = []string{"application/pdf", "image/jpeg", "image/pwg-raster", "image/urf"}
	}
	if c.Operations == nil {
		c.Operations = slices.Clone(supportedOperations)
	}
	if c.Versions == nil {
		c.Versions = []string{"1.1", "2.0"}
	}
	if c.After == nil {
		c.After = time.After
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func (p *Printer) openListeners() (err error) {
	for _, l := range []struct {
		at   *net.Listener
		on   bool
		name string
		port int
	}{
		{&p.tls, !p.config.NoTLS, "ipps", p.config.Port},
		{&p.plain, !p.config.NoPlain, "ipp", 0},
		{&p.raw, p.config.Raw != nil, "raw", 0},
	} {
		if !l.on {
			continue
		}
		if *l.at, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.port))); err != nil {
			p.stopListening()
			return fmt.Errorf("listening for %s: %w", l.name, err)
		}
	}
	return nil
}

func (p *Printer) stopListening() {
	for _, l := range []net.Listener{p.tls, p.plain, p.raw} {
		if l != nil {
			_ = l.Close()
		}
	}
}

func (p *Printer) serveListeners() {
	p.server = &http.Server{
		Handler:           http.HandlerFunc(p.handleHTTP),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	if p.tls != nil {
		p.serving.Go(func() { _ = p.server.Serve(p.tlsListener()) })
	}
	if p.plain != nil {
		p.serving.Go(func() {
			_ = p.server.Serve(&portListener{Listener: p.plain, printer: p, ipp: true, count: func(s *Stats) { s.PlainConnections++ }})
		})
	}
	if p.raw != nil {
		p.serving.Go(func() {
			p.serveRaw(&portListener{Listener: p.raw, printer: p, count: func(s *Stats) { s.RawConnections++ }})
		})
	}
}

type connKey struct{}

func (p *Printer) updateStats(f func(*Stats)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.stats)
}

// Dir returns the folder of what is printed.
func (p *Printer) Dir() string { return p.config.Dir }

// Stats returns the counts so far.
func (p *Printer) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Requests = maps.Clone(s.Requests)
	return s
}

// Close stops the printer, including jobs that print, and waits for all that
// it had going. What it printed stays. A second Close does nothing.
func (p *Printer) Close() error {
	var err error
	p.closed.Do(func() {
		p.mu.Lock()
		close(p.closing) // under the lock that enterHandling takes: no request comes in after it
		p.mu.Unlock()
		err = p.server.Close()
		p.stopListening()
		p.closeConnections()
		p.serving.Wait()
		p.handling.Wait()
	})
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
