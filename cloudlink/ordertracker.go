package cloudlink

import (
	"context"
	"slices"
	"sync"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/outcome"
)

// orderTracker knows the orders in work and the results the server has not
// acknowledged; both outlive a connection.
type orderTracker struct {
	mu      sync.Mutex
	work    map[string]bool
	waiting []wire.Result // oldest first, at most wire.OrderWindow
	running sync.WaitGroup
}

// take has the agent carry an order out, unless it is already in work or its
// result waits to be acknowledged. False if too many are in work. ctx is that
// of Run: a lost connection stops no order.
func (l *Link) take(ctx context.Context, o wire.Order) bool {
	known, admitted := l.orders.admit(o.ID)
	if known || !admitted {
		return known
	}
	l.orders.running.Go(func() {
		done := l.cfg.Agent.Order(ctx, o)
		if done.State == "" {
			l.orders.leave(o.ID)
			return
		}
		result := answer(o, done)
		l.orders.finish(result)
		l.out.result(result)
	})
	return true
}

func (d *orderTracker) admit(id string) (known, admitted bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.work[id] || slices.ContainsFunc(d.waiting, func(r wire.Result) bool { return r.Order == id }) {
		return true, false
	}
	if len(d.work) >= wire.OrderWindow {
		return false, false
	}
	d.work[id] = true
	return false, true
}

// finish keeps a result until it is acknowledged. When too many wait the
// oldest is dropped: the server sends its order again and the agent repeats it.
func (d *orderTracker) finish(r wire.Result) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.work, r.Order)
	d.waiting = append(d.waiting, r)
	if len(d.waiting) > wire.OrderWindow {
		d.waiting = slices.Delete(d.waiting, 0, 1)
	}
}

// leave forgets an order that goes on without a result yet.
func (d *orderTracker) leave(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.work, id)
}

func (d *orderTracker) acknowledged(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = slices.DeleteFunc(d.waiting, func(r wire.Result) bool { return r.Order == id })
}

func (d *orderTracker) unacknowledged() []wire.Result {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.waiting)
}

// answer is the agent's result as one to this order. One that cannot go over
// the wire says nothing about the document, so it counts as uncertain.
func answer(o wire.Order, r wire.Result) wire.Result {
	r.Order, r.Job = o.ID, o.Job
	if _, err := wire.Encode(r); err != nil {
		return wire.Result{Order: o.ID, Job: o.Job, Printer: o.Printer, State: wire.Uncertain, Reason: outcome.ReasonResultLost}
	}
	return r
}
