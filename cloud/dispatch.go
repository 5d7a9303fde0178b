package cloud

import (
	"context"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// wake has the peer look for orders, in a goroutine that ends when none is left to send.
func (p *peer) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sending {
		p.again = true
		return
	}
	p.sending = p.server.group.run(nil, p.dispatch)
}

// start begins the pings and lets orders through.
func (p *peer) start() {
	p.mu.Lock()
	p.pinger = time.AfterFunc(p.nextPing(), p.ping)
	p.sending = false
	p.mu.Unlock()
	p.wake()
}

// dispatch sends orders until there are none, or the connection is lost;
// then sending stays true and nothing starts again.
func (p *peer) dispatch() {
	for {
		if err := p.sendOrders(p.server.ctx); err != nil {
			p.server.complain(p.server.ctx, "orders were not sent", err)
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

func (p *peer) sendOrders(ctx context.Context) error {
	for {
		p.mu.Lock()
		after, free := p.cursor, wire.OrderWindow-len(p.unsolved)
		p.mu.Unlock()
		if free <= 0 {
			return nil
		}
		orders, err := p.server.registry.Unfinished(ctx, p.scout.ID, after, free)
		if err != nil || len(orders) == 0 {
			return err
		}
		for _, o := range orders {
			if err := p.sendOrder(ctx, o); err != nil {
				return err
			}
		}
	}
}

// sendOrder sends one order, unless it was never sent and its time is over.
// The registry knows that it was sent before the scout does.
func (p *peer) sendOrder(ctx context.Context, o Order) error {
	now := p.server.cfg.Now()
	send := o.State == Sent || now.Before(o.Expires)
	if send {
		var err error
		if send, err = p.server.registry.MarkSent(ctx, o.ID, now); err != nil {
			return err
		}
	}
	p.mu.Lock()
	p.cursor = o.Seq
	if send {
		p.unsolved[o.ID] = true
	}
	p.mu.Unlock()
	if !send {
		return nil
	}
	p.server.watch.changed(o.ID)
	return p.send(frameOf(o, now))
}

// frameOf is an order as it is sent now. The wire has whole seconds: the end
// of the request is rounded up, so that the shortest has its second.
func frameOf(o Order, now time.Time) wire.Order {
	issued := now.Truncate(time.Second)
	expires := o.Expires.Add(time.Second - 1).Truncate(time.Second)
	if latest := issued.Add(wire.OrderTime); latest.Before(expires) {
		expires = latest
	}
	return wire.Order{ID: o.ID, Job: o.Job, Printer: o.Printer, User: o.User, Issued: issued, Expires: expires, PIN: o.PIN}
}
