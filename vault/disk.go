package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/printscout/printscout/internal/durable"
)

// disk is what a vault needs of its folder. Names are plain file names. An
// error that means a full disk satisfies isNoSpace.
//
// Each system has its own:
//   - isNoSpace;
//   - freeSpace: how many bytes an ordinary user may still write;
//   - startWriteback, which may begin writing a range out early;
//   - closeFolder, which shuts other accounts out of the folder (on Windows the
//     parent folder decides that, by inheritance);
//   - openFlags, which refuse symbolic links and do not wait on pipes, where the
//     system has such flags.
type disk interface {
	fileNames() ([]string, error)         // of regular files
	createFile(name string) (file, error) // replaces an existing one
	openFile(name string) (file, error)
	openForUpdate(name string) (file, error)
	renameFile(from, to string) error
	removeFile(name string) error
	syncFolder() error
	freeSpace() (int64, error)
	close() error
}

// file is what a vault needs of an open file.
type file interface {
	io.Writer
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Size() (int64, error)
	startWriteback(offset, length int64)
}

const (
	folderMode = 0o700
	fileMode   = 0o600
	lockName   = "vault.lock"
)

// folder is the disk of the operating system.
type folder struct {
	dir  string
	lock *os.File
}

// openFolder makes the folder if it does not exist, closes it to other accounts
// and locks it.
func openFolder(dir string) (*folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, err
	}
	if err := closeFolder(dir); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE|openFlags, fileMode)
	if err != nil {
		return nil, err
	}
	if err := durable.TryLock(lock); err != nil {
		if errors.Is(err, durable.ErrLocked) {
			err = ErrLocked
		}
		return nil, errors.Join(err, lock.Close())
	}
	return &folder{dir: dir, lock: lock}, nil
}

func (d *folder) path(name string) string { return filepath.Join(d.dir, name) }

func (d *folder) fileNames() ([]string, error) {
	entries, err := os.ReadDir(d.dir)
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

func (d *folder) createFile(name string) (file, error) {
	return d.openWithFlags(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

func (d *folder) openFile(name string) (file, error) { return d.openWithFlags(name, os.O_RDONLY) }

func (d *folder) openForUpdate(name string) (file, error) { return d.openWithFlags(name, os.O_RDWR) }

func (d *folder) openWithFlags(name string, flags int) (file, error) {
	f, err := os.OpenFile(d.path(name), flags|openFlags, fileMode)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file: %w", name, fs.ErrInvalid)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return diskFile{f}, nil
}

func (d *folder) renameFile(from, to string) error { return durable.Replace(d.path(from), d.path(to)) }

func (d *folder) removeFile(name string) error { return os.Remove(d.path(name)) }

func (d *folder) syncFolder() error { return durable.SyncFolder(d.dir) }

func (d *folder) freeSpace() (int64, error) { return freeSpace(d.dir) }

// close gives up the lock. The lock file stays: removing it would let two
// processes hold locks on two files of the same name.
func (d *folder) close() error { return d.lock.Close() }

type diskFile struct{ *os.File }

func (f diskFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f diskFile) startWriteback(offset, length int64) { startWriteback(f.File, offset, length) }
