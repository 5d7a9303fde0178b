package cloudlink

import (
	"context"
	"slices"
	"sync"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/outcome"
)

// orderTracker knows the orders in work and the results that the server has
// not acknowledged; both outlive a connection.
type orderTracker struct {
	mu      sync.Mutex
	work    map[string]bool
	waiting []wire.Result // oldest first, at most wire.OrderWindow
	running sync.WaitGroup
}

// startOrder has the agent carry an order out, unless it is already in work or
// its result waits to be acknowledged. It returns false if too many are in
// work. ctx is that of Run: a lost connection does not stop an order.
func (l *Link) startOrder(ctx context.Context, o wire.Order) bool {
	known, admitted := l.orders.admit(o.ID)
	if known || !admitted {
		return known
	}
	l.orders.running.Go(func() {
		done := l.cfg.Agent.Order(ctx, o)
		if done.State == "" {
			l.orders.forgetOrder(o.ID)
			return
		}
		result := resultFor(o, done)
		l.orders.keepResult(result)
		l.out.addResult(result)
	})
	return true
}

// admit takes an order into work, unless it is known or too many are in work.
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

// keepResult keeps a result until it is acknowledged. When too many wait, the
// oldest is dropped: the server sends its order again and the agent repeats
// it.
func (d *orderTracker) keepResult(r wire.Result) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.work, r.Order)
	d.waiting = append(d.waiting, r)
	if len(d.waiting) > wire.OrderWindow {
		d.waiting = slices.Delete(d.waiting, 0, 1)
	}
}

// forgetOrder forgets an order that is continued later and has no result yet.
func (d *orderTracker) forgetOrder(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.work, id)
}

// dropResult drops a result that the server has acknowledged.
func (d *orderTracker) dropResult(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = slices.DeleteFunc(d.waiting, func(r wire.Result) bool { return r.Order == id })
}

// unacknowledgedResults returns the results that the server has not
// acknowledged.
func (d *orderTracker) unacknowledgedResults() []wire.Result {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.waiting)
}

// resultFor returns the agent's result as the result of this order. One that
// cannot go over the wire says nothing about the document, so it counts as
// uncertain.
func resultFor(o wire.Order, r wire.Result) wire.Result {
	r.Order, r.Job = o.ID, o.Job
	if _, err := wire.Encode(r); err != nil {
		return wire.Result{Order: o.ID, Job: o.Job, Printer: o.Printer, State: wire.Uncertain, Reason: outcome.ReasonResultLost}
	}
	return r
}
