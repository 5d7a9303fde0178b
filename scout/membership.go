package scout

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/durable"
	"github.com/printscout/printscout/vault/keystore"
)

// enrollment is what a scout keeps about the site it belongs to. It is not
// changed once it is shared, but replaced by a new one.
type enrollment struct {
	Scout     string           `json:"scout"`
	Server    string           `json:"server"`
	ServerPin string           `json:"server_pin"`
	Site      directory.Public `json:"site"` // in force
	// Former are the site's earlier epochs, oldest first.
	Former   directory.Lineage `json:"former,omitempty"`
	Enrolled time.Time         `json:"enrolled"`
	// Rival is the fingerprint of keys that were refused because other keys
	// had succeeded the same epoch before: someone else has an old key of the
	// site.
	Rival string `json:"rival,omitempty"`
	// Floor is the newest directory that was accepted: an older one of the
	// same epoch is not accepted again, whatever became of the file.
	Floor wire.Edition `json:"floor,omitzero"`
}

func (e *enrollment) lineage() directory.Lineage {
	return append(slices.Clone(e.Former), e.Site)
}

// membership is the site that a scout belongs to and that site's directory, as
// far as the scout knows it. Both are on disk, the directory as it was signed.
//
// The directory is written first: its envelope leads from the enrollment's
// keys to its own, so that newer keys are on disk before they are used. If the
// enrollment was not written after it, the next start does that.
type membership struct {
	dir  string
	keys *keystore.Store

	mu         sync.RWMutex
	enrollment *enrollment
	directory  *directory.Directory
}

const (
	enrollmentFile = "enrolment.json"
	directoryFile  = "directory.json"
	signKey        = "sign" // the scout's Ed25519 key, by which its server knows it
)

var errNotEnrolled = errors.New("this computer has not joined a site")

// openMembership sets aside an enrollment or a directory that is broken, or
// that this agent did not write. Without its enrollment the computer has to
// join again; without its directory it fetches that anew.
func openMembership(dir string, keys *keystore.Store) (*membership, error) {
	m := &membership{dir: dir, keys: keys}
	key, err := m.bindingKey()
	if err != nil {
		return nil, err
	}
	_, err = readKept(m.filePath(enrollmentFile), func(raw []byte) (err error) {
		m.enrollment, err = readEnrollment(raw, key)
		return err
	})
	if err != nil || m.enrollment == nil {
		return m, err
	}
	if key == nil {
		// If that fails, as on a full disk, the next start does it.
		_ = m.writeEnrollment(m.enrollment)
	}
	_, err = readKept(m.filePath(directoryFile), m.readDirectory)
	return m, err
}

// readDirectory accepts the kept directory only if it still verifies as it did
// when it came, and no newer one was accepted.
func (m *membership) readDirectory(raw []byte) error {
	d, line, err := m.enrollment.lineage().Accept(raw)
	if err == nil {
		err = m.belowFloor(d)
	}
	if err != nil {
		return err
	}
	m.directory = d
	// If that fails, as on a full disk, the envelope leads there again at the
	// next start.
	_ = m.adoptLineage(line)
	return nil
}

// belowFloor returns an ErrRollback for a directory that is older than the
// newest that was accepted.
func (m *membership) belowFloor(d *directory.Directory) error {
	if floor := m.enrollment.Floor; d.Epoch == floor.Epoch && d.Revision < floor.Revision {
		return fmt.Errorf("%w: revision %d after %d", directory.ErrRollback, d.Revision, floor.Revision)
	}
	return nil
}

// adoptLineage makes the last of a lineage the keys in force, and the
// directory the oldest that is accepted from now on.
func (m *membership) adoptLineage(line directory.Lineage) error {
	last := len(line) - 1
	e := *m.enrollment
	e.Floor = wire.Edition{Epoch: m.directory.Epoch, Revision: m.directory.Revision}
	if line[last].Fingerprint() != e.Site.Fingerprint() {
		e.Site, e.Former = line[last], line[:last]
	} else if e.Floor == m.enrollment.Floor {
		return nil
	}
	m.enrollment = &e
	return m.writeEnrollment(&e)
}

// filePath returns the path of a file in the state folder.
func (m *membership) filePath(name string) string { return filepath.Join(m.dir, name) }

