//go:build unix

package loopback

import (
	"errors"
	"syscall"
)

// bindExclusively leaves the socket as net makes it: with SO_REUSEADDR, so that a
// restart need not wait for old connections to fade. On these systems that lets
// nobody bind an address and port on which another socket listens, not even
// with SO_REUSEPORT, which both sockets would have to set.
func bindExclusively(string, string, syscall.RawConn) error { return nil }

func isTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// isAddressMissing says that the computer does not have the address at all.
func isAddressMissing(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}
