package identity

import (
	"context"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// orphansKeepUID reports whether this kernel still tells the uid of a socket that
// its process has closed. It tries that with a connection to this process.
var orphansKeepUID = sync.OnceValue(func() bool {
	kept := make(chan bool)
	go func() {
		// The thread may become another account's, and ends with the goroutine.
		runtime.LockOSThread()
		kept <- tryOrphan()
	}()
	return <-kept
})

// tryOrphan closes a socket that does not belong to root, and reports whether the
// kernel still tells its uid.
func tryOrphan() bool {
	uid := os.Geteuid()
	if uid == 0 {
		uid = overflowUID
		_ = unix.Setfsuid(uid) // only of this thread: sockets are made as it
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return false
	}
	defer l.Close()
	to, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return false
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	err = unix.Connect(fd, &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())})
	name, nameErr := unix.Getsockname(fd)
	_ = unix.Close(fd)
	own, ok := name.(*unix.SockaddrInet4)
	if err != nil || nameErr != nil || !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s, err := findSocket(ctx, connectionEnds{own: netip.AddrPortFrom(netip.AddrFrom4(own.Addr), uint16(own.Port)), other: to})
	return err == nil && s.isOrphan() && s.uid == uint32(uid)
}
