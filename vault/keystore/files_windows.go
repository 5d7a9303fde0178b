package keystore

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// makeFolder gives the last folder an access list of its own, even if the folder
// exists already: its parents, such as ProgramData, let every account in.
func makeFolder(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), folderMode); err != nil {
		return err
	}
	attributes, err := privateAttributes(inherited)
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return err
	}
	err = windows.CreateDirectory(name, attributes)
	if !errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		return pathError("mkdir", dir, err)
	}
	return closeFolder(dir, attributes.SecurityDescriptor)
}

// closeFolder sets the access list of a folder that a trusted account owns.
func closeFolder(dir string, sd *windows.SECURITY_DESCRIPTOR) error {
	f, err := openHandle(dir, windows.READ_CONTROL|windows.WRITE_DAC, windows.OPEN_EXISTING, nil)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := checkOwner(dir, f); err != nil {
		return err
	}
	// Not SetSecurityInfo: with it Wine adds the parent's entries.
	const what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	return pathError("closing", dir, windows.SetKernelObjectSecurity(windows.Handle(f.Fd()), what, sd))
}

func (s *Store) checkFolder() error {
	f, err := openHandle(s.dir, windows.READ_CONTROL|windows.FILE_READ_ATTRIBUTES, windows.OPEN_EXISTING, nil)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return pathError("opening", s.dir, windows.ERROR_DIRECTORY)
	}
	return checkAccess(s.dir, f)
}

func (s *Store) checkFile(path string, f *os.File, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return &InsecureError{Path: path, Reason: "is not a regular file", Hint: "remove it"}
	}
	return checkAccess(path, f)
}

func createUnfinished(dir string) (*os.File, error) {
	attributes, err := privateAttributes("")
	if err != nil {
		return nil, err
	}
	var random [8]byte
	rand.Read(random[:]) // never fails: crypto/rand
	path := filepath.Join(dir, unfinished+hex.EncodeToString(random[:]))
	return openHandle(path, windows.GENERIC_READ|windows.GENERIC_WRITE, windows.CREATE_NEW, attributes)
}

func openNoFollow(path string) (*os.File, error) {
	f, err := openHandle(path, windows.GENERIC_READ, windows.OPEN_EXISTING, nil)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0 {
		err = symlinkError(path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// openHandle opens a file or folder itself, never the target of a reparse point.
func openHandle(path string, access, how uint32, attributes *windows.SecurityAttributes) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const share = windows.FILE_SHARE_READ | windows.FILE_SHARE_DELETE
	const flags = windows.FILE_ATTRIBUTE_NORMAL | windows.FILE_FLAG_OPEN_REPARSE_POINT | windows.FILE_FLAG_BACKUP_SEMANTICS
	h, err := windows.CreateFile(name, access, share|windows.FILE_SHARE_WRITE, attributes, how, flags, 0)
	if err != nil {
		return nil, pathError("open", path, err)
	}
	return os.NewFile(uintptr(h), path), nil
}

func pathError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &os.PathError{Op: op, Path: path, Err: err}
}
