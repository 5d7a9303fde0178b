//go:build unix

package durable

import (
	"errors"
	"os"
)

// Replace renames over what is there, atomically.
func Replace(from, to string) error { return os.Rename(from, to) }

// SyncFolder makes renames and removals in a folder survive a power cut.
func SyncFolder(dir string) (err error) {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}
