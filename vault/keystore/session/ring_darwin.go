package session

import (
	"context"
	"errors"
	"os/exec"
)

func (sessionItem) checkUsable(context.Context) error { return nil }

// stateOfError returns the state for an exit status of /usr/bin/security: the low
// byte of an OSStatus (Security/SecBase.h).
func (sessionItem) stateOfError(err error) State {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return Failed
	}
	switch exit.ExitCode() {
	case 36: // errSecInteractionNotAllowed, -25308
		return Locked
	case 51, 128: // errSecAuthFailed, -25293; userCanceledErr, -128
		return Denied
	}
	return Failed
}
