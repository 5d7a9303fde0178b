package loopback

import (
	"net"
	"net/http"
	"slices"
	"sync"
)

// Limiter bounds the connections that programs of this computer have to the
// printer at once, from whatever loopback addresses: those of each account, and
// all of them. A new connection is admitted by closing the one that has waited
// longest for a request: one of its own account if that is at its limit,
// otherwise one of the account with the most.
//
// The account is asked of the kernel after a connection was accepted; until
// then, and where the kernel does not say, the account is "".
type Limiter struct {
	most      int // connections in all
	ofAccount int // of one account, other than ""
	atOnce    int // requests of one account in progress

	mu         sync.Mutex
	open       map[net.Conn]*connection
	accounts   map[string][]*connection // in the order of their last request or their arrival
	inProgress map[string]int           // requests in progress, by account
	turns      int
}

// connection is a connection that was admitted.
type connection struct {
	conn    net.Conn
	account string
	busy    bool // a request of it is in progress
	turn    int  // a counter of arrivals and ended requests
}

// NewLimiter returns a Limiter of so many connections in all and of one
// account, and of so many requests of one account in progress.
func NewLimiter(most, ofAccount, atOnce int) *Limiter {
	return &Limiter{
		most: most, ofAccount: ofAccount, atOnce: atOnce,
		open: map[net.Conn]*connection{}, accounts: map[string][]*connection{}, inProgress: map[string]int{},
	}
}

// BeginRequest counts a request of an account until done is called. It returns
// false, and does not count the request, if the account has too many in
// progress.
func (l *Limiter) BeginRequest(account string) (done func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inProgress[account] >= l.atOnce {
		return nil, false
	}
	l.inProgress[account]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.inProgress[account]--; l.inProgress[account] == 0 {
			delete(l.inProgress, account)
		}
	}, true
}

// TrackState is the ConnState function of http.Server. A header that is not
// complete does not count as a request.
func (l *Limiter) TrackState(conn net.Conn, state http.ConnState) {
	var end net.Conn
	l.mu.Lock()
	switch state {
	case http.StateNew:
		end = l.admitConnection(&connection{conn: conn}, true)
	case http.StateActive, http.StateIdle:
		if c := l.open[conn]; c != nil {
			l.removeConnection(c)
			c.busy = state == http.StateActive
			l.addConnection(c)
		}
	case http.StateClosed, http.StateHijacked:
		if c := l.open[conn]; c != nil {
			l.removeConnection(c)
		}
	}
	l.mu.Unlock()
	if end != nil {
		end.Close()
	}
}

// AssignAccount counts a connection under its account from now on.
func (l *Limiter) AssignAccount(conn net.Conn, account string) {
	var end net.Conn
	l.mu.Lock()
	if c := l.open[conn]; c != nil && c.account != account {
		l.removeConnection(c)
		c.account = account
		end = l.admitConnection(c, false)
	}
	l.mu.Unlock()
	if end != nil {
		end.Close()
	}
}

// admitConnection adds a connection and returns the one to close for it, which
// is itself where none can be closed; nil for none.
func (l *Limiter) admitConnection(c *connection, isNew bool) (end net.Conn) {
	var from []*connection
	switch own := l.accounts[c.account]; {
	case c.account != "" && len(own) >= l.ofAccount:
		from = own
	case isNew && len(l.open) >= l.most:
		from = l.largestWaitingAccount()
	default:
		l.addConnection(c)
		return nil
	}
	out := longestWaiting(from)
	if out == nil {
		return c.conn
	}
	l.removeConnection(out)
	l.addConnection(c)
	return out.conn
}

// longestWaiting returns the connection that has waited longest for a request,
// nil if none waits.
func longestWaiting(of []*connection) *connection {
	i := slices.IndexFunc(of, func(c *connection) bool { return !c.busy })
	if i < 0 {
		return nil
	}
	return of[i]
}

// largestWaitingAccount returns the connections of the account with the most,
// among the accounts with one that waits.
func (l *Limiter) largestWaitingAccount() (most []*connection) {
	var first *connection
	for _, of := range l.accounts {
		c := longestWaiting(of)
		if c == nil || len(of) < len(most) || len(of) == len(most) && first.turn < c.turn {
			continue
		}
		most, first = of, c
	}
	return most
}

func (l *Limiter) addConnection(c *connection) {
	l.turns++
	c.turn = l.turns
	l.accounts[c.account] = append(l.accounts[c.account], c)
	l.open[c.conn] = c
}

func (l *Limiter) removeConnection(c *connection) {
	delete(l.open, c.conn)
	of := l.accounts[c.account]
	if i := slices.Index(of, c); i >= 0 {
		of = slices.Delete(of, i, i+1)
	}
	if l.accounts[c.account] = of; len(of) == 0 {
		delete(l.accounts, c.account)
	}
}

// InHand returns how many requests of an account are in progress.
func (l *Limiter) InHand(account string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inProgress[account]
}
