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
//   - makeFolder makes a folder that this account, SYSTEM and administrators
//     alone may enter; one that is there stays.
//   - checkFolder and checkFile give an InsecureError if another account may
//     have had its hands on the folder or the file.
//   - create makes a file of a new name that begins with unfinished, for
//     nobody else's eyes.
//   - openNoFollow opens for reading; a symbolic link gives an InsecureError,
//     and a pipe does not make it wait.

const (
	folderMode = 0o700
	fileMode   = 0o600
	unfinished = ".unfinished-"
)

func symlinkError(path string) error {
	return &InsecureError{Path: path, Reason: "is a symbolic link", Hint: "replace it by the file it points to"}
}

func (s *Store) noteStep(step string) {
	if s.step != nil {
		s.step(step)
	}
}

func (s *Store) removeUnfinished() {
	left, _ := filepath.Glob(filepath.Join(s.dir, unfinished+"*"))
	for _, path := range left {
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(path)
		}
	}
}

// replaceFile puts a file in place of the one at path, if any, for good.
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

// writeUnfinished makes an unfinished file.
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
