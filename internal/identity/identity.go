// Package identity says who is on the other end of a local connection. The
// kernel is asked; nothing that the other end says of itself counts.
//
// It knows no jobs and decides nothing beyond who a person is and whether
// that person administers this computer. Where the kernel does not answer
// there is an error and no identity: callers fail closed.
package identity

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// Peer is the process at the other end of a connection.
type Peer struct {
	// UID is the user the process ran as when it connected: a uid in decimal.
	UID string
	// Name is that user's name, or "" where the computer knows none.
	Name string
	// Admin is true for root and for the user the agent itself runs as.
	Admin bool
}

// ErrUnknown means that the kernel did not say who is at the other end.
var ErrUnknown = errors.New("the other end of the connection is not known")

// OfConn says who is at the other end of a unix domain socket.
func OfConn(c net.Conn) (Peer, error) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return Peer{}, fmt.Errorf("%w: it is a %T", ErrUnknown, c)
	}
	uid, err := peerUID(u)
	if err != nil {
		return Peer{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return Peer{UID: strconv.Itoa(uid), Name: nameOf(uid), Admin: uid == 0 || uid == os.Geteuid()}, nil
}
