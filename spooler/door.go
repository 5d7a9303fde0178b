package spooler

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

// door sees the connections that the printer's own listeners take, as long as
// somebody asks after one of them.
type door struct {
	opened   chan struct{} // closed once Serve has said where it listens
	patience time.Duration // of one try to get in

	mu     sync.Mutex
	at     map[netip.AddrPort]bool // where it listens; not changed once opened
	asking int
	came   map[ends]bool // since asking began
	lost   bool          // some that came were not kept
	wanted map[ends]chan struct{}
}

// ends are those of a connection as its server sees them. No two connections
// have the same at one time.
type ends struct{ local, remote netip.AddrPort }

// mostCame bounds the connections kept while somebody asks.
const mostCame = 4096

func newDoor() *door {
	return &door{opened: make(chan struct{}), patience: answerTime, came: map[ends]bool{}, wanted: map[ends]chan struct{}{}}
}

// open says where the printer listens.
func (d *door) open(ls []net.Listener) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = map[netip.AddrPort]bool{}
	for _, l := range ls {
		d.at[addrPort(l.Addr())] = true
	}
	close(d.opened)
}

// enter is told of each connection that a listener has taken.
func (d *door) enter(c interface {
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}) {
	e := ends{addrPort(c.LocalAddr()), addrPort(c.RemoteAddr())}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.asking == 0:
	case d.wanted[e] != nil:
		close(d.wanted[e])
		delete(d.wanted, e)
	case len(d.came) < mostCame:
		d.came[e] = true
	default:
		d.lost = true
	}
}

// ask begins to keep what comes; done must follow.
func (d *door) ask() (done func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asking++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.asking--; d.asking == 0 {
			clear(d.came)
			d.lost = false
		}
	}
}

// took waits until the connection has come in, and says whether it has before
// ctx ended. It is not known where too many have come meanwhile.
func (d *door) took(ctx context.Context, e ends) (yes, known bool) {
	d.mu.Lock()
	if d.came[e] {
		delete(d.came, e)
		d.mu.Unlock()
		return true, true
	}
	come := make(chan struct{})
	d.wanted[e] = come
	d.mu.Unlock()
	select {
	case <-come:
		return true, true
	case <-ctx.Done():
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.wanted[e] != come {
		return true, true
	}
	delete(d.wanted, e)
	return false, !d.lost
}

func addrPort(a net.Addr) netip.AddrPort {
	at, _ := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
