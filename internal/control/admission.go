package control

import (
	"net"
	"slices"
	"sync"

	"github.com/printscout/printscout/internal/identity"
)

// admission is a listener that holds each account, as the kernel names it, to
// its allowance of connections, and all of them to one in all. Where all are
// taken, a newcomer gets the place of the oldest connection of the account that
// has the most.
type admission struct {
	net.Listener
	most int

	names identity.Accounts

	mu       sync.Mutex
	open     int
	accounts map[string]*account

	refusing   chan struct{} // has room for refusals
	unfinished sync.WaitGroup
}

// account is one account's part of the control socket.
type account struct {
	connections []*connection // oldest first
	work        chan struct{} // has room for workPerAccount
}

// connection is one that was let in. The account it counts for does not change.
type connection struct {
	net.Conn
	admission *admission
	key       string
	account   *account
	closed    sync.Once

	ask  sync.Once
	peer peer
}

func admit(l net.Listener, most int) *admission {
	return &admission{
		Listener: l, most: most,
		accounts: map[string]*account{},
		refusing: make(chan struct{}, refusals),
	}
}

// Accept returns the next connection that may stay.
func (a *admission) Accept() (net.Conn, error) {
	for {
		raw, err := a.Listener.Accept()
		if err != nil {
			return nil, err
		}
		limitSending(raw)
		uid, err := identity.UIDOfConn(raw)
		if err != nil {
			raw.Close()
			continue
		}
		if c, ok := a.enter(raw, uid); ok {
			return c, nil
		}
		a.refuse(raw)
	}
}

// enter lets a connection of an account in, if there is room for it.
func (a *admission) enter(raw net.Conn, uid string) (*connection, bool) {
	key := a.names.Of(uid)
	a.mu.Lock()
	defer a.mu.Unlock()
	held := a.accounts[key]
	if held == nil {
		held = &account{work: make(chan struct{}, workPerAccount)}
	}
	if len(held.connections) >= connectionsPerAccount || a.open >= a.most && !a.makeRoom(len(held.connections)) {
		return nil, false
	}
	c := &connection{Conn: raw, admission: a, key: key, account: held}
	held.connections = append(held.connections, c)
	a.accounts[key] = held
	a.open++
	return c, true
}

// makeRoom ends the oldest connection of the account that has the most, if
// those are more than a newcomer would have.
func (a *admission) makeRoom(has int) bool {
	var largest *account
	for _, held := range a.accounts {
		if largest == nil || len(held.connections) > len(largest.connections) {
			largest = held
		}
	}
	if largest == nil || len(largest.connections) <= has+1 {
		return false
	}
	oldest := largest.connections[0]
	a.leave(oldest)
	oldest.Conn.Close()
	return true
}

// leave is called with mu held; it may be called twice for a connection.
func (a *admission) leave(c *connection) {
	i := slices.Index(c.account.connections, c)
	if i < 0 {
		return
	}
	c.account.connections = slices.Delete(c.account.connections, i, i+1)
	if len(c.account.connections) == 0 {
		delete(a.accounts, c.key)
	}
	a.open--
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.closed.Do(func() {
		c.admission.mu.Lock()
		defer c.admission.mu.Unlock()
		c.admission.leave(c)
	})
	return c.Conn.Close()
}

// who returns who is at the other end, with the name of the account. That may
// take as long as a directory service does.
func (c *connection) who() peer {
	c.ask.Do(func() {
		c.peer.Peer, c.peer.err = identity.OfConn(c.Conn)
		if c.key == identity.Unnamed && c.peer.err == nil {
			c.admission.names.Learn(c.peer.Peer)
		}
	})
	return c.peer
}
