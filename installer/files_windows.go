package installer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/printscout/printscout/internal/durable"
	"github.com/printscout/printscout/vault/keystore"
)

// owner is whom a file is given to; on Windows folders pass their access list on.
type owner struct{}

var rootOwner owner

// ErrUntrusted means that a file or folder could have been made by somebody who is
// not an administrator.
var ErrUntrusted = errors.New("cannot be trusted")

func untrusted(path, why string) error {
	return &Problem{Err: fmt.Errorf("%s %w: it %s", path, ErrUntrusted, why), Hint: "look into " + path + ", remove it, then run the command again"}
}

const reparsed = fs.ModeSymlink | fs.ModeIrregular

// readFile reads a file of at most max bytes, and its mode. It follows no link.
func (c *Computer) readFile(path string, max int64) ([]byte, fs.FileMode, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, 0, err
	}
	if info.Mode()&reparsed != 0 {
		return nil, 0, untrusted(path, "is a link")
	}
	b, err := readAtMost(path, max)
	return b, info.Mode(), err
}

func readAtMost(path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("%s is larger than %d bytes", path, max)
	}
	return b, err
}

func (c *Computer) writeFile(path string, data []byte, _ fs.FileMode, _ owner) error {
	return durable.WriteFile(path, data)
}

func (c *Computer) removeFile(path string) (bool, error) {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// removeFolder removes a folder if it is empty, and reports whether it did.
func (c *Computer) removeFolder(path string) (bool, error) {
	names, err := c.listFolder(path)
	if errors.Is(err, fs.ErrNotExist) || len(names) > 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return c.removeFile(path)
}

func (c *Computer) exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (c *Computer) listFolder(path string) (names []string, err error) {
	entries, err := os.ReadDir(path)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// removeTree removes a folder with all that is in it; os.RemoveAll follows no link.
func (c *Computer) removeTree(path string) (bool, error) {
	if exists, err := c.exists(path); err != nil || !exists {
		return false, err
	}
	return true, os.RemoveAll(path)
}

// checkFolder reports whether a folder is missing. A link in its place is refused;
// ensureFolder refuses one of another owner.
func (r *run) checkFolder(f folder) (missing bool, err error) {
	info, err := os.Lstat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil:
		return false, err
	case info.Mode()&reparsed != 0:
		return false, untrusted(f.path, "is a link")
	case !info.IsDir():
		return false, untrusted(f.path, "is not a folder")
	}
	return false, nil
}

// ensureFolder makes a folder that only SYSTEM and administrators may enter, and
// reports whether it made it.
func (r *run) ensureFolder(f folder) (made bool, err error) {
	missing, err := r.checkFolder(f)
	if err != nil {
		return false, err
	}
	return missing, keystore.MakeFolder(f.path)
}

func (c *Computer) checkTrustedFile(path string) error {
	_, err := os.Stat(path)
	return err
}

// readPrivate reads the bundle. Its owner must be an administrator or the caller.
func readPrivate(path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	err = keystore.CheckOwner(f)
	f.Close()
	if err != nil {
		return nil, err
	}
	return readAtMost(path, max)
}

func (r *run) writeOwn(path string, data []byte) error { return durable.WriteFile(path, data) }

func (r *run) removeOwn(path string) (bool, error) { return r.removeFile(path) }

func (r *run) makeRecordFolder() error {
	for _, path := range []string{filepath.Dir(r.layout.recordDir), r.layout.recordDir} {
		if _, err := r.ensureFolder(folder{path: path}); err != nil {
			return err
		}
	}
	return nil
}

// lockRecord keeps other installs and uninstalls away until unlock is called.
func (r *run) lockRecord() (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(r.layout.recordDir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := durable.TryLock(f); err != nil {
		if errors.Is(err, durable.ErrLocked) {
			err = ErrBusy
		}
		return nil, errors.Join(err, f.Close())
	}
	return func() { f.Close() }, nil
}

// replaceChecked is for cupsd.conf, which Windows does not have.
func (c *Computer) replaceChecked(path string, _ []byte, _ func(string) error) error {
	return fmt.Errorf("%s: %w", path, errors.ErrUnsupported)
}

// ownsState is for accounts that install makes, which there are none of.
func (r *run) ownsState(Account) (bool, error) { return false, nil }
