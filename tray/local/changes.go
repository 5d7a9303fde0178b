package local

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/control"
)

// changes tells open pages that something has changed. While there is one, the
// agent's events are listened to, by one connection for all pages.
type changes struct {
	agent Agent
	log   *slog.Logger

	mu     sync.Mutex
	pages  map[chan struct{}]bool
	stop   context.CancelFunc // ends the listening; nil while nobody does
	closed bool
	wg     sync.WaitGroup
}

func newChanges(a Agent, log *slog.Logger) *changes {
	return &changes{agent: a, log: log, pages: map[chan struct{}]bool{}}
}

// subscribe returns what holds something whenever there was a change since it
// was last emptied.
func (c *changes) subscribe() chan struct{} {
	p := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages[p] = true
	if c.stop == nil && !c.closed {
		ctx, cancel := context.WithCancel(context.Background())
		c.stop = cancel
		c.wg.Go(func() { c.listen(ctx) })
	}
	return p
}

func (c *changes) unsubscribe(p chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pages, p)
	if len(c.pages) == 0 && c.stop != nil {
		c.stop()
		c.stop = nil
	}
}

// tell tells all pages.
func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p := range c.pages {
		select {
		case p <- struct{}{}:
		default: // it is told already
		}
	}
}

// listenAgain are the times after which an agent that is gone is asked again:
// the last one is for one that does not come back soon.
var listenAgain = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second}

// listen follows the agent's events until ctx ends. Pages are told when the
// agent goes, and when it is there again; what it says at first they show
// already.
func (c *changes) listen(ctx context.Context) {
	lost, failed := false, 0
	for ctx.Err() == nil {
		ready := false
		for e, err := range c.agent.Events(ctx) {
			if err != nil {
				c.log.Debug("events of the agent ended", "error", err)
				break
			}
			first := e.Name == control.EventReady && !ready
			ready = ready || first
			if ready && (!first || lost) {
				c.tell()
			}
		}
		if ready {
			failed = 0
			c.tell()
		}
		lost = true
		pause(ctx, listenAgain[min(failed, len(listenAgain)-1)])
		failed++
	}
}

func pause(ctx context.Context, d time.Duration) {
	late := time.NewTimer(d)
	defer late.Stop()
	select {
	case <-late.C:
	case <-ctx.Done():
	}
}

// close ends the listening for good.
func (c *changes) close() {
	c.mu.Lock()
	c.closed = true
	if c.stop != nil {
		c.stop()
	}
	c.mu.Unlock()
	c.wg.Wait()
}

// stillThere is how often a page is sent a comment, so that one that is gone is
// noticed.
const stillThere = 30 * time.Second

// events answers with a stream of "changed": which page shows what is the
// page's own affair.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	out.SetReadDeadline(time.Time{})
	page := s.changes.subscribe()
	defer s.changes.unsubscribe(page)
	s.idle.change(1)
	defer s.idle.change(-1)
	again := time.NewTicker(stillThere)
	defer again.Stop()
	say := ": open\n\n"
	for {
		out.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.WriteString(w, say); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-page:
			say = "event: changed\ndata: \n\n"
		case <-again.C:
			say = ": still there\n\n"
		case <-r.Context().Done():
			return
		}
	}
}
