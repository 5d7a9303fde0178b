package scout

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/vault/keystore"
)

// enrolment is what a scout keeps of the site it belongs to.
type enrolment struct {
	Scout     string           `json:"scout"`
	Server    string           `json:"server"`
	ServerPin string           `json:"server_pin"`
	Site      directory.Public `json:"site"`
	Enrolled  time.Time        `json:"enrolled"`
}

// membership is the site a scout belongs to and that site's directory, as far
// as the scout knows it: both on disk, the directory as it was signed.
type membership struct {
	dir  string
	keys *keystore.Store

	mu        sync.RWMutex
	enrolment *enrolment
	directory *directory.Directory
}

const (
	enrolmentFile = "enrolment.json"
	directoryFile = "directory.json"
	signKey       = "sign" // the scout's Ed25519 key, by which its server knows it
)

var errNotEnrolled = errors.New("this computer has not joined a site")

func openMembership(dir string, keys *keystore.Store) (*membership, error) {
	m := &membership{dir: dir, keys: keys}
	raw, err := os.ReadFile(m.path(enrolmentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the enrolment: %w", err)
	}
	m.enrolment = new(enrolment)
	if err := json.Unmarshal(raw, m.enrolment); err != nil {
		return nil, fmt.Errorf("reading the enrolment: %w", err)
	}
	return m, m.readDirectory()
}

// readDirectory takes the kept directory only if it checks now as it did when
// it came.
func (m *membership) readDirectory() error {
	raw, err := os.ReadFile(m.path(directoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the printer directory: %w", err)
	}
	d, err := m.enrolment.Site.Check(raw)
	if err != nil {
		return fmt.Errorf("reading the printer directory: %w", err)
	}
	m.directory = d
	return nil
}

func (m *membership) path(name string) string { return filepath.Join(m.dir, name) }

// current is the enrolment and the directory, each nil where there is none.
func (m *membership) current() (*enrolment, *directory.Directory) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.enrolment, m.directory
}

// join keeps a new enrolment. A directory of another site goes.
func (m *membership) join(b wire.Bundle, scout string, key ed25519.PrivateKey, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := &enrolment{Scout: scout, Server: b.Server, ServerPin: b.ServerPin, Site: b.Site, Enrolled: now}
	if m.enrolment != nil && m.enrolment.Site.Fingerprint() != b.Fingerprint {
		if err := os.Remove(m.path(directoryFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the directory of the former site: %w", err)
		}
		m.directory = nil
	}
	if err := m.keys.Save(signKey, key.Seed()); err != nil {
		return fmt.Errorf("keeping the scout's key: %w", err)
	}
	if err := writeJSON(m.path(enrolmentFile), e); err != nil {
		return err
	}
	m.enrolment = e
	return nil
}

// key is the scout's signing key.
func (m *membership) key() (ed25519.PrivateKey, error) {
	seed, err := m.keys.Load(signKey)
	if err != nil {
		return nil, fmt.Errorf("reading the scout's key: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("reading the scout's key: it has not the size of a key")
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// offer takes a directory that the site has signed and that is not older than
// the one in force.
func (m *membership) offer(envelope []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.enrolment == nil {
		return errNotEnrolled
	}
	d, err := m.enrolment.Site.Check(envelope)
	if err != nil {
		return fmt.Errorf("checking the printer directory: %w", err)
	}
	if err := d.Newer(m.directory); err != nil {
		return fmt.Errorf("checking the printer directory: %w", err)
	}
	if m.directory != nil && d.Revision == m.directory.Revision {
		return nil
	}
	if err := writeFile(m.path(directoryFile), envelope); err != nil {
		return err
	}
	m.directory = d
	return nil
}

// revision is that of the directory in force, 0 where there is none.
func (m *membership) revision() uint64 {
	_, d := m.current()
	if d == nil {
		return 0
	}
	return d.Revision
}

// printer finds a printer of the directory in force.
func (m *membership) printer(nameOrID string) (directory.Printer, error) {
	e, d := m.current()
	if e == nil {
		return directory.Printer{}, errNotEnrolled
	}
	if d == nil {
		return directory.Printer{}, fmt.Errorf("%w: the site's directory has not come yet", directory.ErrNoPrinter)
	}
	return d.Find(nameOrID)
}
