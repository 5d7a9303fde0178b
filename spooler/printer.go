package spooler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/loglimit"
	"github.com/printscout/printscout/spooler/internal/loopback"
)

// Config says what the printer is and where its jobs go.
type Config struct {
	Name     string // printer-name, at most 127 bytes
	Info     string // printer-info, for people; the name where empty
	Location string // printer-location
	Make     string // printer-make-and-model; "Print Scout" where empty
	UUID     string // "urn:uuid:…"; must stay the same over restarts

	// Resources are the printers that there are, each once; Documents alone
	// where empty.
	Resources []Resource
	// Monochrome and Simplex say that the site's printers print no color, and
	// on one side alone.
	Monochrome, Simplex bool
	// Media are the names of paper offered (PWG 5101.1), the first the default;
	// a pair of custom_min_… and custom_max_… is a range of sizes of one's own.
	// Where empty: all that are known, and any size between.
	Media []string
	// Finishings are values of finishings, beside none, that the site's
	// printers have: RFC 8011 §5.2.6, PWG 5100.1.
	Finishings []int
	// Identify asks the kernel who is at the other end of a connection, its two
	// ends as the server sees them. Where it is nil nobody is asked, and every
	// name is the client's claim.
	Identify func(ctx context.Context, local, remote netip.AddrPort) (Client, error)
	// Account asks the kernel what a connection counts under (Client.Account),
	// as soon as it was accepted and without waiting for any name; "" where the
	// kernel does not say. Where it is nil, Identify alone says so.
	Account func(ctx context.Context, local, remote netip.AddrPort) string
	// Passwords says that the Intake asks for Ticket.Password before it has a
	// job released.
	Passwords bool

	Intake Intake
	// NextJobID returns a number from 1 to 2³¹−1 that it never returned
	// before, restarts included.
	NextJobID func() (int, error)
	// Past are jobs of before this start; only the newest EndedJobs are kept.
	Past []Past

	Log    *slog.Logger     // nothing is logged where nil
	Now    func() time.Time // time.Now where nil
	Limits Limits
}

// Printer is the virtual printer. It serves once.
type Printer struct {
	cfg        Config
	limits     Limits
	jobs       *jobTable
	stateClock stateClock

	capabilities capabilities
	main         *resource // the first; what is asked of no other is asked of it
	resources    []*resource
	// What is offered follows from the configuration and the Intake.
	operations map[goipp.Op]operation
	templates  map[string]templateAttribute
	syntaxes   map[string]attributeSyntax
	started    time.Time

	selfCheck   *loopback.SelfCheck
	connections *loopback.Limiter
	listings    *loopback.Limiter // of answers that list jobs
	limitedLog  *loglimit.Limiter

	// life ends when documents still coming must be given up.
	lifetime    context.Context
	endLifetime context.CancelCauseFunc

	mu          sync.Mutex
	ending      bool           // guarded by mu: no request is taken anymore
	inProgress  sync.WaitGroup // requests in hand; added to under mu
	identifying sync.WaitGroup // questions to the kernel; added to where connections are accepted
}

// New makes a printer from a complete configuration.
func New(cfg Config) (*Printer, error) {
	switch {
	case cfg.Intake == nil:
		return nil, errors.New("the printer has no intake")
	case cfg.NextJobID == nil:
		return nil, errors.New("the printer has no source of job numbers")
	case cfg.Name == "" || len(cfg.Name) > 127:
		return nil, fmt.Errorf("the printer's name must have 1 to 127 bytes, it has %d", len(cfg.Name))
	case !strings.HasPrefix(cfg.UUID, "urn:uuid:"):
		return nil, fmt.Errorf("the printer's uuid must begin with urn:uuid:, it is %q", cfg.UUID)
	}
	offered, err := newCapabilities(&cfg)
	if err != nil {
		return nil, err
	}
	cfg.Name = ipp.Clean(cfg.Name, 127)
	cfg.Info = ipp.Clean(cmp.Or(cfg.Info, cfg.Name), 127)
	cfg.Location = ipp.Clean(cfg.Location, 127)
	cfg.Make = ipp.Clean(cmp.Or(cfg.Make, "Print Scout"), 127)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	p := &Printer{cfg: cfg, limits: cfg.Limits.withDefaults(), capabilities: offered, started: cfg.Now(), selfCheck: loopback.NewSelfCheck()}
	p.listings = loopback.NewLimiter(0, 0, p.limits.ListingsAtOnce)
	p.connections, p.limitedLog = loopback.NewLimiter(p.limits.Connections, p.limits.AccountConnections, p.limits.UserAtOnce), loglimit.New(cfg.Log, cfg.Now)
	p.lifetime, p.endLifetime = context.WithCancelCause(context.Background())
	p.operations, p.templates, p.syntaxes = p.offeredOperations(), p.jobTemplates(), p.operationSyntax()
	if err := p.addResources(); err != nil {
		return nil, err
	}
	p.jobs = newJobTable(p.limits, cfg.Now, p.main, p.pastJobs())
	p.jobs.onTimeout, p.jobs.isPaused = p.runAsRequest, p.isPaused
	return p, nil
}

func (p *Printer) addResources() error {
	var err error
	if p.resources, err = newResources(&p.cfg); err != nil {
		return err
	}
	p.main = p.resources[0]
	for _, r := range p.resources {
		r.static = p.newStaticAttributes(r)
		if err := checkEncodable(r.static.allAttributes()); err != nil {
			return err
		}
	}
	return nil
}

// pastJobs are the jobs of before this start. Without a Holder none is held.
func (p *Printer) pastJobs() []Past {
	past := slices.Clone(p.cfg.Past)
	for i := range past {
		past[i].Held = past[i].Held && p.supportsHold()
	}
	return past
}

// checkEncodable checks once that the attributes can be sent at all.
func checkEncodable(attrs goipp.Attributes) error {
	m := ipp.NewResponse(nil, goipp.StatusOk)
	m.Printer = attrs
	if _, err := m.EncodeBytes(); err != nil {
		return fmt.Errorf("encoding the printer's attributes: %w", err)
	}
	return nil
}

// beginRequest reports whether a request may be worked on; leave must follow if so.
func (p *Printer) beginRequest() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ending {
		return false
	}
	p.inProgress.Add(1)
	return true
}

func (p *Printer) endRequest() { p.inProgress.Done() }

// runAsRequest calls f as a request would be worked on.
func (p *Printer) runAsRequest(f func()) {
	if p.beginRequest() {
		defer p.endRequest()
		f()
	}
}

// refuseRequests lets no further request in.
func (p *Printer) refuseRequests() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ending = true
}

// upTime is printer-up-time at t, which begins at 1 (RFC 8011 §5.4.29). Times
// of before this start are 0.
func (p *Printer) upTime(t time.Time) int {
	if t.Before(p.started) {
		return 0
	}
	return int(t.Sub(p.started)/time.Second) + 1
}
