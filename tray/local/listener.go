package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/identity"
)

// ownTime is for a connection to ourselves, which others may be in the way of.
const ownTime = 10 * time.Second

// lookups is how many connections are asked about at once. More wait unread.
const lookups = 16

// ownListener lets through the connections of one account. The kernel says
// whose each is before a byte of it is read; others are closed.
type ownListener struct {
	net.Listener
	uid     string
	account string // its name, as the agent knows it
	ask     func(context.Context, net.Conn) (uid string, err error)

	ctx    context.Context
	cancel context.CancelFunc
	let    chan net.Conn
	ended  chan struct{} // closed once no more connection comes
	err    error         // why, once ended is closed
	wg     sync.WaitGroup
}

// listen listens on a free port of 127.0.0.1. Whose connections are let through
// is found out by one of our own, so that both are asked of the kernel in the
// same way.
func listen(ctx context.Context) (*ownListener, error) {
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("listening for the browser: %w", err)
	}
	own, err := ownAccount(ctx, l)
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("asking whose this process is: %w", err)
	}
	o := newOwnListener(l, own.UID, uidOf)
	o.account = cmp.Or(own.Name, "#"+own.UID)
	return o, nil
}

func newOwnListener(l net.Listener, uid string, ask func(context.Context, net.Conn) (string, error)) *ownListener {
	o := &ownListener{Listener: l, uid: uid, ask: ask, let: make(chan net.Conn), ended: make(chan struct{})}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	o.wg.Go(o.accept)
	return o
}

// ownAccount connects to l and asks whose that connection is. Connections of
// others that come first are closed.
func ownAccount(ctx context.Context, l *net.TCPListener) (identity.Process, error) {
	l.SetDeadline(time.Now().Add(ownTime))
	defer l.SetDeadline(time.Time{})
	own, err := new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return identity.Process{}, err
	}
	defer own.Close()
	for {
		c, err := l.Accept()
		if err != nil {
			return identity.Process{}, err
		}
		if c.RemoteAddr().String() != own.LocalAddr().String() {
			c.Close()
			continue
		}
		defer c.Close()
		return otherEnd(ctx, c)
	}
}

// otherEnd asks the kernel who is at the other end.
func otherEnd(ctx context.Context, c net.Conn) (identity.Process, error) {
	local, err := netip.ParseAddrPort(c.LocalAddr().String())
	if err != nil {
		return identity.Process{}, fmt.Errorf("reading an address: %w", err)
	}
	remote, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return identity.Process{}, fmt.Errorf("reading an address: %w", err)
	}
	return identity.OfTCP(ctx, local, remote)
}

func uidOf(ctx context.Context, c net.Conn) (string, error) {
	p, err := otherEnd(ctx, c)
	return p.UID, err
}

// accept takes connections until the listener is closed.
func (o *ownListener) accept() {
	defer close(o.ended)
	places := make(chan struct{}, lookups)
	for {
		c, err := o.Listener.Accept()
		if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
			continue
		}
		if err != nil {
			o.err = err
			return
		}
		places <- struct{}{}
		o.wg.Go(func() {
			defer func() { <-places }()
			o.look(c)
		})
	}
}

// look closes a connection that is not the account's, or not known.
func (o *ownListener) look(c net.Conn) {
	uid, err := o.ask(o.ctx, c)
	if err != nil || uid == "" || uid != o.uid {
		c.Close()
		return
	}
	select {
	case o.let <- c:
	case <-o.ctx.Done():
		c.Close()
	}
}

// Accept implements net.Listener.
func (o *ownListener) Accept() (net.Conn, error) {
	select {
	case c := <-o.let:
		return c, nil
	case <-o.ended:
		return nil, o.err
	case <-o.ctx.Done():
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener; nothing of it runs on.
func (o *ownListener) Close() error {
	o.cancel()
	err := o.Listener.Close()
	o.wg.Wait()
	return err
}
