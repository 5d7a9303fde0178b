package identity

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Process is who is behind a loopback connection. docs/identity.md has the
// rules.
type Process struct {
	Peer
	// Spooler is true for the print spooler of the operating system, which
	// prints in other people's names and whose word on these counts where
	// the queue is known to check them.
	Spooler bool
	// Vouches is true for root where the print spooler does not speak as root:
	// who could become anybody may say whom he prints for.
	Vouches bool
	// Program is the base name of the process's image, or "" where the kernel
	// does not say it to us. It is for logs at debug level: nothing is decided
	// by it.
	Program string
}

// connectionEnds are the two ends of a connection as its client sees them. Addresses are
// never v4-mapped.
type connectionEnds struct{ own, other netip.AddrPort }

const patience = 5 * time.Second

// errGone means that the kernel has no such connection that a process holds.
var errGone = errors.New("no process holds such a connection")

// errMalformed means that what should be the kernel's answer is none.
var errMalformed = errors.New("answer of the kernel not understood")

// OfTCP says which process is at the other end of a loopback connection; the
// two addresses are as the server sees them (net.Conn's LocalAddr, RemoteAddr).
// It is to be asked while the connection is open, at best when it has just been
// accepted. The error is ErrUnknown, and there is no identity, where either end
// is not loopback, where the client has closed its socket, and where there is
// no answer in time (five seconds, or sooner by ctx, of which most are for a
// directory service that is slow to say a name).
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

// UIDOfTCP returns the UID of OfTCP alone, for which no name is asked. It is
// not proof enough to act for that user: a socket that is closed meanwhile may
// be taken for root's.
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

// clientEnds swaps the roles.
func clientEnds(local, remote netip.AddrPort) (connectionEnds, error) {
	c := connectionEnds{own: unmapAddr(remote), other: unmapAddr(local)}
	for _, a := range []netip.AddrPort{c.own, c.other} {
		if !a.Addr().IsLoopback() || a.Addr().Zone() != "" || a.Port() == 0 {
			return connectionEnds{}, errors.New("not both ends are on loopback")
		}
	}
	if c.own.Addr().Is4() != c.other.Addr().Is4() || c.own == c.other {
		return connectionEnds{}, errors.New("no two ends of one connection")
	}
	return c, nil
}

func unmapAddr(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
