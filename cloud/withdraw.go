package cloud

import (
	"context"
	"errors"
	"fmt"

	"github.com/printscout/printscout/cloudlink/wire"
)

// noteWithdrawals takes everything withdrawn so far as acted upon: nobody is
// connected yet.
func (s *Server) noteWithdrawals(ctx context.Context) error {
	n, err := s.registry.Withdrawals(ctx)
	if err != nil {
		return err
	}
	s.withdrawn.Store(n)
	return nil
}

// withdraw looks, once a second, whether a scout was removed or a token
// revoked, here or by a command beside the server, and ends what they have open.
func (s *Server) withdraw(ctx context.Context) {
	n, err := s.registry.Withdrawals(ctx)
	if err == nil && n == s.withdrawn.Load() {
		return
	}
	if err == nil {
		// First: who connects meanwhile sees that he has to look again.
		before := s.withdrawn.Swap(n)
		if err = errors.Join(s.dropScouts(ctx), s.dropTokens(ctx)); err != nil {
			s.withdrawn.CompareAndSwap(n, before) // again in a second
		}
	}
	if err != nil {
		s.complain(ctx, "what was withdrawn is still open", err)
	}
}

func (s *Server) dropScouts(ctx context.Context) error {
	scouts, err := s.registry.Scouts(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(scouts))
	for _, scout := range scouts {
		known[scout.ID] = true
	}
	for _, p := range s.router.all() {
		if !known[p.scout.ID] {
			s.group.run(nil, p.dismiss)
		}
	}
	for _, id := range s.index.holders() {
		if !known[id] {
			s.index.forget(id)
		}
	}
	return nil
}

func (s *Server) dropTokens(ctx context.Context) error {
	for c, token := range s.gate.admission.bearers() {
		_, err := s.registry.APIToken(ctx, []byte(token), s.cfg.Now())
		switch {
		case errors.Is(err, ErrNotFound):
			c.Close()
		case err != nil:
			return err
		}
	}
	return nil
}

// dismiss ends the connection of a scout that was removed.
func (p *peer) dismiss() {
	p.send(wire.Refused{Code: wire.CodeUnknown, Message: "this scout was removed"})
	p.ws.Close()
	<-p.gone
	p.server.index.forget(p.scout.ID)
	p.server.log.Info("a removed scout was sent away", "scout", p.scout.ID)
}

// stillKnown looks again where something was withdrawn since a count: the
// scout may have been removed after it was asked for and before it was one of
// those that withdraw looks at.
func (p *peer) stillKnown(ctx context.Context, count int64) error {
	if p.server.withdrawn.Load() == count {
		return nil
	}
	if _, err := p.server.registry.Scout(ctx, p.scout.ID); err != nil {
		return fmt.Errorf("looking for the scout again: %w", err)
	}
	return nil
}
