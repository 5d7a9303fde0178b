//go:build unix

package identity

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
)

// UIDOfConn returns the uid, in decimal, of the process at the other end of a unix
// domain socket. It asks only the kernel.
func UIDOfConn(c net.Conn) (string, error) {
	uid, err := uidOf(c)
	return strconv.Itoa(uid), err
}

// ServerOf returns, for a client, the uid of the process that serves a unix
// domain socket.
func ServerOf(c net.Conn) (string, error) { return UIDOfConn(c) }

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
