package cloud

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/loglimit"
)

// Config configures a Server.
type Config struct {
	DataDir string // registry and certificates; made with mode 0700
	// Site is the site whose scouts are served: its public part of any epoch.
	// The server uses the newest one that it has ever followed from there.
	Site directory.Public
	// SiteDir holds public.json and directory.json; the directory is read
	// again when it changes. Empty: no directory is served.
	SiteDir string
	// Hosts are the names and addresses in the certificate that the server
	// makes for itself, besides localhost, 127.0.0.1 and ::1.
	Hosts []string
	// CertFile and KeyFile, PEM, are used instead of a certificate of its own.
	CertFile, KeyFile string
	Log               *slog.Logger     // nil: nothing is logged
	Now               func() time.Time // nil: time.Now
	// PingEvery is the keep-alive interval, kept to within a tenth; 0: 50 s.
	PingEvery time.Duration
}

// Server is a release server. Its methods other than Serve need no listener
// and do not disturb a server that runs on the same DataDir.
type Server struct {
	cfg      Config
	log      *slog.Logger
	registry Registry
	certs    *certs
	served   *servedDirectory
	index    *jobIndex
	router   *localRouter
	watch    *orderWatch
	sessions *sessions
	quiet    *loglimit.Limiter
	bounds   bounds
	listener *admissionListener // of Serve
	// withdrawn is the registry's count of withdrawals that have been handled.
	withdrawn atomic.Int64
	handler   http.Handler

	ctx      context.Context // ends with the server; for work that outlives a request
	cancel   context.CancelFunc
	draining chan struct{} // closed when Serve begins to stop
	group    connGroup
	close    func() error
}

// New opens the registry in DataDir and makes it if necessary. It does not
// listen.
func New(cfg Config) (*Server, error) {
	if err := cfg.Site.Validate(); err != nil {
		return nil, fmt.Errorf("making the server: the site: %w", err)
	}
	if cfg.DataDir == "" || (cfg.CertFile == "") != (cfg.KeyFile == "") {
		return nil, errors.New("making the server: the data folder, or one of certificate and key, is missing")
	}
	cfg.setDefaults()
	registry, err := OpenRegistry(context.Background(), cfg.DataDir)
	if err != nil {
		return nil, err
	}
	line, err := servedLineage(context.Background(), registry, cfg.Site)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making the server: %w", err), registry.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		cfg:      cfg,
		log:      cfg.Log,
		registry: registry,
		certs:    newCerts(cfg),
		served:   &servedDirectory{line: line, dir: cfg.SiteDir, registry: registry, log: cfg.Log},
		index:    newIndex(),
		router:   newLocalRouter(),
		watch:    newWatch(),
		sessions: newSessions(),
		quiet:    loglimit.New(cfg.Log, cfg.Now),
		bounds:   boundsFor(openFiles()),
		ctx:      ctx,
		cancel:   cancel,
		draining: make(chan struct{}),
	}
	s.handler = s.makeHandler()
	s.close = sync.OnceValue(s.shutDown)
	return s, nil
}

// setDefaults fills in what is not set.
func (c *Config) setDefaults() {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.PingEvery <= 0 {
		c.PingEvery = 50 * time.Second
	}
}

// Reload reads the directory and the certificate again.
func (s *Server) Reload() error {
	if err := s.certs.refreshLeaf(); err != nil {
		return err
	}
	s.loadDirectory(true)
	return nil
}

// Close ends everything that the server has under way and closes the registry.
// End Serve first, by its context, so that scouts are told.
func (s *Server) Close() error { return s.close() }

func (s *Server) shutDown() error {
	s.cancel()
	s.group.endAll()
	return s.registry.Close()
}
