//go:build unix

package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

func readTrustedFile(path string, owners []int) ([]byte, error) {
	f, err := openTrusted(path, owners)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotTrusted(path, "is not a regular file", "replace it by one")
	}
	if err == nil {
		err = checkRights(path, info, owners)
	}
	if err != nil {
		return nil, err
	}
	return readBounded(f)
}

func readTrustedFolder(path string, owners []int) ([]string, error) {
	f, err := openTrusted(path, owners)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = checkRights(path, info, owners)
	}
	if err != nil {
		return nil, err
	}
	return f.Readdirnames(-1)
}

// openTrusted opens what a path leads to, once every folder on the way has been
// found to be such that only owners could change where it leads.
func openTrusted(path string, owners []int) (*os.File, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{filepath.Dir(path), filepath.Dir(real)} {
		if err := checkFolders(folder, owners); err != nil {
			return nil, err
		}
	}
	if real != path {
		if err := checkLink(path, owners); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(real, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, errNotTrusted(path, "was replaced by a link while it was read", "find out by whom")
	}
	return f, err
}

// checkFolders checks a folder and those above it. Where a folder has the sticky
// bit, others can add files but not replace those of its owners.
func checkFolders(folder string, owners []int) error {
	for {
		info, err := os.Stat(folder)
		if err != nil {
			return err
		}
		if info.Mode()&fs.ModeSticky == 0 {
			err = checkRights(folder, info, owners)
		} else {
			err = checkOwner(folder, info, owners)
		}
		if err != nil {
			return err
		}
		above := filepath.Dir(folder)
		if above == folder {
			return nil
		}
		folder = above
	}
}

// checkLink wants a link, if path is one, to belong to an owner. What folder it
// lies in has been checked.
func checkLink(path string, owners []int) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return err
	}
	return checkOwner(path, info, owners)
}

func checkRights(path string, info fs.FileInfo, owners []int) error {
	if err := checkOwner(path, info, owners); err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return errNotTrusted(path, fmt.Sprintf("may be written by others (mode %04o)", mode), "find out whether they have, then: chmod go-w")
	}
	return nil
}

func checkOwner(path string, info fs.FileInfo, owners []int) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !slices.Contains(owners, int(stat.Uid)) {
		return errNotTrusted(path, "does not belong to root", "find out who put it there; if it is right, chown it to root")
	}
	return nil
}
