package cloudlink

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

const (
	firstFetchDelay = 5 * time.Second
	maxFetchDelay   = 10 * time.Minute
)

// shelf knows which directory the server of this connection has.
type shelf struct {
	key    string // the bearer while connected
	newest *atomic.Pointer[wire.Edition]
	wake   chan struct{}
}

func newShelf(w wire.Welcome) shelf {
	s := shelf{key: w.Session, newest: new(atomic.Pointer[wire.Edition]), wake: make(chan struct{}, 1)}
	s.want(w.Edition)
	return s
}

func (s shelf) want(e wire.Edition) {
	s.newest.Store(&e)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// followDirectory offers the agent every directory that is not its own. An
// older one too: it may be of keys that contend with those the agent trusts,
// and that is for the agent to tell.
func (s *session) followDirectory(ctx context.Context) {
	delay := firstFetchDelay
	var offered wire.Edition // the last one, which may have been refused
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.shelf.wake:
		}
		newest := *s.shelf.newest.Load()
		if newest.Revision == 0 || newest == offered || newest == s.link.cfg.Agent.DirectoryEdition() {
			continue
		}
		envelope, err := s.link.fetchDirectory(ctx, s.shelf.key)
		if err != nil {
			s.link.cfg.Log.Warn("the server's printer directory was not fetched", "error", err)
			if !pause(ctx, s.link.cfg.Jitter(delay)) {
				return
			}
			delay = min(2*delay, maxFetchDelay)
			s.shelf.want(*s.shelf.newest.Load())
			continue
		}
		delay, offered = firstFetchDelay, newest
		s.link.offer(envelope)
	}
}

// offer hands a directory to the agent. One that is refused is not fetched
// again before the server has another.
func (l *Link) offer(envelope []byte) {
	if err := l.cfg.Agent.OfferDirectory(envelope); err != nil {
		l.cfg.Log.Error("the server's printer directory was refused", "error", err)
		l.status.trouble("the server offers a printer directory that this scout refuses: " + plain(err.Error()))
	}
}

func (l *Link) fetchDirectory(ctx context.Context, key string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.server.JoinPath("/v1/directory").String(), nil)
	if err != nil {
		return nil, fmt.Errorf("fetching the directory: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := l.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetching the directory: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetching the directory: the server answered with status %d", resp.StatusCode)
	}
	envelope, err := io.ReadAll(io.LimitReader(resp.Body, wire.MaxDirectory+1))
	if err != nil {
		return nil, fmt.Errorf("fetching the directory: %w", err)
	}
	if len(envelope) > wire.MaxDirectory {
		return nil, fmt.Errorf("fetching the directory: more than %d bytes", wire.MaxDirectory)
	}
	return envelope, nil
}
