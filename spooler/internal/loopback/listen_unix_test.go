//go:build unix

package loopback

import (
	"context"
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNoOtherProgramBindsThePort tries to bind the port as a program that wants to
// take over the printer would.
func TestNoOtherProgramBindsThePort(t *testing.T) {
	ls, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	greedy := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) {
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
	}}
	for _, l := range ls {
		if stolen, err := greedy.Listen(context.Background(), "tcp", l.Addr().String()); err == nil {
			stolen.Close()
			t.Errorf("%s was bound a second time", l.Addr())
		}
		l.Close()
	}
}
