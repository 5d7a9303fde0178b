package directory

import (
	"errors"
	"fmt"
)

// Reasons to refuse; errors of this package wrap them with a sentence.
var (
	// ErrFormat: the bytes, or a value in them, are not what docs/site-format.md allows.
	ErrFormat = errors.New("not in the site format")
	// ErrSignature: the directory was not signed by this site, or was changed since.
	ErrSignature = errors.New("not signed by this site")
	// ErrOtherSite: the directory is of another site, or of another key epoch.
	ErrOtherSite = errors.New("directory of another site or epoch")
	// ErrRollback: the directory is older than the one at hand, or contradicts it.
	ErrRollback = errors.New("directory goes back")
	// ErrNoPrinter: no printer of the directory has that name or id.
	ErrNoPrinter = errors.New("no such printer in the directory")
	// ErrExists: a printer of that name or id, or a site in that folder, is there already.
	ErrExists = errors.New("exists already")
	// ErrPassword: the password does not unlock the site.
	ErrPassword = errors.New("password does not unlock the site")
	// ErrBusy: another process is changing the site.
	ErrBusy = errors.New("another process is changing the site")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrFormat, fmt.Errorf(format, args...))
}
