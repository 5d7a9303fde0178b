package scout

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Per system, in ownfile_unix.go and ownfile_windows.go:
//
//   - checkStateFolder returns an insecureError for a folder that is a link,
//     that another account owns, or that others may write to.
//   - openNoFollow opens a file itself, never what a link leads to, and does
//     not wait for a pipe.
//   - checkOwn returns an insecureError for an open file that another account
//     owns or may write to.

// insecureError means that another account may have changed a file of the
// agent, or can change it.
type insecureError struct {
	path   string
	reason string // such as "is a link"
	hint   string // what to do
}

func (e *insecureError) Error() string { return e.path + " " + e.reason + ": " + e.hint }

const (
	linkHint  = "replace it by what it leads to, or set StateDir to that"
	ownerHint = "find out who put it there; if it is meant for the agent, give it to the account that the agent runs as"
	modeHint  = "find out what they did with it, then take that right from them"
)

func linkError(path string) error { return &insecureError{path, "is a link", linkHint} }

// openOwn opens a file of the state folder if only the agent can change it.
func openOwn(path string, flags int) (*os.File, error) {
	f, err := openNoFollow(path, flags)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &insecureError{path, "is not a regular file", "remove it"}
	}
	if err == nil {
		err = checkOwn(path, f, info)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// maxOwnFile is more bytes than any file of the state folder has that is read
// as a whole; a directory has at most 4 MiB.
const maxOwnFile = 16 << 20

// readOwn reads a file of the state folder if only the agent can change it.
func readOwn(path string) (raw []byte, err error) {
	f, err := openOwn(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	raw, err = io.ReadAll(io.LimitReader(f, maxOwnFile+1))
	if err == nil && len(raw) > maxOwnFile {
		err = fmt.Errorf("%s has more than %d MiB", filepath.Base(path), maxOwnFile>>20)
	}
	return raw, err
}

// openStateFolder makes the state folder if it is missing, and refuses it if
// others can change it, or the folders of keys or jobs in it.
func openStateFolder(dir string) error {
	dir = filepath.Clean(dir) // a link with a slash at its end would be followed
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return fmt.Errorf("making the state folder: %w", err)
	}
	if err := makePrivate(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making the state folder: %w", err)
	}
	for _, path := range []string{dir, filepath.Join(dir, keysDir), filepath.Join(dir, VaultDir)} {
		if err := checkStateFolder(path); err != nil && (path == dir || !errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("opening the state folder: %w", err)
		}
	}
	return nil
}
