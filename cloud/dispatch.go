package cloud

import (
	"context"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// wakeDispatch makes the peer look for orders, in a goroutine that ends when
// none is left to send.
func (p *peer) wakeDispatch() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sending {
		p.again = true
		return
	}
	p.sending = p.server.group.run(nil, p.dispatchOrders)
}

// startDispatch starts the pings and lets orders through.
func (p *peer) startDispatch() {
	p.mu.Lock()
	p.pinger = time.AfterFunc(p.nextPing(), p.sendPing)
	p.sending = false
	p.mu.Unlock()
	p.wakeDispatch()
}

// dispatchOrders sends orders until there are none. If the connection is lost,
// sending stays true and nothing starts again.
func (p *peer) dispatchOrders() {
	for {
		if err := p.sendOrders(p.server.ctx); err != nil {
			p.server.logError(p.server.ctx, "orders were not sent", err)
			p.ws.Close()
			return
		}
		p.mu.Lock()
		if !p.again {
			p.sending = false
			p.mu.Unlock()
			return
		}
		p.again = false
		p.mu.Unlock()
	}
}

// sendOrders sends what may be sent. A page that is not full was the last:
// whoever adds orders wakes the peer again.
func (p *peer) sendOrders(ctx context.Context) error {
	if p.scout.Pending {
		return nil
	}
	for {
		p.mu.Lock()
		after, free := p.cursor, wire.OrderWindow-len(p.unsolved)
		p.more = free <= 0
		p.mu.Unlock()
		if free <= 0 {
			return nil
		}
		page, err := p.server.registry.UnfinishedOrders(ctx, p.scout.ID, after, free)
		if err != nil {
			return err
		}
		if err := p.sendPage(ctx, page); err != nil || len(page) < free {
			return err
		}
	}
}

// sendPage sends orders, except those that were never sent and have expired.
// The registry knows that they were sent before the scout does.
func (p *peer) sendPage(ctx context.Context, page []Order) error {
	now := p.server.cfg.Now()
	var ids []string
	for _, o := range page {
		if o.State == Sent || now.Before(o.Expires) {
			ids = append(ids, o.ID)
		}
	}
	sent := map[string]bool{}
	if len(ids) > 0 {
		var err error
		if sent, err = p.server.registry.MarkSent(ctx, ids, now); err != nil {
			return err
		}
	}
	for _, o := range page {
		p.mu.Lock()
		p.cursor = o.Seq
		if sent[o.ID] {
			p.unsolved[o.ID] = true
		}
		p.mu.Unlock()
		if !sent[o.ID] {
			continue
		}
		p.server.watch.notify(o.ID)
		if err := p.sendMessage(orderFrame(o, now)); err != nil {
			return err
		}
	}
	return nil
}

// orderFrame returns an order as it is sent now. The wire has whole seconds:
// the end of the request is rounded up, so that even the shortest is valid for
// a second.
func orderFrame(o Order, now time.Time) wire.Order {
	issued := now.Truncate(time.Second)
	expires := o.Expires.Add(time.Second - 1).Truncate(time.Second)
	if latest := issued.Add(wire.OrderTime); latest.Before(expires) {
		expires = latest
	}
	return wire.Order{ID: o.ID, Job: o.Job, Printer: o.Printer, User: o.User, Issued: issued, Expires: expires, PIN: o.PIN}
}
