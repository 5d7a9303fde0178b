package identity

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerUID asks SO_PEERCRED (unix(7)).
func peerUID(c *net.UnixConn) (int, error) {
	var cred *unix.Ucred
	err := onSocket(c, func(fd int) (err error) {
		cred, err = unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(cred.Uid), nil
}