// current returns the enrollment and the directory, each nil if there is none.
func (m *membership) current() (*enrollment, *directory.Directory) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.enrollment, m.directory
}

// joinSite keeps a new enrollment. The keys of its bundle count from then on,
// whatever the scout trusted before; a directory signed by other keys is
// removed.
func (m *membership) joinSite(b wire.Bundle, scout string, key ed25519.PrivateKey, now time.Time) error {
	// Else the next start would go on leaving, if that had failed before.
	if err := m.removeFile(leavingFile); err != nil {
		return fmt.Errorf("removing the note of leaving: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e := &enrollment{Scout: scout, Server: b.Server, ServerPin: b.ServerPin, Site: b.Site, Enrolled: now}
	switch {
	case m.enrollment == nil:
	case m.enrollment.Site.Fingerprint() == b.Fingerprint:
		e.Floor = m.enrollment.Floor
	default:
		if err := os.Remove(m.filePath(directoryFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the directory of the former site: %w", err)
		}
		m.directory = nil
	}
	if err := m.keys.Save(signKey, key.Seed()); err != nil {
		return fmt.Errorf("saving the scout's key: %w", err)
	}
	if err := m.writeEnrollment(e); err != nil {
		return err
	}
	m.enrollment = e
	return nil
}

// signingKey returns the scout's signing key.
func (m *membership) signingKey() (ed25519.PrivateKey, error) {
	seed, err := m.keys.Load(signKey)
	if err != nil {
		return nil, fmt.Errorf("reading the scout's key: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("reading the scout's key: %w", errKeySize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// acceptDirectory accepts a directory that the site has signed and that is not
// older than the one in force. It follows the site into newer epochs, and
// never back.
func (m *membership) acceptDirectory(envelope []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.enrollment == nil {
		return errNotEnrolled
	}
	d, line, err := m.enrollment.lineage().Accept(envelope)
	if err == nil && d.Epoch == m.enrollment.Site.Epoch {
		err = errors.Join(d.Newer(m.directory), m.belowFloor(d))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("checking the printer directory: %w", err), m.noteRival(err))
	}
	if m.directory != nil && d.Epoch == m.directory.Epoch && d.Revision == m.directory.Revision {
		return nil
	}
	if err := durable.WriteFile(m.filePath(directoryFile), envelope); err != nil {
		return err
	}
	m.directory = d
	return m.adoptLineage(line)
}

// noteRival records that a second successor was seen, so that status reports
// it until the scout is enrolled anew.
func (m *membership) noteRival(refused error) error {
	fork, ok := errors.AsType[*directory.ForkError](refused)
	if !ok || m.enrollment.Rival == fork.Rival {
		return nil
	}
	e := *m.enrollment
	e.Rival = fork.Rival
	m.enrollment = &e
	return m.writeEnrollment(m.enrollment)
}

// rivalWarnings returns the warning of status that two sets of keys claim to
// succeed an epoch, nil for none.
func (m *membership) rivalWarnings() []string {
	e, _ := m.current()
	if e == nil || e.Rival == "" {
		return nil
	}
	return []string{fmt.Sprintf("two sets of keys claim to succeed an epoch of the site: this computer keeps %s and has refused %s; "+
		"an administrator compares the first with printscout site show, and if they differ joins this computer anew: printscout enroll FILE",
		e.Site.Fingerprint(), e.Rival)}
}

// epoch returns the epoch of the site's keys in force, 0 without a site.
func (m *membership) epoch() uint32 {
	e, _ := m.current()
	if e == nil {
		return 0
	}
	return e.Site.Epoch
}

// directoryEdition returns the edition of the directory in force, zero without
// one.
func (m *membership) directoryEdition() wire.Edition {
	_, d := m.current()
	if d == nil {
		return wire.Edition{}
	}
	return wire.Edition{Epoch: d.Epoch, Revision: d.Revision}
}

// findPrinter finds a printer of the directory in force.
func (m *membership) findPrinter(nameOrID string) (directory.Printer, error) {
	e, d := m.current()
	if e == nil {
		return directory.Printer{}, errNotEnrolled
	}
	if d == nil {
		return directory.Printer{}, fmt.Errorf("%w: the site's directory has not come yet", directory.ErrNoPrinter)
	}
	return d.Find(nameOrID)
}
