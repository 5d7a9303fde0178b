package session

import (
	"context"
	"errors"
	"io/fs"

	"golang.org/x/sys/windows"
)

func (sessionItem) checkUsable(context.Context) error { return nil }

// stateOfError recognizes an account without Credential Manager: a service, or a
// person who is logged on over the network (CredWriteW).
func (sessionItem) stateOfError(err error) State {
	switch {
	case errors.Is(err, windows.ERROR_NO_SUCH_LOGON_SESSION):
		return Absent
	case errors.Is(err, fs.ErrPermission):
		return Denied
	}
	return Failed
}
