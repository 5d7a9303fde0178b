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

// pace keeps directory fetches apart while they come to nothing. It outlives
// a connection: a server that hangs up does not make a scout fetch more often.
type pace struct {
	mu    sync.Mutex
	delay time.Duration // of the next one that comes to nothing; 0 after a good one
	next  time.Time     // when the next fetch may be made
}

// wait is how long to wait before the next fetch.
func (p *pace) wait() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.next)
}

func (p *pace) good() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay, p.next = 0, time.Time{}
}

// bad doubles the time to the next fetch; jitter, if any, spreads it.
func (p *pace) bad(jitter func(time.Duration) time.Duration) {
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
	s.want(w.Edition)
	return s
}

func (s directoryFetcher) want(e wire.Edition) {
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
			if !pause(ctx, wait) {
				return
			}
			s.directory.want(*s.directory.newest.Load()) // there may be a newer one by now
			continue
		}
		envelope, err := s.link.fetchDirectory(ctx, s.directory.key)
		if err != nil {
			s.link.quiet.Warn("the server's printer directory was not fetched", "directory-not-fetched", "host", s.link.host, "error", plain(err.Error()))
			s.link.pace.bad(s.link.cfg.Jitter)
			s.directory.want(*s.directory.newest.Load())
			continue
		}
		offered = newest
		s.link.offer(envelope)
	}
}

// offer hands a directory to the agent. One that is refused is not fetched
// again before the server has another, and that not at once; nor is there a
// next one soon after one that the agent had, whatever the server said it was.
func (l *Link) offer(envelope []byte) {
	before := l.cfg.Agent.DirectoryEdition()
	if err := l.cfg.Agent.OfferDirectory(envelope); err != nil {
		l.pace.bad(nil)
		l.quiet.Error("the server's printer directory was refused", "directory-refused", "host", l.host, "error", plain(err.Error()))
		l.status.trouble("the server offers a printer directory that this scout refuses: " + plain(err.Error()))
		return
	}
	if l.cfg.Agent.DirectoryEdition() == before {
		l.pace.bad(nil)
		return
	}
	l.pace.good()
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
