package control

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"
)

// TestConnectingWhileTheSocketIsFull waits until the agent has taken others.
func TestConnectingWhileTheSocketIsFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	full := false
	for range 10 {
		c, err := net.Dial("unix", path)
		if full = err != nil; full {
			break
		}
		defer c.Close()
	}
	if !full {
		t.Fatal("it does not get full")
	}
	type result struct {
		net.Conn
		error
	}
	connected := make(chan result, 1)
	go func() {
		c, err := connect(t.Context(), path)
		connected <- result{c, err}
	}()
	taken, _, err := syscall.Accept(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(taken)
	got := <-connected
	if got.error != nil {
		t.Fatal(got.error)
	}
	got.Close()
}
