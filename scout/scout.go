package scout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink"
	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/internal/loglimit"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/vault"
	"github.com/printscout/printscout/vault/keystore"
)

// Config configures an agent.
type Config struct {
	Settings settings.Values
	// Configured says where Settings came from; nil: nothing is known of that.
	Configured *settings.Settings
	// Reread reads the settings anew; nil: they do not change while the agent runs.
	Reread func() (*settings.Settings, error)
	// Reload asks for that at once; nil: no one does.
	Reload <-chan struct{}
	// SetLogLevel carries out a change of the setting LogLevel; may be nil.
	SetLogLevel func(string)
	// Warnings are shown by status.
	Warnings []string
	Version  string
	Log      *slog.Logger
	Now      func() time.Time // nil: time.Now
	// Elapsed returns how much time has passed by a monotonic clock; nil: the
	// system's or, if Now is set, the readings of Now.
	Elapsed func() time.Duration
	// After is how the hourly replacement of the shred key, the rereading of the
	// settings, and what looks for BundleFile wait; nil: time.After.
	After    func(time.Duration) <-chan time.Time
	Delivery delivery.Config // its Log and Now are the agent's
	// Listeners are those of the printer that the service manager has bound, at
	// one port; nil: Run binds Settings.Port.
	Listeners []net.Listener
	// Ready is called when Run accepts jobs, with a function that returns unless
	// the agent is stuck. Stopping is called when Run begins to stop. Each may be
	// nil.
	Ready    func(alive func())
	Stopping func()
}

// Scout is the agent. Everything it owns ends when Run returns.
type Scout struct {
	cfg     Config
	log     *slog.Logger
	now     func() time.Time
	started time.Time

	vault      *vault.Vault
	table      *jobTable
	orders     *orderLog
	membership *membership
	configured configuration
	keys       *keystore.Store
	tagKey     []byte
	printerID  *printerID
	deliverer  *delivery.Deliverer
	expiry     expiry
	retention  *retentionClock
	examiner   *examiner
	quota      *quota
	refused    *refusedJobs
	pins       *pinTries
	people     *people
	releases   *releases
	hub        *hub
	joined     chan struct{}
	joining    sync.Mutex // held while this computer joins or leaves a site
	bundle     bundleReport
	watch      portWatch
	held       []portHolding // of the printer's port, by other programs, before this start
	accounts   identity.Accounts
	quiet      *loglimit.Limiter // for events that others cause

	// releasing is the context of everything being released; it ends later
	// than the rest, so that a document on its way can arrive.
	releasing     context.Context
	stopReleasing context.CancelCauseFunc
	working       sync.WaitGroup

	mu         sync.Mutex
	link       *cloudlink.Link
	ordering   map[string]chan struct{}
	stopping   bool
	uris       []string         // of the printers on loopback
	printer    *spooler.Printer // nil before Run
	identified identifyRequest

	interruptedOrders []orderEntry // cut short by an interruption; Run continues them
}

