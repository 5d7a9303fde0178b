//go:build unix

package installer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownerOf returns whom a folder belongs to.
func (r *run) ownerOf(f folder) (owner, error) {
	if !f.own || r.layout.account == "" {
		return rootOwner, nil
	}
	a, ok := r.Account(r.layout.account)
	if !ok {
		return owner{}, fmt.Errorf("there is no account %s", r.layout.account)
	}
	return owner{a.UID, a.GID}, nil
}

// checkFolder reports whether a folder is missing. One that exists must belong to
// whom it should, or to root.
func (r *run) checkFolder(f folder) (missing bool, err error) {
	dir, err := openTrusted(r.Root, filepath.Dir(f.path))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer dir.Close()
	var st unix.Stat_t
	err = unix.Fstatat(int(dir.Fd()), filepath.Base(f.path), &st, unix.AT_SYMLINK_NOFOLLOW)
	if errors.Is(err, unix.ENOENT) {
		return true, nil
	}
	if err != nil {
		return false, &fs.PathError{Op: "stat", Path: f.path, Err: err}
	}
	return false, r.checkOwner(f, &st)
}

func (r *run) checkOwner(f folder, st *unix.Stat_t) error {
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFLNK:
		return untrusted(f.path, "is a link")
	case unix.S_IFDIR:
	default:
		return untrusted(f.path, "is not a folder")
	}
	if isAdministrator(int(st.Uid)) {
		return nil
	}
	if o, err := r.ownerOf(f); err == nil && f.own && int(st.Uid) == o.uid {
		return nil
	}
	return untrusted(f.path, fmt.Sprintf("belongs to the user %d, who is neither root nor the agent", st.Uid))
}

// ensureFolder makes a folder, or takes rights from others in one whose owner is
// right, and reports whether it made it. The content of one that belongs to root
// stays as it is: systemd gives it to the account when the service starts.
func (r *run) ensureFolder(f folder) (made bool, err error) {
	o, err := r.ownerOf(f)
	if err != nil {
		return false, err
	}
	parent, err := openTrusted(r.Root, filepath.Dir(f.path))
	if err != nil {
		return false, err
	}
	defer parent.Close()
	name := filepath.Base(f.path)
	err = unix.Mkdirat(int(parent.Fd()), name, 0o700)
	if made = err == nil; err != nil && !errors.Is(err, unix.EEXIST) {
		return false, &fs.PathError{Op: "mkdir", Path: f.path, Err: err}
	}
	fd, err := unix.Openat(int(parent.Fd()), name, unix.O_DIRECTORY|unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return made, untrusted(f.path, "is not a folder")
	}
	dir := os.NewFile(uintptr(fd), f.path)
	defer dir.Close()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return made, err
	}
	if err := r.checkOwner(f, &st); err != nil {
		return made, err
	}
	if made && os.Geteuid() == 0 {
		if err := dir.Chown(o.uid, o.gid); err != nil {
			return made, err
		}
	}
	if mode := fs.FileMode(st.Mode).Perm(); made || mode&^f.mode != 0 {
		err = dir.Chmod(f.mode)
	}
	return made, errors.Join(err, parent.Sync())
}

// ownsState reports whether an account has the state folder.
func (r *run) ownsState(a Account) (bool, error) {
	info, err := os.Lstat(filepath.Join(r.Root, r.layout.stateDir))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == a.UID, nil
}

// exists reports whether there is something at a path.
func (c *Computer) exists(path string) (bool, error) {
	_, err := os.Lstat(filepath.Join(c.Root, path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// listFolder returns the names in a trusted folder.
func (c *Computer) listFolder(path string) ([]string, error) {
	dir, err := openTrusted(c.Root, path)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.Readdirnames(-1)
}

// removeTree removes a folder with all that is in it, and reports whether there was
// one. Its parent must be trusted; os.Root leaves it by no link.
func (c *Computer) removeTree(path string) (bool, error) {
	parent, err := openTrusted(c.Root, filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer parent.Close()
	root, err := os.OpenRoot(parent.Name())
	if err != nil {
		return false, err
	}
	defer root.Close()
	if _, err := root.Lstat(filepath.Base(path)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err := root.RemoveAll(filepath.Base(path)); err != nil {
		return false, fmt.Errorf("removing %s: %w", path, err)
	}
	return true, parent.Sync()
}
