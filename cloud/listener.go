package cloud

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// admissionListener returns the connections that admission has given a place.
// A connection without one costs no TLS, no request and no goroutine of the
// HTTP server.
type admissionListener struct {
	net.Listener
	admission     *admission
	logTurnedAway func(reason, address string, err error)
	ready         chan *conn
	done          chan struct{}
	failed        chan error
	close         func() error
	running       sync.WaitGroup
}

func newListener(l net.Listener, b bounds, complain func(reason, address string, err error)) *admissionListener {
	g := &admissionListener{Listener: l, logTurnedAway: complain, ready: make(chan *conn), done: make(chan struct{}), failed: make(chan error, 1)}
	g.admission = newAdmission(b, g.refuseConn)
	g.close = sync.OnceValue(g.endListener)
	g.running.Go(g.acceptLoop)
	g.running.Go(g.sweepLoop)
	return g
}

// refuseConn closes a connection and logs why.
func (g *admissionListener) refuseConn(c *conn, reason string) {
	g.logTurnedAway(reason, c.addrPrefix().String(), nil)
	c.Close()
}

// Accept returns the next connection that has a place.
func (g *admissionListener) Accept() (net.Conn, error) {
	select {
	case c := <-g.ready:
		return c, nil
	case err := <-g.failed:
		return nil, err
	case <-g.done:
		return nil, net.ErrClosed
	}
}

// Close ends the listener and every connection that it has not returned.
func (g *admissionListener) Close() error { return g.close() }

func (g *admissionListener) endListener() error {
	close(g.done)
	err := g.Listener.Close()
	for _, c := range g.admission.refuseAll() {
		c.Close()
	}
	g.running.Wait()
	return err
}

// acceptLoop accepts connections until the listener ends. After a temporary
// error, such as no descriptor left, it waits and tries again.
func (g *admissionListener) acceptLoop() {
	const longest = time.Second
	pause := 5 * time.Millisecond
	for {
		c, err := g.Listener.Accept()
		switch {
		case err == nil:
			pause = 5 * time.Millisecond
			g.admitConn(newConn(c, g.admission))
			continue
		case errors.Is(err, net.ErrClosed):
			g.failed <- err
			return
		}
		g.logTurnedAway("a connection was not accepted", "", err)
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

// admitConn admits a connection and waits for its place in a goroutine.
func (g *admissionListener) admitConn(c *conn) {
	if !g.admission.admitConn(c, c.addrPrefix()) {
		c.Close()
		return
	}
	g.running.Go(func() {
		if reason := g.waitForPlace(c); reason != "" {
			g.refuseConn(c, reason)
		}
	})
}

// waitForPlace waits for a connection's place and passes the connection to
// Accept; otherwise it returns the reason.
func (g *admissionListener) waitForPlace(c *conn) (reason string) {
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
	g.admission.queueForPlace(c)
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

func (g *admissionListener) sweepLoop() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			g.admission.sweepOverdue(now)
		case <-g.done:
			return
		}
	}
}
