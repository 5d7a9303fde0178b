package keystore

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/internal/durable"
)

// Per system, in files_unix.go and files_windows.go:
//
//   - makeFolder makes a folder that only this account, SYSTEM and
//     administrators may enter. On Unix an existing folder stays as it is.
//   - checkFolder and checkFile return an InsecureError if another account may
//     have changed the folder or the file, or read the file.
//   - createUnfinished creates a file that other accounts cannot read, under a
//     new name that begins with unfinished.
//   - openNoFollow opens a file for reading. It returns an InsecureError for a
//     symbolic link, and does not wait on a pipe.

const (
	folderMode = 0o700
	fileMode   = 0o600
	unfinished = ".unfinished-"
)

func symlinkError(path string) error {
	return &InsecureError{Path: path, Reason: "is a symbolic link", Hint: "replace it by the file it points to"}
}

// noteStep tells tests which step comes next.
func (s *Store) noteStep(step string) {
	if s.step != nil {
		s.step(step)
	}
}

// removeUnfinished removes unfinished files that are older than an hour.
func (s *Store) removeUnfinished() {
	left, _ := filepath.Glob(filepath.Join(s.dir, unfinished+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(path)
		}
	}
}

// replaceFile replaces the file at path, or creates it, durably.
func (s *Store) replaceFile(path string, file []byte) error {
	s.noteStep("make a file")
	tmp, err := s.writeUnfinished(file)
	if err != nil {
		return err
	}
	s.noteStep("rename")
	if err := durable.Replace(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	s.noteStep("flush the folder")
	return durable.SyncFolder(s.dir)
}

// writeUnfinished writes an unfinished file and returns its path.
func (s *Store) writeUnfinished(file []byte) (path string, err error) {
	f, err := createUnfinished(s.dir)
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	s.noteStep("write")
	if _, err := f.Write(file); err != nil {
		return "", err
	}
	s.noteStep("flush the file")
	return f.Name(), f.Sync()
}
