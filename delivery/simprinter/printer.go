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
	"sync"
	"time"

	"github.com/OpenPrinting/goipp"
	"github.com/google/uuid"
)

const path = "/ipp/print"

// Printer is a running printer.
type Printer struct {
	config     Config
	log        *slog.Logger
	uuid       string
	started    time.Time
	server     *http.Server
	tls, plain net.Listener
	serving    sync.WaitGroup
	handling   sync.WaitGroup
	closing    chan struct{}
	closed     sync.Once

	mu          sync.Mutex
	certificate tls.Certificate
	faults      map[goipp.Op]Fault
	fate        Fate
	jobs        []*job
	lastID      int
	stats       Stats
}

// Stats count what has come to the printer.
type Stats struct {
	TLSConnections   int // accepted, whether or not the TLS hello went well
	PlainConnections int
	DocumentBytes    int64
	Requests         map[goipp.Op]int
}

// Start starts a printer on free ports of 127.0.0.1.
func Start(c Config) (*Printer, error) {
	p := &Printer{
		config: withDefaults(c), log: c.Log, uuid: uuid.NewString(), started: time.Now(),
		closing: make(chan struct{}), faults: map[goipp.Op]Fault{}, stats: Stats{Requests: map[goipp.Op]int{}},
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(p.config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for what is printed: %w", err)
	}
	if err := p.goOn(); err != nil {
		return nil, err
	}
	if err := p.ReplaceCertificate(c.Certificate); err != nil {
		return nil, err
	}
	if err := p.listen(); err != nil {
		return nil, err
	}
	p.serve()
	return p, nil
}

func withDefaults(c Config) Config {
	c.Name = cmp.Or(c.Name, "Software Printer")
	if c.Formats == nil {
		c.Formats = []string{"application/pdf", "image/jpeg", "image/pwg-raster", "image/urf"}
	}
	if c.Operations == nil {
		c.Operations = slices.Clone(operations)
	}
	return c
}

func (p *Printer) listen() (err error) {
	if !p.config.NoTLS {
		if p.tls, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return fmt.Errorf("listening for ipps: %w", err)
		}
	}
	if !p.config.NoPlain {
		if p.plain, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			p.stopListening()
			return fmt.Errorf("listening for ipp: %w", err)
		}
	}
	return nil
}

func (p *Printer) stopListening() {
	for _, l := range []net.Listener{p.tls, p.plain} {
		if l != nil {
			_ = l.Close()
		}
	}
}

func (p *Printer) serve() {
	p.server = &http.Server{
		Handler:           http.HandlerFunc(p.handle),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	if p.tls != nil {
		counted := countingListener{p.tls, func() { p.count(func(s *Stats) { s.TLSConnections++ }) }}
		p.serving.Go(func() { _ = p.server.Serve(tls.NewListener(counted, p.tlsConfig())) })
	}
	if p.plain != nil {
		counted := countingListener{p.plain, func() { p.count(func(s *Stats) { s.PlainConnections++ }) }}
		p.serving.Go(func() { _ = p.server.Serve(counted) })
	}
}

type connKey struct{}

type countingListener struct {
	net.Listener
	accepted func()
}

func (l countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.accepted()
	}
	return c, err
}

func (p *Printer) count(f func(*Stats)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.stats)
}

// URI is the printer's address over IPPS, empty where it does not listen.
func (p *Printer) URI() string { return address("ipps", p.tls) }

// PlainURI is the printer's address over IPP, empty where it does not listen.
func (p *Printer) PlainURI() string { return address("ipp", p.plain) }

func address(scheme string, l net.Listener) string {
	if l == nil {
		return ""
	}
	return scheme + "://" + l.Addr().String() + path
}

// Dir is where what is printed lies.
func (p *Printer) Dir() string { return p.config.Dir }

// Stats are the counts so far.
func (p *Printer) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Requests = maps.Clone(s.Requests)
	return s
}

// SetFault makes an operation fail from now on; the zero Fault ends that.
func (p *Printer) SetFault(op goipp.Op, f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[op] = f
}

// SetFate decides what becomes of documents that come from now on.
func (p *Printer) SetFate(f Fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fate = f
}

func (p *Printer) takeFault(op goipp.Op) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.faults[op]
	switch f.Times {
	case 0:
	case 1:
		delete(p.faults, op)
	default:
		left := f
		left.Times--
		p.faults[op] = left
	}
	return f
}

// Close stops the printer, jobs that print included, and waits for all that
// it had going. What it printed stays. A second Close does nothing.
func (p *Printer) Close() error {
	var err error
	p.closed.Do(func() {
		p.mu.Lock()
		close(p.closing) // under the lock that enter takes: no request comes in behind it
		p.mu.Unlock()
		err = p.server.Close()
		p.stopListening()
		p.serving.Wait()
		p.handling.Wait()
		p.stopJobs()
	})
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
