package keystore

import (
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

func (s *Store) checkFolder() error { return nil }

func (s *Store) checkFile(path string, info fs.FileInfo) error {
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

func replaceFile(from, to string) error {
	old, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	const flags = windows.MOVEFILE_REPLACE_EXISTING | windows.MOVEFILE_WRITE_THROUGH
	if err := windows.MoveFileEx(old, name, flags); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

func syncFolder(string) error { return nil }
