//go:build unix

package identity

import "net"

func onSocket(c *net.UnixConn, ask func(fd int) error) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var asked error
	if err := raw.Control(func(fd uintptr) { asked = ask(int(fd)) }); err != nil {
		return err
	}
	return asked
}
