package vault

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Options configures a vault.
type Options struct {
	// Key is the scout's own. Every job is sealed to it and opened with it.
	Key *PrivateKey
	// Recipients returns further recipients; it is called for each job. May be
	// nil.
	Recipients func() []Recipient
	// Epoch returns the site's key epoch; it is called for each job. Nil means 0.
	Epoch func() uint32
	// MinFree is how many bytes must stay free on the disk. With less, Create
	// returns ErrNoSpace, and so do writers, which check now and then.
	MinFree int64
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log gets what no call can return; nil discards it.
	Log *slog.Logger
}

// Job is what is known of a sealed job without opening its document. It shares
// no memory with the vault.
type Job struct {
	ID       uuid.UUID
	Created  time.Time // to the millisecond, UTC
	Metadata []byte    // as given to Create
	Summary  []byte    // as given to Commit
	Note     []byte    // as last given to SetNote, nil if never
	Size     int64     // bytes of all documents
	Sealed   int64     // bytes of the sealed file on the disk
	// Documents has the size of each document, in their order; Size is their sum.
	Documents []int64
}

func (j Job) clone() Job {
	j.Metadata, j.Summary, j.Note = bytes.Clone(j.Metadata), bytes.Clone(j.Summary), bytes.Clone(j.Note)
	j.Documents = slices.Clone(j.Documents)
	return j
}

// Damage is a job that exists and cannot be opened. Err is ErrNotAuthentic if
// its file was set aside. With ErrNotRecipient, ErrShredKey, ErrVersion and
// errors of the disk the file keeps its name, since another key, build or disk
// may open it.
type Damage struct {
	ID  uuid.UUID
	Err error
}

// Vault is an open vault. Its methods may be called from several goroutines.
type Vault struct {
	disk       disk
	key        *PrivateKey
	recipients func() []Recipient
	epoch      func() uint32
	minFree    atomic.Int64
	now        func() time.Time
	log        *slog.Logger
	segmentLog uint8
	buffers    *buffers
	shreds     *shredKeys

	rotation sync.Mutex   // held while the shred key is replaced
	loose    sync.Mutex   // held while a file without an entry is changed
	sealing  sync.RWMutex // held for reading while a job's header is made
	stale    atomic.Bool  // a job may have been destroyed or aborted under the shred key

	running sync.WaitGroup // calls that change the folder

	mu      sync.Mutex
	closed  bool
	jobs    map[uuid.UUID]*jobEntry
	damaged []Damage
	writers map[*Writer]struct{}
}

// jobEntry is a job in the vault's index.
type jobEntry struct {
	change sync.Mutex // held while the job's files are changed; taken before Vault.mu

	// Under Vault.mu:
	job     Job
	readers int
	gone    bool // its keys are destroyed; its files may still exist
}

// Open opens the vault in dir, which it creates (mode 0700) if necessary and
// locks against other processes (ErrLocked). It removes what was being written
// when the last process ended, finishes destructions, and sets damaged jobs aside
// by renaming them.
func Open(dir string, o Options) (*Vault, error) {
	if o.Key == nil {
		return nil, errors.New("opening vault: no key")
	}
	d, err := openFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("opening vault: %w", noteSpace(err))
	}
	v, err := openDisk(d, o, defaultSegmentLog)
	if err != nil {
		return nil, fmt.Errorf("opening vault: %w", errors.Join(err, d.close()))
	}
	return v, nil
}

func openDisk(d disk, o Options, segmentLog uint8) (*Vault, error) {
	v := &Vault{
		disk:       d,
		key:        o.Key,
		recipients: o.Recipients,
		epoch:      o.Epoch,
		now:        o.Now,
		log:        cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		segmentLog: segmentLog,
		buffers:    newBuffers(segmentLog),
		jobs:       make(map[uuid.UUID]*jobEntry),
		writers:    make(map[*Writer]struct{}),
	}
	if v.now == nil {
		v.now = time.Now
	}
	v.minFree.Store(o.MinFree)
	v.stale.Store(true)
	var err error
	if v.shreds, err = openShredKeys(d, v.now()); err != nil {
		return nil, err
	}
	if err := v.scanFolder(); err != nil {
		return nil, err
	}
	return v, nil
}

// Jobs returns the jobs of the vault, oldest first.
func (v *Vault) Jobs() []Job {
	v.mu.Lock()
	defer v.mu.Unlock()
	jobs := make([]Job, 0, len(v.jobs))
	for _, e := range v.jobs {
		if !e.gone {
			jobs = append(jobs, e.job.clone())
		}
	}
	slices.SortFunc(jobs, func(a, b Job) int {
		return cmp.Or(a.Created.Compare(b.Created), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return jobs
}

// Job returns one job, or ErrNotFound.
func (v *Vault) Job(id uuid.UUID) (Job, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, err := v.findEntry(id)
	if err != nil {
		return Job{}, err
	}
	return e.job.clone(), nil
}

// Damaged returns the jobs that exist and cannot be opened.
func (v *Vault) Damaged() []Damage {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.damaged)
}

// Close aborts the writers that are still open, waits for calls that change the
// folder, and releases the lock. An open document may be read to its end.
func (v *Vault) Close() error {
	v.mu.Lock()
	if v.closed {
		v.mu.Unlock()
		return nil
	}
	v.closed = true
	writers := make([]*Writer, 0, len(v.writers))
	for w := range v.writers {
		writers = append(writers, w)
	}
	v.mu.Unlock()
	var errs []error
	for _, w := range writers {
		errs = append(errs, w.Abort())
	}
	v.running.Wait()
	return errors.Join(append(errs, v.disk.close())...)
}

// beginChange notes that a call changes the folder, until running.Done.
func (v *Vault) beginChange() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return errClosed
	}
	v.running.Add(1)
	return nil
}

var errClosed = fmt.Errorf("vault: %w", os.ErrClosed)

// findEntry must be called with mu held.
func (v *Vault) findEntry(id uuid.UUID) (*jobEntry, error) {
	e := v.jobs[id]
	if e == nil || e.gone {
		return nil, fmt.Errorf("job %s: %w", id, ErrNotFound)
	}
	return e, nil
}

// lockJob finds a job and locks it against other changes.
func (v *Vault) lockJob(id uuid.UUID) (*jobEntry, error) {
	v.mu.Lock()
	e, err := v.findEntry(id)
	v.mu.Unlock()
	if err != nil {
		return nil, err
	}
	e.change.Lock()
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, err := v.findEntry(id); err != nil {
		e.change.Unlock()
		return nil, err
	}
	return e, nil
}

// discardFile removes a file that could not be completed, and returns err, which
// says why.
func (v *Vault) discardFile(name string, err error) error {
	if e := v.disk.removeFile(name); e != nil && !errors.Is(e, os.ErrNotExist) {
		v.log.Warn("vault: could not remove an unfinished file; the next start will", "file", name, "error", e)
	}
	return err
}
