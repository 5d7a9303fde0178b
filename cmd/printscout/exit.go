package main

import (
	"context"
	"errors"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/spooler"
)

// The exit statuses; scripts rely on them.
const (
	exitDone         = 0
	exitFailed       = 1
	exitUsage        = 2
	exitPart         = 3
	exitNotEnrolled  = 10
	exitUnreachable  = 11
	exitNotPermitted = 12
	exitForbidden    = 13
	exitInterrupted  = 130
)

// usageError is an error of who typed the command.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// statusError ends a command with a status of its own; what there is to say
// has been said.
type statusError int

func (statusError) Error() string { return "" }

// exitStatus is the one place where errors become exit statuses.
func exitStatus(err error, interrupted bool) int {
	if s, ok := errors.AsType[statusError](err); ok {
		return int(s)
	}
	if e, ok := errors.AsType[*control.Error](err); ok {
		return exitOfCode(e.Code)
	}
	_, usage := errors.AsType[usageError](err)
	switch {
	case err == nil:
		return exitDone
	case interrupted && errors.Is(err, context.Canceled):
		return exitInterrupted
	case usage:
		return exitUsage
	case errors.Is(err, control.ErrUnreachable):
		return exitUnreachable
	case errors.Is(err, control.ErrStranger), errors.Is(err, directory.ErrPassword):
		return exitNotPermitted
	}
	return exitFailed
}

func exitOfCode(c control.Code) int {
	switch c {
	case control.CodeUsage:
		return exitUsage
	case control.CodeNotPermitted:
		return exitNotPermitted
	case control.CodeForbidden:
		return exitForbidden
	case control.CodeNotEnrolled:
		return exitNotEnrolled
	}
	return exitFailed
}

// hinted is an error with what to do next.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// hintOf is what to do next, "" where that is not known.
func hintOf(err error) string {
	if h, ok := errors.AsType[hinted](err); ok {
		return h.hint
	}
	if e, ok := errors.AsType[*control.Error](err); ok {
		return e.Hint
	}
	switch _, usage := errors.AsType[usageError](err); {
	case usage:
		return "printscout --help, or --help behind a command, shows how it is used"
	case errors.Is(err, spooler.ErrPortTaken):
		return "stop that program, or set another Port in the configuration; what was printed there meanwhile went to it"
	case errors.Is(err, control.ErrUnreachable):
		return "is the service running? start it, or name its socket by --control PATH"
	case errors.Is(err, control.ErrStranger):
		return "only root, you, or the user printscout may run the agent; nothing was said to this one"
	case errors.Is(err, directory.ErrPassword):
		return "it is the twelve words shown when the site was made, or at the last site rotate password; case, spaces and dashes do not matter"
	}
	return ""
}
