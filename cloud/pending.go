package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// callBack has scouts that were approved connect again, spread as after a
// planned restart: only a new connection is not pending.
func (s *Server) callBack(approved []*peer) {
	delay := time.Duration(max(len(approved)/returnRate, 1)) * time.Second
	for _, p := range approved {
		s.group.run(nil, func() { p.endPending(delay) })
	}
}

// endPending asks an approved scout to connect again, and closes the
// connection if it stays.
func (p *peer) endPending(delay time.Duration) {
	p.server.log.Info("a scout is approved", "scout", p.scout.ID)
	p.sendMessage(wire.Drain{DelaySeconds: int(delay / time.Second)})
	timer := time.NewTimer(delay + drainGrace)
	defer timer.Stop()
	select {
	case <-p.gone:
		return
	case <-timer.C:
	case <-p.server.ctx.Done():
	}
	p.ws.Close()
	<-p.gone
}

var errLeft = errors.New("the scout has left its site")

// handleLeave removes a scout that leaves; endWithdrawn forgets its jobs.
func (p *peer) handleLeave() error {
	s := p.server
	ctx, cancel := context.WithTimeout(s.ctx, wire.WriteTime)
	defer cancel()
	if err := s.registry.RemoveScout(ctx, p.scout.ID, s.cfg.Now()); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := p.sendMessage(wire.Refused{Code: wire.CodeUnknown, Message: "this scout has left its site"}); err != nil {
		return err
	}
	return errLeft
}

// codePending is the code of the API's refusal to release jobs of a scout that
// waits for approval.
const codePending = "scout-pending"

// refusePending returns the refusal of a request for all jobs of a scout that
// is pending, nil for another one.
func (s *Server) refusePending(ctx context.Context, scout string) error {
	if scout == "" {
		return nil
	}
	known, err := s.registry.Scout(ctx, scout)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for the scout: %w", err)
	}
	if known.Pending {
		return codedRefusal{refusal{http.StatusConflict, "the scout waits for an administrator's approval",
			"approve it with: scoutcloud scout approve " + known.ID}, codePending}
	}
	return nil
}
