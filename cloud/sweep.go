package cloud

import (
	"slices"
	"time"
)

// sweep closes the connections that hold a place and do not use it: those
// whose time is over and, while others wait, those that have been silent for
// long, the oldest of the largest share first and no more than there wait.
func (a *admission) sweep(now time.Time) {
	type overdue struct {
		conn   *conn
		reason string
	}
	var out []overdue
	a.mu.Lock()
	var idle []*conn
	for c := range a.working {
		switch quiet := c.quiet(now); {
		case quiet >= helloTime:
			out = append(out, overdue{c, reasonSilent})
		case now.Sub(c.since) >= placeTime:
			out = append(out, overdue{c, reasonSlow})
		case quiet >= pressedTime:
			idle = append(idle, c)
		}
	}
	slices.SortFunc(idle, func(x, y *conn) int {
		if d := y.share.strangers() - x.share.strangers(); d != 0 {
			return d
		}
		return x.since.Compare(y.since)
	})
	for _, c := range idle[:max(min(len(idle), a.waiting-len(out)), 0)] {
		out = append(out, overdue{c, reasonSilent})
	}
	a.mu.Unlock()
	for _, o := range out {
		a.refuse(o.conn, o.reason)
	}
}
