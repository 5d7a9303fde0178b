package loopback

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

// SelfCheck sees the connections that the printer's own listeners take, as long as
// somebody asks after one of them.
type SelfCheck struct {
	opened   chan struct{} // closed once Serve has said where it listens
	patience time.Duration // of one try to get in
	// Lookup is that of a net.Resolver; set before it is used.
	Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

	mu     sync.Mutex
	at     map[netip.AddrPort]bool // where it listens; not changed once opened
	asking int
	came   map[connectionEnds]bool // since asking began
	lost   bool                    // some that came were not kept
	wanted map[connectionEnds]chan struct{}
}

// connectionEnds are those of a connection as its server sees them. No two connections
// have the same at one time.
type connectionEnds struct{ local, remote netip.AddrPort }

// mostCame bounds the connections kept while somebody asks.
const mostCame = 4096

// NewSelfCheck returns one that has no listeners yet.
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

// NoteAccepted is told of each connection that a listener has taken.
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
	case len(c.came) < mostCame:
		c.came[e] = true
	default:
		c.lost = true
	}
}

// beginAsking begins to keep what comes; done must follow.
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

// awaitAccepted waits until the connection has come in, and reports whether it has before
// ctx ended. It is not known where too many have come meanwhile.
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
