package control

import (
	"context"
	"time"
)

// place is one of the places in which an account's requests are worked on.
type place struct {
	of       *account
	patience time.Duration
	held     bool
}

// take waits for a free place; it reports whether there was one in time.
func (p *place) take(ctx context.Context) bool {
	late := time.NewTimer(p.patience)
	defer late.Stop()
	select {
	case p.of.work <- struct{}{}:
		p.held = true
	case <-late.C:
	case <-ctx.Done():
	}
	return p.held
}

// leave gives the place back, if it is held.
func (p *place) leave() {
	if p.held {
		<-p.of.work
		p.held = false
	}
}
