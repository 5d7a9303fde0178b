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

// Config describes the printer and where its jobs go.
type Config struct {
	Name     string // printer-name, at most 127 bytes
	Info     string // printer-info, for people; the name where empty
	Location string // printer-location
	Make     string // printer-make-and-model; "Print Scout" where empty
	UUID     string // "urn:uuid:…"; must stay the same over restarts

	// Resources lists the printers at the address, each once; only Documents
	// where empty.
	Resources []Resource
	// Monochrome and Simplex mean that the site's printers print no color, and
	// only one side of a sheet.
	Monochrome, Simplex bool
	// Media lists the names of the papers offered (PWG 5101.1), the default
	// first; a pair of custom_min_… and custom_max_… is a range of custom
	// sizes. Where empty: all known papers, and any size in anySize.
	Media []string
	// Finishings lists the values of finishings, other than none, that the
	// site's printers have: RFC 8011 §5.2.6, PWG 5100.1.
	Finishings []int
	// Identify asks the kernel which client is at the other end of a connection,
	// given its two ends as the server sees them. Where it is nil the kernel is
	// not asked, and every user name is the client's claim.
	Identify func(ctx context.Context, local, remote netip.AddrPort) (Client, error)
	// Account asks the kernel which account a connection counts under
	// (Client.Account), as soon as it is accepted and without looking up any
	// name; "" where the kernel does not say. Where it is nil, the account comes
	// from Identify only.
	Account func(ctx context.Context, local, remote netip.AddrPort) string
	// Passwords means that the Intake asks for Ticket.Password before it
	// releases a job.
	Passwords bool

	Intake Intake
	// NextJobID returns a number from 1 to 2³¹−1 that it has never returned
	// before, not even before a restart.
	NextJobID func() (int, error)
	// Past lists jobs from before this start; only the newest EndedJobs are kept.
	Past []Past

	Log    *slog.Logger     // nothing is logged where nil
	Now    func() time.Time // time.Now where nil
	Limits Limits
}

// Printer is the virtual printer. Serve may be called only once.
type Printer struct {
	cfg        Config
	limits     Limits
	jobs       *jobTable
	stateClock stateClock

	capabilities capabilities
	main         *resource // the first, and the default for a request that names none
	resources    []*resource
	// What is offered depends on the configuration and the Intake.
	operations map[goipp.Op]operation
	templates  map[string]templateAttribute
	syntaxes   map[string]attributeSyntax
	started    time.Time

	selfCheck   *loopback.SelfCheck
	connections *loopback.Limiter
	listings    *loopback.Limiter // bounds answers that list jobs
	limitedLog  *loglimit.Limiter

	// lifetime ends when documents that are still arriving must be aborted.
	lifetime    context.Context
	endLifetime context.CancelCauseFunc

	mu          sync.Mutex
	ending      bool           // guarded by mu: no further request is accepted
	inProgress  sync.WaitGroup // requests; added to under mu
	identifying sync.WaitGroup // calls of Identify; added to where connections are accepted
}

// New returns a printer with a complete configuration.
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

// pastJobs returns the jobs from before this start. Without a Holder none is
// held.
func (p *Printer) pastJobs() []Past {
	past := slices.Clone(p.cfg.Past)
	for i := range past {
		past[i].Held = past[i].Held && p.supportsHold()
	}
	return past
}

// checkEncodable returns an error if the attributes cannot be encoded.
func checkEncodable(attrs goipp.Attributes) error {
	m := ipp.NewResponse(nil, goipp.StatusOk)
	m.Printer = attrs
	if _, err := m.EncodeBytes(); err != nil {
		return fmt.Errorf("encoding the printer's attributes: %w", err)
	}
	return nil
}

// beginRequest reports whether a request may be processed; if so, endRequest
// must follow.
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

// runAsRequest calls f unless the printer is ending, and counts it as a
// request.
func (p *Printer) runAsRequest(f func()) {
	if p.beginRequest() {
		defer p.endRequest()
		f()
	}
}

// refuseRequests makes beginRequest return false from now on.
func (p *Printer) refuseRequests() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ending = true
}

// upTime returns printer-up-time at t, which begins at 1 (RFC 8011 §5.4.29). It
// is 0 for times before this start.
func (p *Printer) upTime(t time.Time) int {
	if t.Before(p.started) {
		return 0
	}
	return int(t.Sub(p.started)/time.Second) + 1
}
