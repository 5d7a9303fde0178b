package identity

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerUID asks LOCAL_PEERCRED (unix(4)).
func peerUID(c *net.UnixConn) (int, error) {
	var cred *unix.Xucred
	err := onSocket(c, func(fd int) (err error) {
		cred, err = unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(cred.Uid), nil
}
