package cloud

import (
	"context"
	"errors"
	"fmt"

	"github.com/printscout/printscout/cloudlink/wire"
)

// noteWithdrawals counts everything withdrawn so far as handled: nothing is
// connected yet.
func (s *Server) noteWithdrawals(ctx context.Context) error {
	n, err := s.registry.Withdrawals(ctx)
	if err != nil {
		return err
	}
	s.withdrawn.Store(n)
	return nil
}

// endWithdrawn checks, once a second, whether a scout was removed or approved
// or a token revoked, by this process or another, and ends what they have open.
func (s *Server) endWithdrawn(ctx context.Context) {
	n, err := s.registry.Withdrawals(ctx)
	if err == nil && n == s.withdrawn.Load() {
		return
	}
	if err == nil {
		// First, so that a scout that connects meanwhile is looked up again.
		before := s.withdrawn.Swap(n)
		if err = errors.Join(s.reviewScouts(ctx), s.dropTokens(ctx)); err != nil {
			s.withdrawn.CompareAndSwap(n, before) // again in a second
		}
	}
	if err != nil {
		s.logError(ctx, "what was withdrawn is still open", err)
	}
}

// reviewScouts ends the connections and forgets the jobs of scouts that were
// removed, and has those that were approved connect again.
func (s *Server) reviewScouts(ctx context.Context) error {
	scouts, err := s.registry.Scouts(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]Scout, len(scouts))
	for _, scout := range scouts {
		known[scout.ID] = scout
	}
	var approved []*peer
	for _, p := range s.router.allPeers() {
		scout, ok := known[p.scout.ID]
		switch {
		case !ok:
			s.group.run(nil, p.endRemoved)
		case p.scout.Pending && !scout.Pending && p.returning.CompareAndSwap(false, true):
			approved = append(approved, p)
		}
	}
	s.callBack(approved)
	for _, id := range s.index.scoutIDs() {
		if _, ok := known[id]; !ok {
			s.index.forgetScout(id)
		}
	}
	return nil
}

// dropTokens closes the connections that came with a revoked token.
func (s *Server) dropTokens(ctx context.Context) error {
	for c, token := range s.listener.admission.apiConns() {
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

// endRemoved ends the connection of a scout that was removed.
func (p *peer) endRemoved() {
	p.sendMessage(wire.Refused{Code: wire.CodeUnknown, Message: "this scout was removed"})
	p.ws.Close()
	<-p.gone
	p.server.index.forgetScout(p.scout.ID)
	p.server.log.Info("a removed scout was sent away", "scout", p.scout.ID)
}

// stillKnown looks the scout up again if something was withdrawn since a
// count: the scout may have been removed after it was authenticated and before
// endWithdrawn could see its connection.
func (p *peer) stillKnown(ctx context.Context, count int64) error {
	if p.server.withdrawn.Load() == count {
		return nil
	}
	scout, err := p.server.registry.Scout(ctx, p.scout.ID)
	if err != nil {
		return fmt.Errorf("looking for the scout again: %w", err)
	}
	if scout.Pending != p.scout.Pending {
		return errors.New("the scout was approved meanwhile")
	}
	return nil
}
