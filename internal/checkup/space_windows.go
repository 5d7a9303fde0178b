package checkup

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// FreeBytes returns how many bytes this account may still write to the disk of
// a folder.
func FreeBytes(dir string) (uint64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, fmt.Errorf("asking how much room %s has: %w", dir, err)
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, fmt.Errorf("asking how much room %s has: %w", dir, err)
	}
	return free, nil
}
