package identity

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Process is the client process of a loopback connection. docs/identity.md has
// the rules.
type Process struct {
	Peer
	// Spooler is true for the print spooler of the operating system. It prints in
	// other people's names, which count if the queue is known to check them.
	Spooler bool
	// Vouches is true for root if the print spooler does not run as root: root
	// could become any user, so it may say for whom it prints.
	Vouches bool
	// Program is the base name of the process's image, or "" if the kernel does
	// not tell us. It is only for logs at debug level.
	Program string
}

// connectionEnds is the two ends of a connection as its client sees them.
// Addresses are never v4-mapped.
type connectionEnds struct{ own, other netip.AddrPort }

const patience = 5 * time.Second

// errGone means that no process has such a connection open.
var errGone = errors.New("no process holds such a connection")

// errMalformed means that the kernel's answer cannot be parsed.
var errMalformed = errors.New("answer of the kernel not understood")

// OfTCP returns the process at the other end of a loopback connection. The two
// addresses are as the server sees them (LocalAddr and RemoteAddr of net.Conn).
// Call it while the connection is open, best right after it was accepted. It
// returns ErrUnknown, and no identity, if an end is not on loopback, if the client
// has closed its socket, or if there is no answer in time: within five seconds, or
// before ctx ends. Most of that time is for a slow directory service.
func OfTCP(ctx context.Context, local, remote netip.AddrPort) (Process, error) {
	c, err := clientEnds(local, remote)
	if err != nil {
		return Process{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if err := ctx.Err(); err != nil {
		return Process{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p, err := processOf(ctx, c)
	if err != nil {
		return Process{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return p, nil
}

// UIDOfTCP returns only the UID of OfTCP, without looking up a name. It is not
// proof enough to act for that user: a socket that is closed meanwhile may look
// like root's.
func UIDOfTCP(ctx context.Context, local, remote netip.AddrPort) (string, error) {
	c, err := clientEnds(local, remote)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	uid, err := uidOfEnds(ctx, c)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return uid, nil
}

// clientEnds returns the ends of a connection as the client sees them.
func clientEnds(local, remote netip.AddrPort) (connectionEnds, error) {
	c := connectionEnds{own: unmapAddr(remote), other: unmapAddr(local)}
	for _, a := range []netip.AddrPort{c.own, c.other} {
		if !a.Addr().IsLoopback() || a.Addr().Zone() != "" || a.Port() == 0 {
			return connectionEnds{}, errors.New("not both ends are on loopback")
		}
	}
	if c.own.Addr().Is4() != c.other.Addr().Is4() || c.own == c.other {
		return connectionEnds{}, errors.New("not two ends of one connection")
	}
	return c, nil
}

func unmapAddr(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
