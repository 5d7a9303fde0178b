//go:build unix

package vault

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const openFlags = unix.O_NOFOLLOW | unix.O_NONBLOCK

var errForeignFolder = errors.New("folder is open to other accounts and holds other things: name an empty one, or chmod it to 0700")

func isNoSpace(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}

// closeFolder restricts a folder only if it is empty or has been a vault: a
// setting that names /var by mistake must not change /var.
func closeFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&^folderMode == 0 {
		return err
	}
	_, err = os.Lstat(filepath.Join(dir, lockName))
	if err == nil {
		return os.Chmod(dir, folderMode)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s: %w", dir, errForeignFolder)
	}
	return os.Chmod(dir, folderMode)
}

func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("asking for free space: %w", err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