// New opens the state folder and finishes what an interruption left half done.
// Nothing listens before Run.
func New(cfg Config) (*Scout, error) {
	if cfg.Elapsed == nil && cfg.Now == nil {
		cfg.Elapsed = systemElapsed()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Elapsed == nil {
		cfg.Elapsed = elapsedBy(cfg.Now)
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	cfg.Delivery.Log, cfg.Delivery.Now = cfg.Log, cfg.Now
	s := &Scout{
		cfg: cfg, log: cfg.Log, now: cfg.Now, started: cfg.Now(),
		quiet:    loglimit.New(cfg.Log, cfg.Now),
		expiry:   expiry{changed: make(chan struct{}, 1)},
		examiner: newExaminer(),
		quota:    newQuota(),
		refused:  &refusedJobs{now: cfg.Now},
		hub:      newHub(cfg.Now),
		joined:   make(chan struct{}, 1),
		releases: newReleases(cfg.Now), ordering: map[string]chan struct{}{},
	}
	s.configured.start(&cfg)
	s.refused.tell = s.hub
	s.pins = newPINTries(cfg.Now, s.keepTries)
	s.releasing, s.stopReleasing = context.WithCancelCause(context.Background())
	if err := s.openState(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// openState opens the files of the state folder and recovers the jobs.
func (s *Scout) openState() (err error) {
	dir := s.cfg.Settings.StateDir
	if err := openStateFolder(dir); err != nil {
		return err
	}
	removeHalfWritten(dir)
	if err := s.openKeys(filepath.Join(dir, keysDir)); err != nil {
		return err
	}
	if s.tagKey, err = s.loadOrMakeKey("tag", tagKeySize, func() ([]byte, error) { return randomKey(), nil }); err != nil {
		return err
	}
	if err := s.openVault(filepath.Join(dir, VaultDir)); err != nil {
		return err
	}
	if s.retention, err = openClock(filepath.Join(dir, clockFile), s.now, s.cfg.Elapsed); err != nil {
		return err
	}
	if s.people, err = openPeople(filepath.Join(dir, peopleFile)); err != nil {
		return err
	}
	if s.membership, err = openMembership(dir, s.keys); err != nil {
		return err
	}
	if s.printerID, err = openPrinterID(filepath.Join(dir, printerFile)); err != nil {
		return err
	}
	s.openSNMPKeys()
	s.cfg.Delivery.Memory = openPrinterMemory(filepath.Join(dir, printersFile), s.log)
	s.deliverer = delivery.New(s.cfg.Delivery)
	if s.orders, err = openOrderLog(filepath.Join(dir, ordersFile), s.now); err != nil {
		return err
	}
	if err := s.recoverJobs(); err != nil {
		return err
	}
	if err := s.finishLeaving(); err != nil {
		return err
	}
	s.recallHoldings()
	s.printerID.skipIDsUpTo(s.table.highestJobID())
	for _, sentence := range brokenFiles(dir) {
		s.log.Error(sentence)
	}
	return nil
}

// VaultDir is the folder of the sealed jobs within the state folder, and
// keysDir that of the agent's own secrets.
const (
	VaultDir = "vault"
	keysDir  = "keys"
)

// wrapKey is the scout's X25519 key: jobs and the PINs of orders are sealed to
// it.
const wrapKey = "wrap"

// Sizes of keys, in bytes.
const (
	wrapKeySize = 32
	tagKeySize  = 32 // what owner tags are made with
)

// openVault opens the sealed jobs.
func (s *Scout) openVault(dir string) error {
	raw, err := s.loadOrMakeKey(wrapKey, wrapKeySize, func() ([]byte, error) {
		k, err := vault.GenerateKey()
		if err != nil {
			return nil, err
		}
		return k.Bytes(), nil
	})
	if err != nil {
		return err
	}
	key, err := vault.ParsePrivateKey(raw)
	if err != nil {
		return fmt.Errorf("reading the scout's wrap key: %w", err)
	}
	s.vault, err = vault.Open(dir, vault.Options{
		Key: key, Epoch: s.siteEpoch, MinFree: int64(s.cfg.Settings.MinFreeMB) << 20, Now: s.now, Log: s.log,
	})
	if err != nil {
		return fmt.Errorf("opening the parked jobs: %w", err)
	}
	for _, d := range s.vault.Damaged() {
		s.log.Error("a parked job is damaged and was set aside", "job", d.ID, "error", d.Err)
	}
	s.table = &jobTable{vault: s.vault, log: s.log, now: s.now, mustWait: s.mustWait, tell: s.hub, jobs: map[uuid.UUID]*job{}}
	return nil
}

// siteEpoch returns the epoch of the site's keys, 0 without a site.
func (s *Scout) siteEpoch() uint32 {
	if s.membership == nil {
		return 0
	}
	return s.membership.epoch()
}

// recoverJobs loads the parked jobs, and gives every order that an
// interruption cut short its result.
func (s *Scout) recoverJobs() error {
	open, delivered := s.orders.unfinishedOrders()
	for _, id := range delivered {
		if id, err := uuid.Parse(id); err == nil {
			if err := s.vault.Destroy(id); err != nil && !errors.Is(err, vault.ErrNotFound) {
				return fmt.Errorf("removing a job that was printed: %w", err)
			}
		}
	}
	if err := s.table.loadJobs(s.orders.lastEntry); err != nil {
		return err
	}
	for _, e := range open {
		if _, there := s.table.jobByID(e.jobID()); there && e.hasBegun() {
			s.beginOrder(e.Order) // before the server can ask for it
			s.interruptedOrders = append(s.interruptedOrders, e)
			continue
		}
		if err := s.orders.recordResult(e.Order, s.interruptedResult(e.Job)); err != nil {
			s.log.Error("the result of an order could not be kept; the next start tries again", "order", e.Order, "error", err)
		}
	}
	return nil
}

// interruptedResult returns the result of an order that an interruption ended.
func (s *Scout) interruptedResult(job string) (r control.Result) {
	id, _ := uuid.Parse(job)
	j, ok := s.table.jobByID(id)
	if !ok {
		return notSentResult(job, "", outcome.ReasonJobUnknown, "")
	}
	r = notSentResult(job, j.note.Printer, j.note.Reason, j.note.Message)
	if j.note.State == Uncertain {
		r.State = outcome.Uncertain
	}
	return r
}

// Run listens and works until ctx ends, then stops in order: it takes no new
// jobs, gives the documents on their way some time to arrive, and closes the
// link and the files.
func (s *Scout) Run(ctx context.Context) error {
	defer s.close()
	// The socket comes first: if nothing answers there but a program answers on
	// the port, then that program is not the agent.
	socket, err := control.Listen(s.cfg.Settings.ControlPath)
	if err != nil {
		return err
	}
	printers, err := s.printerListeners(ctx)
	if err != nil {
		socket.Close()
		return err
	}
	printer, err := s.newPrinter(printers[0].Addr())
	if err != nil {
		closeAll(append(printers, socket))
		return err
	}
	s.setPrinter(printer)
	s.log.Info("print scout is ready", "version", s.cfg.Version, "printer", strings.Join(s.printerURIs(), " "), "control", s.cfg.Settings.ControlPath, "jobs", len(s.vault.Jobs()))
	s.logPinned()
	if s.cfg.Ready != nil {
		s.cfg.Ready(s.checkAlive)
	}
	return s.runParts(ctx,
		func(ctx context.Context) error { return printer.Serve(ctx, printers...) },
		func(ctx context.Context) error { return control.NewServer(localAPI{s}, s.log).Serve(ctx, socket) },
		s.continueOrders,
		s.keepLinked,
		s.runExpiry,
		s.rotateShredKey,
		s.runExaminer,
		s.watchPort,
		s.watchSettings,
		s.watchBundle,
	)
}

// runParts runs the parts until ctx ends or one of them fails.
func (s *Scout) runParts(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	for _, part := range parts {
		running.Go(func() {
			if err := part(ctx); err != nil {
				cancel(err)
			}
		})
	}
	<-ctx.Done()
	if s.cfg.Stopping != nil {
		s.cfg.Stopping()
	}
	s.finishReleases()
	running.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func (s *Scout) setPrinter(p *spooler.Printer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.printer = p
}

// tellQueue tells the printer on loopback, which may hold it, that a job is
// gone.
func (s *Scout) tellQueue(j job) {
	s.mu.Lock()
	p := s.printer
	s.mu.Unlock()
	if p != nil {
		p.ReportGone(j.ticket.JobID, j.ticket.JobUUID)
	}
}

// close closes what openState opened, which may be only part of it.
func (s *Scout) close() {
	s.stopReleasing(errStopping)
	closeAll(s.cfg.Listeners) // as Run may have ended before it used them
	if s.retention != nil {
		if err := s.retention.saveIfDue(true); err != nil {
			s.log.Warn("the time could not be written down", "error", err)
		}
	}
	if s.orders != nil {
		s.orders.close()
	}
	if s.vault != nil {
		if err := s.vault.Close(); err != nil {
			s.log.Error("the vault could not be closed", "error", err)
		}
	}
}

func closeAll(ls []net.Listener) {
	for _, l := range ls {
		l.Close()
	}
}
