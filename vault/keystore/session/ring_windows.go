package session

import (
	"context"
	"errors"
	"io/fs"

	"golang.org/x/sys/windows"
)

func (ours) probe(context.Context) error { return nil }

// state knows the account that has no Credential Manager: a service, or
// somebody who is logged on over the network (CredWriteW).
func (ours) state(err error) State {
	switch {
	case errors.Is(err, windows.ERROR_NO_SUCH_LOGON_SESSION):
		return Absent
	case errors.Is(err, fs.ErrPermission):
		return Denied
	}
	return Failed
}
