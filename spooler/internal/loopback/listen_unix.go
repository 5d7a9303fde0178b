//go:build unix

package loopback

import (
	"errors"
	"syscall"
)

// bindExclusively leaves the socket as net makes it: with SO_REUSEADDR, so that
// a restart need not wait for old connections to expire. On these systems no
// other socket can be bound to an address and port on which one listens, not
// even with SO_REUSEPORT, which both sockets would have to set.
func bindExclusively(string, string, syscall.RawConn) error { return nil }

func isTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// isAddressMissing reports whether the computer does not have the address at
// all.
func isAddressMissing(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}
