package cli

import (
	"errors"
	"fmt"
)

// UsageError is a mistake in the command line.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef returns a UsageError with a formatted text.
func Usagef(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// hintedError is an error with a hint at what to do next.
type hintedError struct {
	error
	hint string
}

func (e *hintedError) Unwrap() error { return e.error }

// WithHint adds to an error a hint at what to do next. It returns err itself if
// err is nil or the hint is empty.
func WithHint(err error, hint string) error {
	if err == nil || hint == "" {
		return err
	}
	return &hintedError{err, hint}
}

// Ended ends a command with an exit status of its own after it has printed its
// answer. Why is printed only with JSON: people have read the answer.
type Ended struct {
	Code int
	Why  string
}

func (e *Ended) Error() string { return e.Why }

// EndWith returns an Ended, or nil for Done.
func EndWith(code int, why string) error {
	if code == Done {
		return nil
	}
	return &Ended{code, why}
}

func isUsage(err error) bool {
	_, ok := errors.AsType[*UsageError](err)
	return ok
}
