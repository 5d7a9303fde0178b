package main

import (
	"errors"

	"github.com/printscout/printscout/installer"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/tray"
)

// program is this program for package cli.
var program = cli.Program{NewRoot: newRoot, Explain: explainError}

// explainError returns the exit status and the hint for errors of our
// packages.
func explainError(err error) (code int, hint string, known bool) {
	if e, ok := errors.AsType[*control.Error](err); ok {
		return exitOfCode(e.Code), e.Hint, true
	}
	switch {
	case errors.Is(err, installer.ErrNotElevated):
		return cli.NotPermitted, "", true
	case errors.Is(err, spooler.ErrPortTaken):
		return cli.Failed, "stop that program, or set another Port in the configuration; what was printed there meanwhile went to it", true
	case errors.Is(err, control.ErrUnreachable):
		return cli.Unreachable, "is the service running? start it, or name its socket by --control PATH", true
	case errors.Is(err, control.ErrStranger):
		return cli.NotPermitted, "only root, you, or the user printscout may run the agent; nothing was sent to it", true
	case errors.Is(err, tray.ErrNoDesktop):
		return cli.Failed, "run it within your desktop session; printscout job list shows your jobs without one", true
	case errors.Is(err, directory.ErrPassword):
		return cli.NotPermitted, "it is the twelve words shown when the site was made, or at the last site rotate password; case, spaces and dashes do not matter", true
	}
	return cli.Failed, "", false
}

func exitOfCode(c control.Code) int {
	switch c {
	case control.CodeUsage:
		return cli.Usage
	case control.CodeNotPermitted, control.CodeBundleSpent:
		return cli.NotPermitted
	case control.CodeForbidden:
		return cli.Forbidden
	case control.CodeNotEnrolled:
		return cli.NotEnrolled
	}
	return cli.Failed
}
