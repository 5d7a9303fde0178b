package cloud

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// stage is how far a connection has come.
type stage int

const (
	gone    stage = iota // closed, or not counted yet
	silent               // has sent nothing
	waiting              // for a place
	working              // has a place
	proved               // a scout's, or one with an API token
)

// conn is a connection that admission counts. TLS is spoken over it.
type conn struct {
	net.Conn
	admission *admission
	first     []byte // read ahead to see whether anything comes
	granted   chan struct{}
	gone      chan struct{}
	reading   atomic.Int64 // when the present Read began, in Unix nanoseconds; 0 while there is none
	closing   sync.Once

	// These belong to the admission and are under its lock.
	share       *prefixShare // nil once it is a scout's
	stage       stage
	handshaking bool   // counts among the handshakes of TLS
	asks        bool   // its first request has begun
	token       string // hash of the API token it last came with
	at          *list.Element
	since       time.Time // of waiting or working
}

// newConn returns c with nothing counted yet.
func newConn(c net.Conn, a *admission) *conn {
	return &conn{Conn: c, admission: a, granted: make(chan struct{}), gone: make(chan struct{})}
}

func (c *conn) Read(p []byte) (int, error) {
	if len(c.first) > 0 {
		n := copy(p, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	c.reading.Store(time.Now().UnixNano())
	defer c.reading.Store(0)
	return c.Conn.Read(p)
}

// quietFor returns for how long the server has been waiting for the other end.
func (c *conn) quietFor(now time.Time) time.Duration {
	since := c.reading.Load()
	if since == 0 {
		return 0
	}
	return now.Sub(time.Unix(0, since))
}

// Close also stops counting the connection.
func (c *conn) Close() error {
	c.closing.Do(func() { c.admission.removeConn(c) })
	return c.Conn.Close()
}

func (c *conn) addrPrefix() netip.Prefix {
	at, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Prefix{}
	}
	return prefixOf(at.Addr())
}

type connKey struct{}

// withConn keeps the connection of a request in its context:
// http.Server.ConnContext.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, countedConn(c))
}

// noteState is http.Server.ConnState: a connection is active once its first
// request begins.
func noteState(c net.Conn, state http.ConnState) {
	if counted := countedConn(c); counted != nil && state == http.StateActive {
		counted.admission.noteRequest(counted)
	}
}

// countedConn returns the connection that TLS is spoken over; nil if it is not
// counted.
func countedConn(c net.Conn) *conn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	counted, _ := c.(*conn)
	return counted
}

// connOf returns the connection that a request came by; nil outside the
// server's own listener.
func connOf(ctx context.Context) *conn {
	c, _ := ctx.Value(connKey{}).(*conn)
	return c
}

// markProved notes that the connection has proved whose it is.
func (c *conn) markProved(api bool, token string) bool {
	return c == nil || c.admission.markProved(c, api, token)
}
