package cloud

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// listener hands on the connections that admission has given a place. What
// has not, costs no TLS, no request and no goroutine of the HTTP server.
type listener struct {
	net.Listener
	admission *admission
	complain  func(reason, address string, err error)
	ready     chan *conn
	done      chan struct{}
	failed    chan error
	close     func() error
	running   sync.WaitGroup
}

func newListener(l net.Listener, b bounds, complain func(reason, address string, err error)) *listener {
	g := &listener{Listener: l, complain: complain, ready: make(chan *conn), done: make(chan struct{}), failed: make(chan error, 1)}
	g.admission = newAdmission(b, g.refuse)
	g.close = sync.OnceValue(g.shut)
	g.running.Go(g.accept)
	g.running.Go(g.sweep)
	return g
}

// refuse closes a connection and says why.
func (g *listener) refuse(c *conn, reason string) {
	g.complain(reason, c.prefix().String(), nil)
	c.Close()
}

// Accept returns the next connection that has a place.
func (g *listener) Accept() (net.Conn, error) {
	select {
	case c := <-g.ready:
		return c, nil
	case err := <-g.failed:
		return nil, err
	case <-g.done:
		return nil, net.ErrClosed
	}
}

// Close ends the listener and every connection that it has not handed on.
func (g *listener) Close() error { return g.close() }

func (g *listener) shut() error {
	close(g.done)
	err := g.Listener.Close()
	for _, c := range g.admission.end() {
		c.Close()
	}
	g.running.Wait()
	return err
}

// accept takes connections until the listener ends. An error that passes,
// such as no descriptor left, is waited out.
func (g *listener) accept() {
	const longest = time.Second
	pause := 5 * time.Millisecond
	for {
		c, err := g.Listener.Accept()
		switch {
		case err == nil:
			pause = 5 * time.Millisecond
			g.take(newConn(c, g.admission))
			continue
		case errors.Is(err, net.ErrClosed):
			g.failed <- err
			return
		}
		g.complain("a connection was not accepted", "", err)
		timer := time.NewTimer(pause)
		pause = min(2*pause, longest)
		select {
		case <-timer.C:
		case <-g.done:
			timer.Stop()
			return
		}
	}
}

func (g *listener) take(c *conn) {
	if !g.admission.enter(c, c.prefix()) {
		c.Close()
		return
	}
	g.running.Go(func() {
		if reason := g.attend(c); reason != "" {
			g.refuse(c, reason)
		}
	})
}

// attend brings a connection to its place and hands it on; the reason is why not.
func (g *listener) attend(c *conn) (reason string) {
	c.Conn.SetReadDeadline(time.Now().Add(firstByteTime))
	first := make([]byte, 1)
	if _, err := c.Conn.Read(first); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return reasonSilent
		}
		c.Close()
		return ""
	}
	c.first = first
	c.Conn.SetReadDeadline(time.Time{})
	g.admission.await(c)
	timer := time.NewTimer(queueTime)
	defer timer.Stop()
	select {
	case <-c.granted:
	case <-c.gone:
		return ""
	case <-timer.C:
		return reasonQueue
	}
	select {
	case g.ready <- c:
	case <-g.done:
		c.Close()
	}
	return ""
}

func (g *listener) sweep() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			g.admission.sweep(now)
		case <-g.done:
			return
		}
	}
}
