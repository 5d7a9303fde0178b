// Package keystore stores named secrets as safely as this system lets a service
// store them.
//
// Each secret is a file, mode 0600, in a folder of the account that runs the
// scout. A file is refused if any other account could have read or replaced it.
// If the system keeps a key for us (a credential of systemd, the data protection
// of Windows, the System keychain of macOS), the files are sealed under it; if
// not, whoever can read all files of this account, or a backup of them, has the
// secrets. docs/keystore.md describes the sealed file and how plain files are
// sealed.
//
// The package must not know what a secret is for. It never logs one, and no
// error contains one.
package keystore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/durable"
)

// MaxSecret is the maximum size of a secret in bytes.
const MaxSecret = 64 << 10

// validName excludes capitals, which some systems fold, and colons, which name a
// stream on Windows.
var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// Store is a folder of secrets. Its methods may be called from several goroutines
// and processes; if two save the same name, one of them wins.
type Store struct {
	dir   string
	owner int // who must own every file; unused where files have no such owner
	rest  Rest
	keys  *[]Key // the key to seal under, then former ones; nil if secrets are in plain files

	mu       sync.Mutex // held while a file is read, replaced or removed
	patience time.Duration
	step     func(string) // called before each step that changes a file; nil outside tests
}

// Open opens the store in dir, which it creates (mode 0700) if necessary, under
// the key that this system keeps, if any. Secrets in plain files are sealed once
// there is a key; Open returns a SealedError if they are sealed and the key is
// gone, and an InsecureError if another account owns the folder or may write to
// it.
//
// It removes unfinished files that a crash left more than an hour ago; younger
// ones may belong to another process.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening keystore: %w", err)
	}
	h, warning := systemHolder(dir)
	return openStore(&Store{dir: dir, rest: Rest{Warning: warning}}, h)
}

// OpenUnder opens the store in dir as Open does, sealed under the key of h.
func OpenUnder(dir string, h Holder) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening keystore: %w", err)
	}
	return openStore(&Store{dir: dir}, h)
}

// openStore opens a store under h, which is nil if the system keeps no key.
func openStore(s *Store, h Holder) (*Store, error) {
	s.owner, s.patience, s.rest.How = os.Geteuid(), patience, File
	if err := s.prepareFolder(h); err != nil {
		return nil, fmt.Errorf("opening keystore: %w", err)
	}
	return s, nil
}

func (s *Store) prepareFolder(h Holder) (err error) {
	if err := makeFolder(s.dir); err != nil {
		return err
	}
	if err := s.checkFolder(); err != nil {
		return err
	}
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	s.removeUnfinished()
	return s.sealIfNeeded(h)
}

// Rest returns how the secrets are stored.
func (s *Store) Rest() Rest { return s.rest }

// Format keeps keys out of every verb of package fmt.
func (s *Store) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "keystore %s (%s)", s.dir, s.rest.How) }

// Load returns a secret. It returns ErrNotFound if there is none, an
// InsecureError if other accounts may have read or replaced it, and a SealedError
// if it cannot be opened, or is not sealed while the others are.
func (s *Store) Load(name string) ([]byte, error) {
	path, err := s.secretPath(name)
	if err != nil {
		return nil, err
	}
	secret, err := s.loadSecret(path, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("loading secret %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("loading secret %s: %w", name, err)
	}
	return secret, nil
}

// loadSecret locks the store while it reads: on Windows a file cannot be replaced
// while it is open.
func (s *Store) loadSecret(path, name string) (secret []byte, err error) {
	unlock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	file, err := s.readFile(path)
	if err != nil {
		return nil, err
	}
	if s.keys != nil {
		secret, _, err := openSecret(*s.keys, name, file)
		if err != nil {
			return nil, sealedError(path, err)
		}
		return secret, nil
	}
	if isSealed(file) {
		return nil, sealedError(path, ErrKeyMissing)
	}
	if len(file) > MaxSecret {
		return nil, ErrTooLarge
	}
	return file, nil
}

// readFile reads a file that no other account could have read or replaced.
func (s *Store) readFile(path string) (file []byte, err error) {
	f, err := openNoFollow(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := s.checkFile(path, f, info); err != nil {
		return nil, err
	}
	file, err = io.ReadAll(io.LimitReader(f, int64(maxSealed)+1))
	if err == nil && len(file) > maxSealed {
		return nil, ErrTooLarge
	}
	return file, err
}

// Save stores a secret, in place of the one of that name, if any. It is durable
// when Save returns nil; after an error or a crash the secret is the old one or
// the new one.
func (s *Store) Save(name string, secret []byte) error {
	path, err := s.secretPath(name)
	if err != nil {
		return err
	}
	if err := s.saveSecret(path, name, secret); err != nil {
		return fmt.Errorf("saving secret %s: %w", name, err)
	}
	return nil
}

func (s *Store) saveSecret(path, name string, secret []byte) (err error) {
	if len(secret) > MaxSecret {
		return ErrTooLarge
	}
	if s.keys == nil && isSealed(secret) {
		return ErrLooksSealed
	}
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if s.keys != nil {
		secret = sealSecret((*s.keys)[0], name, secret)
	} else if marked, err := s.isMarked(); marked || err != nil {
		return errors.Join(err, sealedError(s.dir, ErrKeyMissing))
	}
	return s.replaceFile(path, secret)
}

// Remove removes a secret; it returns ErrNotFound if there is none. The removal
// is durable when Remove returns nil. The bytes may stay on the medium.
func (s *Store) Remove(name string) error {
	path, err := s.secretPath(name)
	if err != nil {
		return err
	}
	err = s.removeSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing secret %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("removing secret %s: %w", name, err)
	}
	return nil
}

func (s *Store) removeSecret(path string) (err error) {
	unlock, err := s.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	s.noteStep("remove")
	if err := os.Remove(path); err != nil {
		return err
	}
	s.noteStep("flush the folder")
	return durable.SyncFolder(s.dir)
}

func (s *Store) secretPath(name string) (string, error) {
	if !validName.MatchString(name) || strings.HasSuffix(name, ".") {
		return "", fmt.Errorf("%q: %w", name, ErrName)
	}
	return filepath.Join(s.dir, name), nil
}
