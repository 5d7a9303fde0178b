package loopback

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

// SelfCheck watches the connections that the printer's own listeners accept,
// while a check is running.
type SelfCheck struct {
	opened   chan struct{} // closed by SetListeners
	patience time.Duration // for one connection
	// Lookup resolves a name, as net.Resolver does; set it before use.
	Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

	mu     sync.Mutex
	at     map[netip.AddrPort]bool // the listeners' addresses; constant once opened is closed
	asking int
	came   map[connectionEnds]bool // accepted since the check began
	lost   bool                    // some accepted connections were not kept
	wanted map[connectionEnds]chan struct{}
}

// connectionEnds are the two ends of a connection as its server sees them. No
// two connections have the same ends at one time.
type connectionEnds struct{ local, remote netip.AddrPort }

// maxAccepted bounds the accepted connections that are kept during a check.
const maxAccepted = 4096

// NewSelfCheck returns a SelfCheck without listeners.
func NewSelfCheck() *SelfCheck {
	return &SelfCheck{opened: make(chan struct{}), patience: answerTime, Lookup: net.DefaultResolver.LookupNetIP, came: map[connectionEnds]bool{}, wanted: map[connectionEnds]chan struct{}{}}
}

// SetListeners says where the printer listens.
func (c *SelfCheck) SetListeners(ls []net.Listener) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = map[netip.AddrPort]bool{}
	for _, l := range ls {
		c.at[addrPort(l.Addr())] = true
	}
	close(c.opened)
}

// NoteAccepted notes a connection that a listener has accepted.
func (c *SelfCheck) NoteAccepted(conn interface {
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}) {
	e := connectionEnds{addrPort(conn.LocalAddr()), addrPort(conn.RemoteAddr())}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.asking == 0:
	case c.wanted[e] != nil:
		close(c.wanted[e])
		delete(c.wanted, e)
	case len(c.came) < maxAccepted:
		c.came[e] = true
	default:
		c.lost = true
	}
}

// beginAsking begins to keep accepted connections; done must follow.
func (c *SelfCheck) beginAsking() (done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asking++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.asking--; c.asking == 0 {
			clear(c.came)
			c.lost = false
		}
	}
}

// awaitAccepted waits until a listener has accepted the connection, and reports
// whether that happened before ctx ended. It is not known if too many
// connections arrived meanwhile.
func (c *SelfCheck) awaitAccepted(ctx context.Context, e connectionEnds) (yes, known bool) {
	c.mu.Lock()
	if c.came[e] {
		delete(c.came, e)
		c.mu.Unlock()
		return true, true
	}
	come := make(chan struct{})
	c.wanted[e] = come
	c.mu.Unlock()
	select {
	case <-come:
		return true, true
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wanted[e] != come {
		return true, true
	}
	delete(c.wanted, e)
	return false, !c.lost
}

func addrPort(a net.Addr) netip.AddrPort {
	at, _ := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
