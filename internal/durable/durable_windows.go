package durable

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// How long Replace waits for another process that has either file open, if only
// to read it. Virus scanners and backups are such processes.
const (
	replaceWait  = 5 * time.Second
	replaceRetry = 10 * time.Millisecond
)

// Replace renames a file atomically, replacing an existing one, and waits until
// that is durable.
func Replace(from, to string) error {
	old, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	if err := renameWithRetry(old, name); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

func renameWithRetry(from, to *uint16) error {
	retry := time.NewTicker(replaceRetry)
	defer retry.Stop()
	deadline := time.NewTimer(replaceWait)
	defer deadline.Stop()
	for {
		const flags = windows.MOVEFILE_REPLACE_EXISTING | windows.MOVEFILE_WRITE_THROUGH
		err := windows.MoveFileEx(from, to, flags)
		if err == nil || !inUse(err, to) {
			return err
		}
		select {
		case <-retry.C:
		case <-deadline.C:
			return err
		}
	}
}

// inUse reports whether a rename that failed may succeed later. Windows returns
// "access denied" both for a file that is open and for a folder.
func inUse(err error, to *uint16) bool {
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		kind, err := windows.GetFileAttributes(to)
		return err != nil || kind&windows.FILE_ATTRIBUTE_DIRECTORY == 0
	}
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION)
}

// SyncFolder does nothing: Replace has written through.
func SyncFolder(string) error { return nil }

// TryLock locks an open file until it is closed, or returns ErrLocked at once.
// Windows cannot lock a folder.
func TryLock(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return ErrLocked
	}
	return fmt.Errorf("locking %s: %w", f.Name(), err)
}
