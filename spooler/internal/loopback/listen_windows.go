package loopback

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/windows"
)

// soExclusiveAddrUse is SO_EXCLUSIVEADDRUSE of winsock2.h: ~SO_REUSEADDR.
const soExclusiveAddrUse = ^windows.SO_REUSEADDR

// bindExclusively keeps other programs from binding the same port with
// SO_REUSEADDR, which on Windows takes over a port that is in use.
func bindExclusively(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, soExclusiveAddrUse, 1)
	})
	if err = errors.Join(err, failed); err != nil {
		return fmt.Errorf("asking for exclusive use of the port: %w", err)
	}
	return nil
}

// isTaken includes WSAEACCES: the other socket is exclusive and another user's.
func isTaken(err error) bool {
	return errors.Is(err, windows.WSAEADDRINUSE) || errors.Is(err, windows.WSAEACCES)
}

func isRefused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }

// isAddressMissing reports whether the computer does not have the address at
// all.
func isAddressMissing(err error) bool {
	return errors.Is(err, windows.WSAEADDRNOTAVAIL) || errors.Is(err, windows.WSAEAFNOSUPPORT)
}
