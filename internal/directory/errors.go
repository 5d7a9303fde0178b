package directory

import (
	"errors"
	"fmt"
)

// The errors of this package wrap these with more details.
var (
	// ErrFormat: the bytes, or a value in them, are not what docs/site-format.md allows.
	ErrFormat = errors.New("not in the site format")
	// ErrSignature: the directory was not signed by this site, or was changed since.
	ErrSignature = errors.New("not signed by this site")
	// ErrOtherSite: the directory is of another site, or of another key epoch.
	ErrOtherSite = errors.New("directory of another site or epoch")
	// ErrFork: the keys of an epoch that was left name another successor.
	ErrFork = errors.New("the site's keys have two successors")
	// ErrRollback: the directory is older than the one in force, or contradicts it.
	ErrRollback = errors.New("directory goes back")
	// ErrNoPrinter: no printer of the directory has that name or id.
	ErrNoPrinter = errors.New("no such printer in the directory")
	// ErrExists: a printer of that name or id, or a site in that folder, is there already.
	ErrExists = errors.New("exists already")
	// ErrPassword: the password does not unlock the site.
	ErrPassword = errors.New("password does not unlock the site")
	// ErrRotated: the site's root was rotated since the site was opened.
	ErrRotated = errors.New("the site has a new root: open it again")
	// ErrNoKey: the site does not have the wrap key of that epoch.
	ErrNoKey = errors.New("the site keeps no wrap key")
	// ErrBusy: another process is changing the site.
	ErrBusy = errors.New("another process is changing the site")
)

// errUnfinished: site.json is of a newer epoch than the other files.
var errUnfinished = errors.New("a rotation of the root was interrupted")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrFormat, fmt.Errorf(format, args...))
}
