package scout

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/printscout/printscout/vault/keystore"
)

const reparsed = fs.ModeSymlink | fs.ModeIrregular

// makePrivate also closes an existing folder to other accounts: the folder
// above it, such as ProgramData, lets all of them in.
func makePrivate(dir string) error {
	if info, err := os.Lstat(dir); err == nil && info.Mode()&reparsed != 0 {
		return linkError(dir)
	}
	return keystore.MakeFolder(dir)
}

func checkStateFolder(dir string) error {
	info, err := os.Lstat(dir)
	switch {
	case err != nil:
		return err
	case info.Mode()&reparsed != 0:
		return linkError(dir)
	case !info.IsDir():
		return fmt.Errorf("%s: %w", dir, syscall.ENOTDIR)
	}
	return nil
}

// openNoFollow checks that it opened the file that it had looked at, so that
// no link was put there in between.
func openNoFollow(path string, flags int) (*os.File, error) {
	before, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if before.Mode()&reparsed != 0 {
		return nil, linkError(path)
	}
	f, err := os.OpenFile(path, flags, 0)
	if err != nil {
		return nil, err
	}
	after, err := f.Stat()
	if err == nil && !os.SameFile(before, after) {
		err = linkError(path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func checkOwn(_ string, f *os.File, _ fs.FileInfo) error { return keystore.CheckOwner(f) }
