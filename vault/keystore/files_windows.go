package keystore

import (
	"io/fs"
	"os"
)

func makeFolder(dir string) error { return os.MkdirAll(dir, folderMode) }

func create(dir string) (*os.File, error) { return os.CreateTemp(dir, unfinished+"*") }

func (s *Store) checkFolder() error { return nil }

func (s *Store) checkFile(path string, _ *os.File, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return &InsecureError{Path: path, Reason: "is not a regular file", Hint: "remove it"}
	}
	return nil
}

func openNoFollow(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil, symlinkError(path)
	}
	return os.Open(path)
}
