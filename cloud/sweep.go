package cloud

import (
	"cmp"
	"slices"
	"time"
)

// overdue is a connection that has to give its place back.
type overdue struct {
	conn   *conn
	reason string
}

// sweep closes the connections that hold a place and do not use it: those
// whose time is over and, while an address with fewer places waits, those that
// have been silent for long, the oldest of the largest share first and no more
// than there wait.
func (a *admission) sweep(now time.Time) {
	a.mu.Lock()
	out := a.overdue(now)
	a.grant()
	a.mu.Unlock()
	for _, o := range out {
		a.refuse(o.conn, o.reason)
	}
}

func (a *admission) overdue(now time.Time) (out []overdue) {
	var idle []*conn
	for c := range a.working {
		quiet, limit := c.quiet(now), helloTime
		if !c.asks {
			limit = shakeTime
		}
		if quiet >= shakeIdle {
			a.endShake(c) // the next may use the processor meanwhile
		}
		switch {
		case quiet >= limit:
			out = append(out, overdue{c, reasonSilent})
		case now.Sub(c.since) >= placeTime:
			out = append(out, overdue{c, reasonSlow})
		case quiet >= pressedTime && len(a.queue) > 0 && a.queue[0].places < c.share.places:
			idle = append(idle, c)
		}
	}
	slices.SortFunc(idle, func(x, y *conn) int {
		return cmp.Or(y.share.strangers()-x.share.strangers(), x.since.Compare(y.since), cmp.Compare(y.quiet(now), x.quiet(now)))
	})
	for _, c := range idle[:max(min(len(idle), a.waiting-len(out)), 0)] {
		out = append(out, overdue{c, reasonSilent})
	}
	return out
}
