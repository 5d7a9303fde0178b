//go:build unix

package tray

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/printscout/printscout/internal/durable"
)

const lockName = "printscout-tray.lock"

// alone makes this the tray of the session until release is called, or returns
// ErrRunning. It locks a file in the folder of the session. The file stays: where it
// were removed two could lock one each.
func alone() (release func(), err error) {
	path := lockPath()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the session's tray: %w", err)
	}
	if err := durable.TryLock(f); err != nil {
		f.Close()
		if errors.Is(err, durable.ErrLocked) {
			return nil, ErrRunning
		}
		return nil, fmt.Errorf("locking the session's tray: %w", err)
	}
	return func() { f.Close() }, nil
}

// lockPath lies in a folder that others cannot write to, where there is one:
// XDG_RUNTIME_DIR, on macOS TMPDIR.
func lockPath() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, lockName)
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("%d-%s", os.Getuid(), lockName))
}
