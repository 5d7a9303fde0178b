package spooler

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// crowd bounds the connections of each peer address. All of this computer's
// programs share one or two addresses, so a newcomer is let in by closing the
// connection that has waited longest for a request; only where all of them are
// in the middle of one is it turned away. That no user can bring about alone,
// since the requests that one has in hand are bounded too.
type crowd struct {
	most, ofUser int

	mu  sync.Mutex
	of  map[netip.Addr][]*visitor // in the order they came or were last answered
	who map[net.Conn]*visitor
	// users counts the requests that each has in hand.
	users map[string]int
}

type visitor struct {
	conn net.Conn
	addr netip.Addr
	busy bool // a request of it is worked on
}

func newCrowd(l Limits) *crowd {
	return &crowd{
		most: l.Connections, ofUser: l.UserAtOnce,
		of: map[netip.Addr][]*visitor{}, who: map[net.Conn]*visitor{}, users: map[string]int{},
	}
}

// begin counts a request of a user's; done has to follow. It is false, and the
// request not counted, where the user has too many in hand.
func (c *crowd) begin(user string) (done func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.users[user] >= c.ofUser {
		return nil, false
	}
	c.users[user]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.users[user]--; c.users[user] == 0 {
			delete(c.users, user)
		}
	}, true
}

// follow is http.Server.ConnState. A header that is not whole yet does not
// count as a request.
func (c *crowd) follow(conn net.Conn, state http.ConnState) {
	var out net.Conn
	c.mu.Lock()
	switch state {
	case http.StateNew:
		out = c.enter(conn)
	case http.StateActive, http.StateIdle:
		c.move(conn, state == http.StateActive)
	case http.StateClosed, http.StateHijacked:
		c.leave(conn)
	}
	c.mu.Unlock()
	if out != nil {
		out.Close()
	}
}

// enter returns the connection to close.
func (c *crowd) enter(conn net.Conn) net.Conn {
	v := &visitor{conn: conn, addr: peerOf(conn)}
	here := c.of[v.addr]
	if len(here) < c.most {
		c.add(v)
		return nil
	}
	for _, old := range here {
		if !old.busy {
			c.leave(old.conn)
			c.add(v)
			return old.conn
		}
	}
	return conn
}

func (c *crowd) add(v *visitor) {
	c.of[v.addr] = append(c.of[v.addr], v)
	c.who[v.conn] = v
}

func (c *crowd) move(conn net.Conn, busy bool) {
	v := c.who[conn]
	if v == nil {
		return
	}
	c.leave(conn)
	v.busy = busy
	c.add(v)
}

func (c *crowd) leave(conn net.Conn) {
	v := c.who[conn]
	if v == nil {
		return
	}
	delete(c.who, conn)
	here := c.of[v.addr]
	for i, other := range here {
		if other == v {
			here = append(here[:i:i], here[i+1:]...)
			break
		}
	}
	if c.of[v.addr] = here; len(here) == 0 {
		delete(c.of, v.addr)
	}
}

func peerOf(conn net.Conn) netip.Addr {
	at, _ := netip.ParseAddrPort(conn.RemoteAddr().String())
	return at.Addr().Unmap()
}
