package raw

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// tcpClosed is the state TCP_CLOSE of tcp_states.h.
const tcpClosed = 7

// sendQueue asks by SIOCOUTQ, tcp(7). It does not ask for SO_ERROR: that would
// take the error from the reader, which would see a reset as an orderly end.
func sendQueue(conn net.Conn) (n int, told bool) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return 0, false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, false
	}
	ctlErr := raw.Control(func(fd uintptr) {
		n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
		if err != nil || n == 0 {
			return
		}
		if info, infoErr := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); infoErr == nil && info.State == tcpClosed {
			n = queueLost
		}
	})
	return n, ctlErr == nil && err == nil
}
