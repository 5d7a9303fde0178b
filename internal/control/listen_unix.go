//go:build unix

package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Listen makes the socket. Everybody may connect: who may do what is decided
// by the kernel's word on who it is. A socket left by an agent that is gone
// is replaced; one that is answered is not.
func Listen(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the control socket: %w", err)
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	private := openToAll()
	l, err := net.Listen("unix", path)
	private()
	if err != nil {
		return nil, fmt.Errorf("making the control socket: %w", err)
	}
	return l, nil
}

func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at the control socket: %w", err)
	}
	if info.Mode()&os.ModeSocket == 0 {
		return fmt.Errorf("making the control socket: %s is there and is no socket", path)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if c, err := new(net.Dialer).DialContext(ctx, "unix", path); err == nil {
		c.Close()
		return fmt.Errorf("making the control socket %s: %w", path, ErrTaken)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("removing the control socket of an agent that is gone: %w", err)
	}
	return nil
}

// openToAll lets a socket that is made until private is called have mode 0666
// from the beginning: where others can write to its folder, they could put a
// link in its place before it were given that.
func openToAll() (private func()) {
	before := syscall.Umask(0o111)
	return func() { syscall.Umask(before) }
}

// limitSending bounds what the kernel keeps for a client that does not read.
// Where that cannot be set the kernel keeps more, and that is bounded too.
func limitSending(c net.Conn) {
	if u, ok := c.(*net.UnixConn); ok {
		_ = u.SetWriteBuffer(sendBuffer)
	}
}
