//go:build unix

package installer

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/printscout/printscout/internal/durable"
)

// makeRecordFolder makes the folder of the record, with those above it.
func (r *run) makeRecordFolder() error {
	_, err := r.ensureFolder(folder{path: r.layout.recordDir, mode: 0o700})
	return err
}

// lockRecord keeps other installs and uninstalls away until unlock is called.
func (r *run) lockRecord() (unlock func(), err error) {
	dir, err := openTrusted(r.Root, r.layout.recordDir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	path := filepath.Join(dir.Name(), "lock")
	fd, err := unix.Openat(int(dir.Fd()), "lock", unix.O_RDWR|unix.O_CREAT|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	if err := durable.TryLock(f); err != nil {
		if errors.Is(err, durable.ErrLocked) {
			err = ErrBusy
		}
		return nil, errors.Join(err, f.Close())
	}
	return func() { f.Close() }, nil
}
