package vault

import (
	"errors"
	"fmt"
)

// The errors that a caller may handle, by errors.Is.
var (
	// ErrNotAuthentic means that a file is not what was sealed: changed,
	// reordered, extended, swapped or cut.
	ErrNotAuthentic = errors.New("sealed job is not authentic")
	// ErrTruncated is the case of ErrNotAuthentic in which the file ends early.
	ErrTruncated error = truncatedError{}
	// ErrVersion means that a file is of another format version.
	ErrVersion = errors.New("sealed job has another format version")
	// ErrShredKey means that the wrapped keys of a job are encrypted under a
	// shred key that the vault does not have.
	ErrShredKey = errors.New("sealed job rests under a shred key that is gone")
	// ErrNotRecipient means that a job is not sealed to the scout's key.
	ErrNotRecipient = errors.New("sealed job has other recipients")
	// ErrNotFound means that there is no such job.
	ErrNotFound = errors.New("no such job")
	// ErrNoSpace means that the disk is full, or fuller than Options.MinFree allows.
	ErrNoSpace = errors.New("not enough space on the disk")
	// ErrInUse means that a document of the job is open.
	ErrInUse = errors.New("job is in use")
	// ErrLocked means that another process has the vault open.
	ErrLocked = errors.New("vault is open elsewhere")
	// ErrTooLarge means that metadata, summary, note, recipients or document
	// exceed a limit of the format.
	ErrTooLarge = errors.New("too large for a sealed job")
)

// errDestroyed is the case of ErrNotAuthentic in which the wrapped keys have
// been overwritten.
var errDestroyed = fmt.Errorf("its keys are destroyed: %w", ErrNotAuthentic)

type truncatedError struct{}

func (truncatedError) Error() string { return "sealed job is cut short" }

func (truncatedError) Unwrap() error { return ErrNotAuthentic }

func notAuthentic(what string) error { return fmt.Errorf("%s: %w", what, ErrNotAuthentic) }

// noteSpace makes a full disk recognizable as ErrNoSpace, whatever the system calls it.
func noteSpace(err error) error {
	if err != nil && isNoSpace(err) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}
