//go:build unix

package installer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// readPrivate reads a small file that only its owner can read, who is root or
// called sudo. It follows no link in the last component.
func readPrivate(path string, max int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a link", path)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok || !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case !isAdministrator(int(stat.Uid)) && strconv.Itoa(int(stat.Uid)) != os.Getenv("SUDO_UID"):
		return nil, &Problem{Err: fmt.Errorf("%s belongs to the user %d", path, stat.Uid), Hint: "if it is the one that you mean: chown root " + path}
	case info.Mode().Perm()&0o077 != 0:
		return nil, &Problem{Err: fmt.Errorf("others can read or write %s (mode %04o)", path, info.Mode().Perm()), Hint: "a bundle lets whoever has it join the site: revoke it if others could have read it, else chmod 600 " + path}
	}
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("%s is larger than %d bytes", path, max)
	}
	return b, err
}

// openState opens the agent's state folder. Its account may put links there, so
// nothing in it is followed.
func (r *run) openState() (*os.File, error) {
	parent, err := openTrusted(r.Root, filepath.Dir(r.layout.stateDir))
	if err != nil {
		return nil, err
	}
	defer parent.Close()
	fd, err := unix.Openat(int(parent.Fd()), filepath.Base(r.layout.stateDir), unix.O_DIRECTORY|unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: r.layout.stateDir, Err: err}
	}
	return os.NewFile(uintptr(fd), r.layout.stateDir), nil
}

// writeOwn writes a file of the agent's into its state folder.
func (r *run) writeOwn(path string, data []byte) error {
	dir, err := r.openState()
	if err != nil {
		return err
	}
	defer dir.Close()
	o, err := r.ownerOf(folder{own: true})
	if err != nil {
		return err
	}
	return writeIn(dir, filepath.Base(path), data, 0o600, o)
}

// removeOwn removes a file of the agent's, and reports whether there was one.
func (r *run) removeOwn(path string) (bool, error) {
	dir, err := r.openState()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer dir.Close()
	err = unix.Unlinkat(int(dir.Fd()), filepath.Base(path), 0)
	if errors.Is(err, unix.ENOENT) {
		return false, nil
	}
	return err == nil, err
}
