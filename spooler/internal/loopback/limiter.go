package loopback

import (
	"net"
	"net/http"
	"slices"
	"sync"
)

// Limiter bounds the connections that programs of this computer have
// to the printer at once, whatever loopback addresses they come from: those of
// each account, and all of them. A newcomer is let in by ending the connection
// that has waited longest for a request: one of its own account, where that has
// as many as it may have, else one of the account that has the most.
//
// The kernel is asked for the account after a connection was accepted; until
// then, and where it does not say, the account is "".
type Limiter struct {
	most      int // connections in all
	ofAccount int // of one account, other than ""
	atOnce    int // requests in hand of one account

	mu         sync.Mutex
	open       map[net.Conn]*connection
	accounts   map[string][]*connection // in the order they came or were last answered
	inProgress map[string]int           // requests in hand, by account
	turns      int
}

// connection is one that was let in.
type connection struct {
	conn    net.Conn
	account string
	busy    bool // a request of it is worked on
	turn    int  // rises with each that came or was answered
}

// NewLimiter returns a Limiter of so many connections in all and of one account,
// and of so many requests in hand of one account.
func NewLimiter(most, ofAccount, atOnce int) *Limiter {
	return &Limiter{
		most: most, ofAccount: ofAccount, atOnce: atOnce,
		open: map[net.Conn]*connection{}, accounts: map[string][]*connection{}, inProgress: map[string]int{},
	}
}

// BeginRequest counts a request of an account; done has to follow. It is false, and
// the request not counted, where the account has too many in hand.
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

// TrackState is http.Server.ConnState. A header that is not whole yet does not
// count as a request.
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

// admitConnection adds a connection and returns the one that has to end for it, which is
// itself where there is no room to be had; nil for none.
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

// longestWaiting returns the connection that has waited longest for a request;
// nil where none waits.
func longestWaiting(of []*connection) *connection {
	i := slices.IndexFunc(of, func(c *connection) bool { return !c.busy })
	if i < 0 {
		return nil
	}
	return of[i]
}

// largestWaitingAccount returns the connections of the account that has the most,
// among those accounts that have one that waits.
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

// InHand returns how many requests of an account are worked on.
func (l *Limiter) InHand(account string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inProgress[account]
}
