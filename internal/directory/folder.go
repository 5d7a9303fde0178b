package directory

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/internal/durable"
)

const (
	siteName      = "site.json"
	publicName    = "public.json"
	directoryName = "directory.json"
	lockName      = ".lock"
	maxPublicFile = 16 << 10

	lockWait  = 3 * time.Second
	lockRetry = 25 * time.Millisecond
)

// folder is the folder of a site. Each operating system has its own:
//
//	restrictFolder(dir)  lets only the owner into the folder, or refuses one that may not be changed
//	isExposed(info)      reports whether others may read a file
//	openFile(path)       opens a file to read, without following a link or waiting for a writer
type folder struct {
	path string
	// fault stands in for a disk that fails; nil outside tests.
	fault func(step string) error
}

func (f folder) filePath(name string) string { return filepath.Join(f.path, name) }

func (f folder) hasFile(name string) (bool, error) {
	_, err := os.Lstat(f.filePath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// readFile returns at most limit+1 bytes, so that the caller sees if a file is too
// long.
func (f folder) readFile(name string, limit int) ([]byte, error) {
	file, err := openFile(f.filePath(name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %s, not a file: put the file itself there", f.filePath(name), kindOf(info.Mode()))
	}
	return io.ReadAll(io.LimitReader(file, int64(limit)+1))
}

// kindOf describes what is in the place of a file.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	}
	return "something else"
}

// replaceFile replaces a file, or creates it, atomically.
func (f folder) replaceFile(name string, data []byte) error {
	return f.replaceFileIf(name, data, func() error { return nil })
}

// replaceFileIf replaces a file unless ready fails, which is called when the data
// is on disk under another name.
func (f folder) replaceFileIf(name string, data []byte, ready func() error) error {
	tmp := f.filePath(name + ".tmp")
	err := f.stageFile(tmp, data)
	if err == nil {
		err = ready()
	}
	if err == nil {
		err = f.runStep("rename", func() error { return durable.Replace(tmp, f.filePath(name)) })
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), removeIfPresent(tmp))
	}
	if err := f.runStep("sync folder", func() error { return durable.SyncFolder(f.path) }); err != nil {
		return fmt.Errorf("%s may not survive a crash: %w", name, err)
	}
	return nil
}

func (f folder) stageFile(tmp string, data []byte) error {
	if err := removeIfPresent(tmp); err != nil {
		return err
	}
	file, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = f.runStep("write", func() error { _, err := file.Write(data); return err })
	if err == nil {
		err = f.runStep("sync", file.Sync)
	}
	return errors.Join(err, file.Close())
}

func (f folder) runStep(step string, action func() error) error {
	if f.fault != nil {
		if err := f.fault(step); err != nil {
			return err
		}
	}
	return action()
}

// removeIfPresent removes a file; it is not an error if there is none.
func removeIfPresent(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// lockSite keeps other processes, and other goroutines, from changing the site. It
// returns ErrBusy if the site is still locked after lockWait.
func (f folder) lockSite() (unlock func(), err error) {
	file, err := os.OpenFile(f.filePath(lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock site: %w", err)
	}
	if err := awaitLock(file, lockWait); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock site: %w", err)
	}
	return func() { file.Close() }, nil
}

func awaitLock(file *os.File, wait time.Duration) error {
	retry := time.NewTicker(lockRetry)
	defer retry.Stop()
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	for {
		if err := durable.TryLock(file); !errors.Is(err, durable.ErrLocked) {
			return err
		}
		select {
		case <-retry.C:
		case <-deadline.C:
			return fmt.Errorf("%w, waited %v", ErrBusy, wait)
		}
	}
}
