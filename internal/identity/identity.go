// Package identity finds out who is on the other end of a local connection: a unix
// domain socket or TCP on loopback. It asks the kernel, and uses nothing that the
// other end says. It also tells whether two names belong to one account.
//
// It knows no jobs and decides only who a person is, whether that person
// administers this computer, and whether a process is the computer's print
// spooler. If the kernel does not answer, it returns an error and no identity:
// callers fail closed. The rules are in docs/identity.md.
package identity

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// Peer is the process at the other end of a connection.
type Peer struct {
	// UID is the user the process ran as when it made its socket: a uid in
	// decimal, on Windows a SID (S-1-5-…).
	UID string
	// Name is that user's name as the system spells it (on Windows
	// DOMAIN\user), or "" where the computer knows none. Names are compared by
	// SameUser.
	Name string
	// Admin is true for root, on Windows for SYSTEM and for a process that runs
	// with an administrator's rights, and for the user the agent itself runs as.
	Admin bool
}

// ErrUnknown means that the kernel did not tell who is at the other end.
var ErrUnknown = errors.New("the other end of the connection is not known")

// UIDOfConn returns the uid, in decimal, of the process at the other end of a unix
// domain socket. It asks only the kernel.
func UIDOfConn(c net.Conn) (string, error) {
	uid, err := uidOf(c)
	return strconv.Itoa(uid), err
}

func uidOf(c net.Conn) (int, error) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return 0, fmt.Errorf("%w: it is a %T", ErrUnknown, c)
	}
	uid, err := peerUID(u)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return uid, nil
}

// OfConn returns the process at the other end of a unix domain socket.
func OfConn(c net.Conn) (Peer, error) {
	uid, err := uidOf(c)
	if err != nil {
		return Peer{}, err
	}
	return peerOf(context.Background(), uid), nil
}

// peerOf returns the peer of a uid.
func peerOf(ctx context.Context, uid int) Peer {
	return Peer{UID: strconv.Itoa(uid), Name: nameOf(ctx, uid), Admin: uid == 0 || uid == os.Geteuid()}
}
