package cloudlink

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

const (
	firstFetchDelay = 5 * time.Second
	maxFetchDelay   = 10 * time.Minute
)

// fetchPacer delays directory fetches while they fail. It outlives a
// connection: a server that hangs up does not make a scout fetch more often.
type fetchPacer struct {
	mu    sync.Mutex
	delay time.Duration // before the fetch after the next failure; 0 after a success
	next  time.Time     // when the next fetch may be made
}

// wait returns how long to wait before the next fetch.
func (p *fetchPacer) wait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.next)
}

// noteSuccess allows the next fetch at once.
func (p *fetchPacer) noteSuccess() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay, p.next = 0, time.Time{}
}

// noteFailure doubles the time to the next fetch; jitter, if any, spreads it.
func (p *fetchPacer) noteFailure(jitter func(time.Duration) time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = min(max(2*p.delay, firstFetchDelay), maxFetchDelay)
	wait := p.delay
	if jitter != nil {
		wait = jitter(wait)
	}
	p.next = time.Now().Add(wait)
}

// directoryFetcher knows which directory the server of this connection has.
type directoryFetcher struct {
	key    string // the bearer while connected
	newest *atomic.Pointer[wire.Edition]
	wake   chan struct{}
}

func newDirectoryFetcher(w wire.Welcome) directoryFetcher {
	s := directoryFetcher{key: w.Session, newest: new(atomic.Pointer[wire.Edition]), wake: make(chan struct{}, 1)}
	s.requestEdition(w.Edition)
	return s
}

// requestEdition wakes followDirectory for an edition.
func (s directoryFetcher) requestEdition(e wire.Edition) {
	s.newest.Store(&e)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// followDirectory offers the agent every directory that is not its own, an
// older one too: it may be signed by keys that rival those the agent trusts,
// and the agent has to report that.
func (s *session) followDirectory(ctx context.Context) {
	var offered wire.Edition // the last one, which may have been refused
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.directory.wake:
		}
		newest := *s.directory.newest.Load()
		if newest.Revision == 0 || newest == offered || newest == s.link.cfg.Agent.DirectoryEdition() {
			continue
		}
		if wait := s.link.pace.wait(); wait > 0 {
			if !sleepContext(ctx, wait) {
				return
			}
			s.directory.requestEdition(*s.directory.newest.Load()) // there may be a newer one by now
			continue
		}
		envelope, err := s.link.fetchDirectory(ctx, s.directory.key)
		if err != nil {
			s.link.quiet.Warn("the server's printer directory was not fetched", "directory-not-fetched", "host", s.link.host, "error", plainText(err.Error()))
			s.link.pace.noteFailure(s.link.cfg.Jitter)
			s.directory.requestEdition(*s.directory.newest.Load())
			continue
		}
		offered = newest
		s.link.offerDirectory(envelope)
	}
}

// offerDirectory hands a directory to the agent. One that is refused is
// fetched again only when the server has another, and not at once; nor is the
// next one fetched soon after one that the agent already had, whatever the
// server claimed it was.
func (l *Link) offerDirectory(envelope []byte) {
	before := l.cfg.Agent.DirectoryEdition()
	if err := l.cfg.Agent.OfferDirectory(envelope); err != nil {
		l.pace.noteFailure(nil)
		l.quiet.Error("the server's printer directory was refused", "directory-refused", "host", l.host, "error", plainText(err.Error()))
		l.status.setTrouble("the server offers a printer directory that this scout refuses: " + plainText(err.Error()))
		return
	}
	if l.cfg.Agent.DirectoryEdition() == before {
		l.pace.noteFailure(nil)
		return
	}
	l.pace.noteSuccess()
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
