// Package durable replaces files durably and locks them. It does not know what is
// in them, and imports no package of this project.
//
// After a power cut there is either the old file or the new one. On Windows
// Replace writes through, since folders cannot be flushed there; the removal of a
// file may not survive a power cut.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// HalfWritten is the pattern (filepath.Match) of the names of files that WriteFile
// has not finished. The owner of the folder may remove those that a crash left.
const HalfWritten = ".new-*"

// WriteFile replaces a file as a whole, or creates it; only the account of this
// process may read it. When it returns nil, the file is on disk.
func WriteFile(path string, data []byte) error {
	tmp, err := StageFile(path, data)
	if err == nil {
		err = Replace(tmp, path)
	}
	if err == nil {
		err = SyncFolder(filepath.Dir(path))
	} else if tmp != "" {
		err = errors.Join(err, os.Remove(tmp))
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}

// StageFile writes a file to disk in the folder of path, under a name that matches
// HalfWritten; only the account of this process may read it. After an error
// nothing of it is left.
func StageFile(path string, data []byte) (tmp string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), HalfWritten)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// ErrLocked means that another process, or another open file of this one, has the
// lock.
var ErrLocked = errors.New("locked by another process")
