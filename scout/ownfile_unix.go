//go:build unix

package scout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

func makePrivate(dir string) error { return os.Mkdir(dir, 0o700) }

func checkStateFolder(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return linkError(dir)
	case !info.IsDir():
		return fmt.Errorf("%s: %w", dir, syscall.ENOTDIR)
	}
	return checkRights(dir, info)
}

func openNoFollow(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, linkError(path)
	}
	return f, err
}

func checkOwn(path string, _ *os.File, info fs.FileInfo) error { return checkRights(path, info) }

func checkRights(path string, info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Geteuid() {
		return &insecureError{path, "belongs to another account", ownerHint}
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return &insecureError{path, fmt.Sprintf("may be written by others (mode %04o)", mode), modeHint + ": chmod go-w"}
	}
	return nil
}
