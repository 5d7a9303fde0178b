//go:build unix

package checkup

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// FreeBytes returns how many bytes an ordinary account may still write to the
// disk of a folder.
func FreeBytes(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("asking how much room %s has: %w", dir, err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}
