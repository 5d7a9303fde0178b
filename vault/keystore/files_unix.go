//go:build unix

package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func makeFolder(dir string) error { return os.MkdirAll(dir, folderMode) }

func (s *Store) checkFolder() error {
	info, err := os.Stat(s.dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s: %w", s.dir, syscall.ENOTDIR)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return &InsecureError{s.dir, "may be written by other accounts", "find out who did, then chmod 0700 it"}
	}
	return s.checkOwner(s.dir, info)
}

func (s *Store) checkFile(path string, _ *os.File, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return &InsecureError{path, "is not a regular file", "remove it"}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return &InsecureError{path, fmt.Sprintf("has mode %04o", mode),
			"others may have read it: make a new secret, or chmod 0600 it if you know that no one has"}
	}
	return s.checkOwner(path, info)
}

func (s *Store) checkOwner(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != s.owner {
		return &InsecureError{path, "belongs to another account",
			fmt.Sprintf("chown it to uid %d if it is meant for that account", s.owner)}
	}
	return nil
}

// createUnfinished creates a file of mode 0600, whatever the umask.
func createUnfinished(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, unfinished+"*")
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(fileMode); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

func openNoFollow(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.ELOOP) {
		return nil, symlinkError(path)
	}
	return f, err
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
