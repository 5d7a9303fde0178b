package identity

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// Listener is a program that listens on a TCP port of this computer. It is only
// for people to read.
type Listener struct {
	UID  string // of the user as whom it made its socket
	Name string // of that user, "" if the computer knows none
	// Program is the base name of its image, or "" if the kernel does not tell
	// us: only root and the same user may ask.
	Program string
}

// String returns a text such as: "nc" of the user alice.
func (l Listener) String() string {
	user := l.Name
	if user == "" {
		user = "with the number " + l.UID
	}
	if l.Program == "" {
		return "a program of the user " + user
	}
	return fmt.Sprintf("%q of the user %s", l.Program, user)
}

// OfListener returns the program at which a connection to an address arrives. It
// returns ErrUnknown if the kernel does not tell.
func OfListener(ctx context.Context, at netip.AddrPort) (Listener, error) {
	l, err := listenerAt(ctx, unmapAddr(at))
	if err != nil {
		return Listener{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	l.Program = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, l.Program)
	return l, nil
}

// tcpListen is the state of a listening socket in Linux's /proc/net/tcp.
const tcpListen = 10

// parseListener reads from a line of /proc/net/tcp or tcp6 a socket at which a
// connection to the address would arrive. fit is 0 for another socket, 1 for one
// on all addresses, 2 for one on all of the family, 3 for one on the address.
func parseListener(line string, at netip.AddrPort) (s socket, fit int) {
	f := strings.Fields(line)
	if len(f) < 10 {
		return socket{}, 0
	}
	own, ok := procNetAddr(f[1])
	state, err1 := strconv.ParseUint(f[3], 16, 8)
	uid, err2 := strconv.ParseUint(f[7], 10, 32)
	inode, err3 := strconv.ParseUint(f[9], 10, 32)
	if !ok || err1 != nil || err2 != nil || err3 != nil || state != tcpListen || inode == 0 || own.Port() != at.Port() {
		return socket{}, 0
	}
	s = socket{uid: uint32(uid), inode: uint32(inode)}
	switch {
	case own == at:
		return s, 3
	case own.Addr().IsUnspecified() && own.Addr().Is4() == at.Addr().Is4():
		return s, 2
	case own.Addr() == netip.IPv6Unspecified():
		return s, 1
	}
	return socket{}, 0
}
