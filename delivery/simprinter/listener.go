package simprinter

import (
	"net"
	"sync"
	"time"
)

// portListener accepts the connections of one port as the printer's state
// allows: none while it sleeps, and each with its faults.
type portListener struct {
	net.Listener
	printer *Printer
	ipp     bool // Wire and Swap are for this port
	count   func(*Stats)
}

// Accept implements net.Listener.
func (l *portListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.printer.updateStats(l.count)
		if !l.printer.awaitAwake() {
			resetConn(c)
			continue
		}
		if l.ipp {
			l.printer.maybeSwap()
		}
		return l.printer.trackConn(c, l.ipp), nil
	}
}

// awaitAwake waits, for a connection that has come, until the printer is
// awake. It returns false if the connection is refused.
func (p *Printer) awaitAwake() bool {
	p.mu.Lock()
	awake := p.awake
	if !p.wakeStarted && p.config.Sleep.For > 0 {
		p.wakeStarted = true
		p.scheduleLocked(time.Duration(p.config.Sleep.For), p.wakeLocked)
	}
	p.mu.Unlock()
	if p.config.Sleep.Refuse {
		select {
		case <-awake:
			return true
		default:
			return false
		}
	}
	select {
	case <-awake:
	case <-p.closing:
	}
	return true
}

// Wake wakes a printer that sleeps at once.
func (p *Printer) Wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wakeLocked()
}

func (p *Printer) wakeLocked() {
	select {
	case <-p.awake:
	default:
		close(p.awake)
	}
}

// trackedConn is a connection that the printer knows of until it is closed.
type trackedConn struct {
	net.Conn
	printer *Printer
	mu      sync.Mutex
	in, out int64 // bytes left; 0 has no limit
	broken  bool
	hello   helloCheck
	head    []byte // already read by the check, not yet passed on
}

func (p *Printer) trackConn(c net.Conn, faulty bool) *trackedConn {
	made := &trackedConn{Conn: c, printer: p}
	if faulty {
		w := p.takeWire()
		made.in, made.out = w.ResetIn, w.ResetOut
	}
	p.mu.Lock()
	p.conns[made] = struct{}{}
	p.mu.Unlock()
	return made
}

// Read implements net.Conn.
func (c *trackedConn) Read(b []byte) (int, error) {
	if err := c.hello.checkHello(c); err != nil {
		return 0, err
	}
	if len(c.head) > 0 {
		n := copy(b, c.head)
		c.head = c.head[n:]
		return n, nil
	}
	n, err := c.Conn.Read(c.allowedPart(b, &c.in))
	return n, c.countUsed(n, err, &c.in)
}

// Write implements net.Conn.
func (c *trackedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(c.allowedPart(b, &c.out))
	if err = c.countUsed(n, err, &c.out); err == nil && n < len(b) {
		err = net.ErrClosed
	}
	return n, err
}

// allowedPart returns as much of b as may still go through.
func (c *trackedConn) allowedPart(b []byte, left *int64) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *left > 0 && int64(len(b)) > *left {
		return b[:*left]
	}
	return b
}

// countUsed counts bytes and resets the connection with the last one.
func (c *trackedConn) countUsed(n int, err error, left *int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		return net.ErrClosed
	}
	if *left == 0 {
		return err
	}
	if *left -= int64(n); *left == 0 {
		c.broken = true
		resetConn(c.Conn)
		return net.ErrClosed
	}
	return err
}

// NetConn returns the underlying connection, as that of tls.Conn does.
func (c *trackedConn) NetConn() net.Conn { return c.Conn }

// Close implements net.Conn.
func (c *trackedConn) Close() error {
	c.printer.mu.Lock()
	delete(c.printer.conns, c)
	c.printer.mu.Unlock()
	return c.Conn.Close()
}

func (p *Printer) closeConnections() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Conn.Close()
	}
}

// resetConn ends a connection with a TCP reset if the system allows it.
func resetConn(c net.Conn) {
	inner := c
	for {
		t, ok := inner.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		inner = t.NetConn()
	}
	if t, ok := inner.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
		_ = t.Close()
	}
	if inner != c {
		_ = c.Close()
	}
}
