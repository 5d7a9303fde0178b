//go:build unix

package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

const othersMay = 0o077

func restrictFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&othersMay == 0 {
		return nil
	}
	// Not a folder with other files in it: it could be a home directory.
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("folder %s is open to other users and not empty", dir)
	}
	return os.Chmod(dir, 0o700)
}

func isExposed(info fs.FileInfo) bool { return info.Mode().Perm()&othersMay != 0 }

// openFile opens anything without waiting, and the caller checks what it is: an
// ordinary open would wait forever on a pipe without a writer.
func openFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is %s, not a file: put the file itself there", path, kindOf(fs.ModeSymlink))
	}
	return file, err
}
