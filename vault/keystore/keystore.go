// Package keystore keeps named secrets where this system lets a service keep
// them.
//
// A secret rests in a file of its own, mode 0600, in a folder of the account
// that runs the scout. On Unix a file is refused if any other account could
// have read or replaced it. On Windows the folder's access list, inherited
// from the data folder that the installer closes, decides who may read it. A
// secret is not encrypted there: whoever may read all files of this account,
// or a backup of them, has it. Stores of the operating system (DPAPI, System
// keychain, systemd credentials, TPM) join behind the same three calls.
//
// The package must not know what a secret is for. It never logs one, and no
// error holds one.
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
	"time"

	"github.com/printscout/printscout/vault/internal/durable"
)

// MaxSecret is the size of the largest secret, in bytes.
const MaxSecret = 64 << 10

var (
	// ErrNotFound says that there is no secret of that name.
	ErrNotFound = errors.New("no such secret")
	// ErrName says that a name is not 1 to 64 of a–z, 0–9, dot, dash and
	// underscore, beginning with a letter or digit.
	ErrName = errors.New("not a name for a secret")
	// ErrTooLarge says that a secret exceeds MaxSecret.
	ErrTooLarge = errors.New("secret is too large")
)

// InsecureError says that others may have read or replaced a secret. Load
// refuses it; a person decides.
type InsecureError struct {
	Path   string
	Reason string // what is wrong, such as "is a symbolic link"
	Hint   string // a sentence: what to do
}

func (e *InsecureError) Error() string { return e.Path + " " + e.Reason + ": " + e.Hint }

const (
	folderMode = 0o700
	fileMode   = 0o600
	unfinished = ".unfinished-"
)

// validName leaves out capitals, which some systems fold, and colons, which
// name a stream on Windows.
var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// Store is a folder of secrets. Its methods may be called from several
// goroutines and processes; of two that save the same name one wins.
type Store struct {
	dir   string
	owner int // who must own every file; unused where files have no such owner
}

// Open opens the store in dir, which it makes (mode 0700) if need be. It gives
// an InsecureError if another account owns the folder or may write to it. It
// removes what a crash has left unfinished more than an hour ago; younger ones
// may be another process's.
func Open(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening keystore: %w", err)
	}
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, fmt.Errorf("opening keystore: %w", err)
	}
	s := &Store{dir: dir, owner: os.Geteuid()}
	if err := s.checkFolder(); err != nil {
		return nil, fmt.Errorf("opening keystore: %w", err)
	}
	s.tidy()
	return s, nil
}

func (s *Store) tidy() {
	left, _ := filepath.Glob(filepath.Join(s.dir, unfinished+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(path)
		}
	}
}

// Load gives a secret: ErrNotFound if there is none, an InsecureError if
// others may have read or replaced it.
func (s *Store) Load(name string) ([]byte, error) {
	path, err := s.path(name)
	if err != nil {
		return nil, err
	}
	secret, err := s.read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("loading secret %s: %w", name, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("loading secret %s: %w", name, err)
	}
	return secret, nil
}

func (s *Store) read(path string) (secret []byte, err error) {
	f, err := openNoFollow(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := s.checkFile(path, info); err != nil {
		return nil, err
	}
	secret, err = io.ReadAll(io.LimitReader(f, MaxSecret+1))
	if err == nil && len(secret) > MaxSecret {
		return nil, ErrTooLarge
	}
	return secret, err
}

// Save puts a secret in place of the one of that name, if any. After an error
// or a crash the old one or the new one is there, whole; after nil the new one
// is there for good.
func (s *Store) Save(name string, secret []byte) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	if len(secret) > MaxSecret {
		return fmt.Errorf("saving secret %s: %w", name, ErrTooLarge)
	}
	if err := s.replace(path, name, secret); err != nil {
		return fmt.Errorf("saving secret %s: %w", name, err)
	}
	return nil
}

func (s *Store) replace(path, name string, secret []byte) error {
	tmp, err := s.write(name, secret)
	if err != nil {
		return err
	}
	if err := durable.Replace(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return durable.SyncFolder(s.dir)
}

// write puts the secret into an unfinished file.
func (s *Store) write(name string, secret []byte) (path string, err error) {
	f, err := os.CreateTemp(s.dir, unfinished+name+"-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := f.Chmod(fileMode); err != nil {
		return "", err
	}
	if _, err := f.Write(secret); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

// Remove removes a secret: ErrNotFound if there is none. It is durable when it
// returns nil. The bytes may outlast the file on the medium.
func (s *Store) Remove(name string) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	err = os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing secret %s: %w", name, ErrNotFound)
	}
	if err == nil {
		err = durable.SyncFolder(s.dir)
	}
	if err != nil {
		return fmt.Errorf("removing secret %s: %w", name, err)
	}
	return nil
}

func (s *Store) path(name string) (string, error) {
	if !validName.MatchString(name) || strings.HasSuffix(name, ".") {
		return "", fmt.Errorf("%q: %w", name, ErrName)
	}
	return filepath.Join(s.dir, name), nil
}
