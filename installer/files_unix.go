//go:build unix

package installer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// maxLinks is how many links may be on the way to one folder.
const maxLinks = 40

// owner is whom a file is given to.
type owner struct{ uid, gid int }

var rootOwner = owner{0, 0}

// openTrusted opens a folder that only administrators can have made, by what
// docs/installer.md, Folders, says. The path begins at root.
func openTrusted(root, path string) (*os.File, error) {
	rest := splitPath(path)
	for links := 0; links <= maxLinks; links++ {
		dir, link, err := walkTrusted(root, rest)
		if link == nil {
			return dir, err
		}
		rest = link
	}
	return nil, fmt.Errorf("%s: too many links", path)
}

func splitPath(path string) []string {
	return strings.FieldsFunc(filepath.Clean("/"+path), func(r rune) bool { return r == '/' })
}

// walkTrusted opens one folder after the other. At a link it returns where that
// leads to.
func walkTrusted(root string, names []string) (dir *os.File, link []string, err error) {
	fd, err := unix.Open("/"+strings.TrimPrefix(root, "/"), unix.O_DIRECTORY|unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, &fs.PathError{Op: "open", Path: root, Err: err}
	}
	for i, name := range names {
		path := "/" + strings.Join(names[:i+1], "/")
		target, next, err := enterTrusted(fd, name, path)
		unix.Close(fd)
		if err != nil {
			return nil, nil, err
		}
		if target != "" {
			if !filepath.IsAbs(target) {
				target = filepath.Join(filepath.Dir(path), target)
			}
			return nil, append(splitPath(target), names[i+1:]...), nil
		}
		fd = next
	}
	return os.NewFile(uintptr(fd), filepath.Join(append([]string{root, "/"}, names...)...)), nil, nil
}

// enterTrusted opens a folder in an open one, or returns the target of a link.
func enterTrusted(fd int, name, path string) (target string, next int, err error) {
	var st unix.Stat_t
	if err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return "", 0, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	if st.Mode&unix.S_IFMT == unix.S_IFLNK {
		if !isAdministrator(int(st.Uid)) {
			return "", 0, untrusted(path, fmt.Sprintf("is a link of the user %d", st.Uid))
		}
		buf := make([]byte, unix.PathMax)
		n, err := unix.Readlinkat(fd, name, buf)
		if err != nil || n == 0 {
			return "", 0, &fs.PathError{Op: "readlink", Path: path, Err: err}
		}
		return string(buf[:n]), 0, nil
	}
	next, err = unix.Openat(fd, name, unix.O_DIRECTORY|unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", 0, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	if err = unix.Fstat(next, &st); err == nil {
		err = checkTrusted(path, &st)
	}
	if err != nil {
		unix.Close(next)
		return "", 0, err
	}
	return "", next, nil
}

// checkTrusted wants a folder or file that only administrators can change.
func checkTrusted(path string, st *unix.Stat_t) error {
	switch {
	case !isAdministrator(int(st.Uid)):
		return untrusted(path, fmt.Sprintf("belongs to the user %d, not to root", st.Uid))
	case st.Mode&0o002 != 0, st.Mode&0o020 != 0 && !isTrustedGroup(int(st.Gid)):
		return untrusted(path, fmt.Sprintf("can be written by others than root (mode %04o)", st.Mode&0o7777))
	}
	return nil
}

// isAdministrator also accepts the account of this process, which can do no more
// than it may anyway.
func isAdministrator(uid int) bool { return uid == 0 || uid == os.Geteuid() }

// ErrUntrusted means that a file or folder could have been made by somebody who is
// not an administrator.
var ErrUntrusted = errors.New("cannot be trusted")

func untrusted(path, why string) error {
	return &Problem{
		Err:  fmt.Errorf("%s %w: it %s", path, ErrUntrusted, why),
		Hint: "look into " + path + ", remove it or give it to root (chown root, chmod go-w), then run the command again",
	}
}

// readFile reads a file of at most max bytes in a trusted folder, and its mode. It
// follows no link.
func (c *Computer) readFile(path string, max int64) ([]byte, fs.FileMode, error) {
	dir, err := openTrusted(c.Root, filepath.Dir(path))
	if err != nil {
		return nil, 0, err
	}
	defer dir.Close()
	f, err := openIn(dir, path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("%s is larger than %d bytes", path, max)
	}
	return b, info.Mode(), err
}

// openIn opens a regular file in an open folder for reading.
func openIn(dir *os.File, path string) (*os.File, error) {
	fd, err := unix.Openat(int(dir.Fd()), filepath.Base(path), unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ELOOP) {
		return nil, untrusted(path, "is a link")
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = untrusted(path, "is not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// writeFile replaces a file in a trusted folder.
func (c *Computer) writeFile(path string, data []byte, mode fs.FileMode, o owner) error {
	dir, err := openTrusted(c.Root, filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return writeIn(dir, filepath.Base(path), data, mode, o)
}

// writeIn replaces a file in an open folder: a new one is written, flushed and
// renamed.
func writeIn(dir *os.File, name string, data []byte, mode fs.FileMode, o owner) (err error) {
	tmp := halfWritten(name)
	if err := unix.Unlinkat(int(dir.Fd()), tmp, 0); err != nil && !errors.Is(err, unix.ENOENT) {
		return &fs.PathError{Op: "remove", Path: filepath.Join(dir.Name(), tmp), Err: err}
	}
	fd, err := unix.Openat(int(dir.Fd()), tmp, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return &fs.PathError{Op: "write", Path: filepath.Join(dir.Name(), name), Err: err}
	}
	f := os.NewFile(uintptr(fd), filepath.Join(dir.Name(), tmp))
	_, err = f.Write(data)
	if err == nil && os.Geteuid() == 0 {
		err = f.Chown(o.uid, o.gid)
	}
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = unix.Renameat(int(dir.Fd()), tmp, int(dir.Fd()), name)
	}
	if err != nil {
		unix.Unlinkat(int(dir.Fd()), tmp, 0)
		return fmt.Errorf("writing %s: %w", filepath.Join(dir.Name(), name), err)
	}
	return dir.Sync()
}

// halfWritten is the name of a file that is not written to its end. It is always
// the same, so that what a killed process left is found.
func halfWritten(name string) string { return "." + name + ".printscout-new" }

// removeFile removes a file, if there is one, and reports whether there was.
func (c *Computer) removeFile(path string) (bool, error) {
	return c.unlink(path, 0)
}

// removeFolder removes a folder if it is empty, and reports whether it did.
func (c *Computer) removeFolder(path string) (bool, error) {
	removed, err := c.unlink(path, unix.AT_REMOVEDIR)
	if errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST) {
		return false, nil
	}
	return removed, err
}

func (c *Computer) unlink(path string, flags int) (bool, error) {
	dir, err := openTrusted(c.Root, filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer dir.Close()
	if err := unix.Unlinkat(int(dir.Fd()), halfWritten(filepath.Base(path)), 0); err == nil {
		defer dir.Sync()
	}
	err = unix.Unlinkat(int(dir.Fd()), filepath.Base(path), flags)
	if errors.Is(err, unix.ENOENT) {
		return false, nil
	}
	if err != nil {
		return false, &fs.PathError{Op: "remove", Path: path, Err: err}
	}
	return true, dir.Sync()
}

// checkTrustedFile wants a file that only administrators can change or replace.
func (c *Computer) checkTrustedFile(path string) error {
	dir, err := openTrusted(c.Root, filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	f, err := openIn(dir, path)
	if err != nil {
		return err
	}
	defer f.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return err
	}
	return checkTrusted(path, &st)
}
