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

// disk is what a vault needs of the folder it lives in. Names are plain file
// names. An error that means a full disk satisfies isNoSpace.
//
// Per system: isNoSpace; freeSpace, what an ordinary user may still write;
// startWriteback, which may begin writing a range out early;
// closeFolder, which shuts other accounts out of the folder (on Windows the
// folder above decides that, by inheritance); openFlags, which refuse symbolic
// links and do not wait on pipes where the system can.
type disk interface {
	names() ([]string, error)         // of regular files
	create(name string) (file, error) // empty, whatever was there
	open(name string) (file, error)
	overwrite(name string) (file, error)
	rename(from, to string) error
	remove(name string) error
	sync() error
	free() (int64, error)
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

// openFolder makes the folder if it is not there, closes it to everyone else,
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

func (d *folder) names() ([]string, error) {
	entries, err := os.ReadDir(d.dir)
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

func (d *folder) create(name string) (file, error) {
	return d.openFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

func (d *folder) open(name string) (file, error) { return d.openFile(name, os.O_RDONLY) }

func (d *folder) overwrite(name string) (file, error) { return d.openFile(name, os.O_RDWR) }

func (d *folder) openFile(name string, flags int) (file, error) {
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

func (d *folder) rename(from, to string) error { return durable.Replace(d.path(from), d.path(to)) }

func (d *folder) remove(name string) error { return os.Remove(d.path(name)) }

func (d *folder) sync() error { return durable.SyncFolder(d.dir) }

func (d *folder) free() (int64, error) { return freeSpace(d.dir) }

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
