//go:build unix

package loopback

import (
	"errors"
	"syscall"
)

// exclusive leaves the socket as net makes it: with SO_REUSEADDR, so that a
// restart need not wait for old connections to fade. On these systems that lets
// nobody bind an address and port on which another socket listens, not even
// with SO_REUSEPORT, which both sockets would have to set.
func exclusive(string, string, syscall.RawConn) error { return nil }

func isTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// isNoAddress says that the computer does not have the address at all.
func isNoAddress(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}
