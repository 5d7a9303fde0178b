package delivery

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// carrier carries one request with a document over a connection of its own
// and knows to the byte how much of the document was handed to the network.
// net/http alone does not tell: it buffers behind every hook it offers.
type carrier struct {
	transport *http.Transport
	limit     time.Duration // between two moments of progress, and for the answer
	size      int64         // of the document

	began, whole chan struct{} // closed at the first and behind the last document byte

	writing sync.Mutex // held while the connection is written to

	mu    sync.Mutex
	conn  net.Conn
	total int64  // of the request's body
	head  []byte // of the HTTP header, as far as it has been seen
	start int64  // bytes on the connection before the body; -1 while not known
	sent  int64  // bytes on the connection
}

func newCarrier(d dialer, size int64, limit time.Duration) *carrier {
	c := &carrier{limit: limit, size: size, start: -1, began: make(chan struct{}), whole: make(chan struct{})}
	c.transport = d.transport()
	c.transport.DisableKeepAlives = true
	c.transport.WriteBufferSize = 64 << 10
	c.transport.DialContext = c.metered(d.plain)
	c.transport.DialTLSContext = c.metered(d.secure)
	return c
}

type dial func(ctx context.Context, network, addr string) (net.Conn, error)

func (c *carrier) metered(d dial) dial {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := d(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.conn = conn
		return &meteredConn{conn, c}, nil
	}
}

// RoundTrip implements http.RoundTripper, for one request.
func (c *carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.total = r.ContentLength
	c.mu.Unlock()
	resp, err := c.transport.RoundTrip(r)
	if err == nil {
		c.await()
	}
	return resp, err
}

// await bounds the wait for what is still to come of the answer.
func (c *carrier) await() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.conn.SetReadDeadline(time.Now().Add(c.limit))
}

// end closes the connection, waits for a write that is under way, and says how
// much of the document was handed to the network, which is final then.
func (c *carrier) end() (bytes int64, whole bool) {
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn == nil {
		return 0, false
	}
	_ = conn.Close()
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.start >= 0 {
		bytes = max(0, c.sent-c.start-(c.total-c.size))
	}
	return bytes, c.complete()
}

func (c *carrier) complete() bool {
	select {
	case <-c.whole:
		return true
	default:
		return false
	}
}

// count takes note of n more bytes written, b at most.
func (c *carrier) count(b []byte, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.sent
	c.sent += int64(n)
	if c.start < 0 {
		c.seekBody(b[:n])
	}
	if c.start < 0 {
		return
	}
	first, last := c.start+c.total-c.size, c.start+c.total
	if c.size > 0 && before <= first && c.sent > first {
		close(c.began)
	}
	if before < last && c.sent >= last {
		close(c.whole)
		_ = c.conn.SetReadDeadline(time.Now().Add(c.limit))
	}
}

func (c *carrier) seekBody(b []byte) {
	c.head = append(c.head, b...)
	if i := bytes.Index(c.head, []byte("\r\n\r\n")); i >= 0 {
		c.start, c.head = int64(i)+4, nil
	}
}

type meteredConn struct {
	net.Conn
	c *carrier
}

func (m *meteredConn) Write(b []byte) (int, error) {
	m.c.writing.Lock()
	defer m.c.writing.Unlock()
	if err := m.SetWriteDeadline(time.Now().Add(m.c.limit)); err != nil {
		return 0, err
	}
	n, err := m.Conn.Write(b)
	m.c.count(b, n)
	return n, err
}
