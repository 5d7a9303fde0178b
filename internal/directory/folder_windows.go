package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// tighten trusts the access list that the folder inherits: under a profile
// that is the owner, the administrators and the system.
func tighten(string) error { return nil }

// exposed cannot be told from the mode bits that Windows has.
func exposed(fs.FileInfo) bool { return false }

func openFile(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %s, not a file: put the file itself there", path, kindOf(info.Mode()))
	}
	return os.Open(path)
}

// syncFolder has nothing to do: NTFS journals renames, and folders cannot be flushed.
func syncFolder(string) error { return nil }

func tryLock(file *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}
