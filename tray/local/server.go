package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/web"
)

// Pages to begin with; others are printers, diagnostics, about and jobs/ID.
const (
	FirstJobs  = "jobs"          // my jobs
	FirstSetup = "setup/welcome" // the wizard
)

// ErrNoPage means that there is no such page to begin with.
var ErrNoPage = errors.New("there is no such page")

// Config is what a Server is made of.
type Config struct {
	Agent       Agent
	Preferences Preferences
	Queues      Queues // nil: those of this computer
	First       string // page to begin with
	// Stands keeps the token good for as long as the pages are served, and has
	// them served until they are stopped: for an address that is printed for the
	// person to open. Else the token is good once, within two minutes, and the
	// pages end by themselves.
	Stands  bool
	Missed  func() // called when nobody has come by the token in that time; nil: not
	Version string
	Log     *slog.Logger
	Clock   Clock // nil: the computer's
	// Checkups looks at this computer for the diagnostics page; nil: it shows none.
	Checkups func(context.Context) []checkup.Result
}

// Server serves the pages to one account.
type Server struct {
	agent       Agent
	preferences Preferences
	queues      Queues
	clock       Clock
	log         *slog.Logger
	version     string
	missed      func()

	listener    net.Listener
	account     string // whose the pages are
	host        string // as the browser calls it: 127.0.0.1:PORT
	base        string // /PATH/
	first       string // page, below base
	cookie      string
	entry       *entry
	file        handoff
	idle        *idle
	mux         *http.ServeMux
	crossOrigin *http.CrossOriginProtection
	pages       web.Pages

	changes  *changes
	checkups *checkups
	releases *releases
	test     testPrint
	// refusedQueue is why the print queue could not be made, when last tried.
	refusedQueue atomic.Pointer[string]

	ctx    context.Context // ends with the server
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// New listens on a free port. Nothing is answered before Serve.
func New(ctx context.Context, c Config) (*Server, error) {
	pages, err := web.ParsePages(pageFiles, "pages")
	if err != nil {
		return nil, err
	}
	l, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	s := &Server{
		agent: c.Agent, preferences: c.Preferences, queues: c.Queues, clock: c.Clock, log: c.Log, version: c.Version, missed: c.Missed,
		listener: l, account: l.account, host: l.Addr().String(), base: "/" + web.NewToken(128) + "/", first: c.First, cookie: web.NewToken(256),
		crossOrigin: http.NewCrossOriginProtection(), pages: pages,
	}
	if s.queues == nil {
		s.queues = systemQueues{}
	}
	if s.clock == nil {
		s.clock = computer{}
	}
	s.checkups = &checkups{run: c.Checkups, clock: s.clock}
	s.entry, s.idle = newEntry(s.clock, c.Stands), newIdle(s.clock)
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.changes = newChanges(s.agent, s.log)
	s.releases = newReleases(s.ctx, s.agent, s.changes, &s.wg)
	s.mux = http.NewServeMux()
	for _, r := range Routes() {
		s.mux.HandleFunc(r.Method+" "+s.base+r.Path, func(w http.ResponseWriter, q *http.Request) { r.do(s, w, q) })
	}
	if !s.isPage(c.First) {
		s.Close()
		return nil, fmt.Errorf("%w: %q", ErrNoPage, c.First)
	}
	return s, nil
}

// Times of a connection. A stream of events has no end to its answer.
const (
	headerTime = 10 * time.Second
	keepTime   = 2 * time.Minute
	stopTime   = 5 * time.Second
)

// Serve answers until ctx ends, or nobody has used the pages for ten minutes.
// Then nothing of the server is left: neither the file nor a goroutine.
func (s *Server) Serve(ctx context.Context) error {
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: time.Minute, IdleTimeout: keepTime, MaxHeaderBytes: 32 << 10,
		BaseContext: func(net.Listener) context.Context { return s.ctx },
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- h.Serve(s.listener) }()
	err := s.watch(ctx, served)
	s.cancel() // streams of events end, and with them what Shutdown waits for
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if stop := h.Shutdown(stopping); stop != nil {
		h.Close()
	}
	s.Close()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// watch returns when the pages are no longer to be served.
func (s *Server) watch(ctx context.Context, served <-chan error) error {
	ticks, stop := s.clock.Ticks()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-served:
			return fmt.Errorf("serving the local page: %w", err)
		case <-ticks:
			if s.entry.closed() && s.file.remove() && s.missed != nil {
				s.missed()
			}
			if !s.entry.stands && s.idle.over() {
				return nil
			}
		}
	}
}

// Close ends a server whose Serve was never called, or has returned.
func (s *Server) Close() {
	s.cancel()
	s.listener.Close()
	s.file.remove()
	s.changes.close()
	s.wg.Wait()
}

// Open has the browser show the pages, by a file that redirects there.
func (s *Server) Open(browser func(path string) error) error {
	dir, err := runtimeFolder()
	if err != nil {
		return err
	}
	path, err := s.file.write(dir, s.URL())
	if err != nil {
		return err
	}
	if err := browser(path); err != nil {
		s.file.remove()
		return err
	}
	return nil
}
