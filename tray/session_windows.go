package tray

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
)

// alone makes this the tray of the session until release is called, or returns
// ErrRunning. It takes a mutex of the session's own namespace.
func alone() (release func(), err error) {
	name, err := windows.UTF16PtrFromString(`Local\PrintScoutTray`)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateMutex(nil, false, name)
	switch {
	case errors.Is(err, windows.ERROR_ALREADY_EXISTS), errors.Is(err, windows.ERROR_ACCESS_DENIED):
		if h != 0 {
			windows.CloseHandle(h)
		}
		return nil, ErrRunning
	case err != nil:
		return nil, fmt.Errorf("locking the session's tray: %w", err)
	}
	return func() { windows.CloseHandle(h) }, nil
}
