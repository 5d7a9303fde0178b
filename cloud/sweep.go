package cloud

import (
	"cmp"
	"slices"
	"time"
)

// overdueConn is a connection that has to give up its place.
type overdueConn struct {
	conn   *conn
	reason string
}

// sweepOverdue closes the connections that hold a place without using it:
// those whose time is over and, while an address prefix with fewer places
// waits, those that have been silent for long, the oldest of the largest share
// first, and no more than there are waiting.
func (a *admission) sweepOverdue(now time.Time) {
	a.mu.Lock()
	out := a.overdueConns(now)
	a.grantPlaces()
	a.mu.Unlock()
	for _, o := range out {
		a.refuse(o.conn, o.reason)
	}
}

// overdueConns returns the connections that have to give up their place; mu is
// held.
func (a *admission) overdueConns(now time.Time) (out []overdueConn) {
	var idle []*conn
	for c := range a.working {
		quiet, limit := c.quietFor(now), helloTime
		if !c.asks {
			limit = handshakeTime
		}
		if quiet >= handshakeIdle {
			a.endHandshake(c) // the next one may use the processor meanwhile
		}
		switch {
		case quiet >= limit:
			out = append(out, overdueConn{c, reasonSilent})
		case now.Sub(c.since) >= placeTime:
			out = append(out, overdueConn{c, reasonSlow})
		case quiet >= pressedTime && len(a.queue) > 0 && a.queue[0].places < c.share.places:
			idle = append(idle, c)
		}
	}
	slices.SortFunc(idle, func(x, y *conn) int {
		return cmp.Or(y.share.strangerCount()-x.share.strangerCount(), x.since.Compare(y.since), cmp.Compare(y.quietFor(now), x.quietFor(now)))
	})
	for _, c := range idle[:max(min(len(idle), a.waiting-len(out)), 0)] {
		out = append(out, overdueConn{c, reasonSilent})
	}
	return out
}
