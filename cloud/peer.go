package cloud

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
)

// peer is the connection of a scout that has proved who it is. Its own
// goroutine reads; orders are sent by another, which lives only while there
// are some.
type peer struct {
	server  *Server
	ws      *websocket.Conn
	scout   Scout
	version string
	since   time.Time
	session string
	silence time.Duration
	rate    wire.Rate
	gone    chan struct{} // closed at the end
	listing *[]wire.Job   // the full list while it is received

	writing sync.Mutex

	mu       sync.Mutex
	pinger   *time.Timer
	sending  bool            // orders are being sent, or may not be sent yet
	again    bool            // look for orders once more
	more     bool            // the window was full: there may be orders beyond it
	cursor   int64           // Seq of the last order sent on this connection
	unsolved map[string]bool // orders sent on this connection that have no result

	returning atomic.Bool // it was asked to connect again, as it is approved now
}

func newPeer(s *Server, ws *websocket.Conn, scout Scout, hello wire.Hello) *peer {
	p := &peer{
		server:   s,
		ws:       ws,
		scout:    scout,
		version:  hello.Version,
		since:    s.cfg.Now(),
		session:  rand.Text(),
		silence:  wire.Silence(s.pingSeconds()),
		gone:     make(chan struct{}),
		sending:  true,
		unsolved: make(map[string]bool),
	}
	ws.SetPongHandler(func(string) error { return p.countFrame() })
	ws.SetPingHandler(func(string) error { return errors.New("a ping, which is the server's to send") })
	return p
}

func (s *Server) pingSeconds() int {
	return max(int(s.cfg.PingEvery.Round(time.Second)/time.Second), 1)
}

// openSession sends the welcome and lets orders and news through.
func (p *peer) openSession(hello wire.Hello) error {
	s := p.server
	s.sessions.add(p.session, p.scout.ID)
	edition := s.served.edition()
	welcome := wire.Welcome{Now: s.cfg.Now(), PingSeconds: s.pingSeconds(), Session: p.session,
		Edition: edition, WantJobs: !p.scout.Pending && !s.index.matchesDigest(hello), Pending: p.scout.Pending}
	if err := p.sendMessage(welcome); err != nil {
		return err
	}
	s.router.attach(p)
	if newer := s.served.edition(); newer != edition {
		p.sendMessage(wire.DirectoryChanged{Edition: newer})
	}
	p.startDispatch()
	return nil
}

// endSession closes the connection and forgets it.
func (p *peer) endSession() {
	p.ws.Close()
	p.mu.Lock()
	if p.pinger != nil {
		p.pinger.Stop()
	}
	p.mu.Unlock()
	if p.server.router.detach(p) {
		p.server.index.scoutLeft(p.scout.ID, p.server.cfg.Now())
	}
	p.server.sessions.remove(p.session)
	close(p.gone)
}

// nextPing returns the interval, give or take a tenth.
func (p *peer) nextPing() time.Duration {
	every := p.server.cfg.PingEvery
	return every - every/10 + mathrand.N(every/5+1)
}

// sendPing sends a ping and schedules the next one.
func (p *peer) sendPing() {
	if p.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(wire.WriteTime)) != nil {
		return // the reader will find out
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pinger.Reset(p.nextPing())
}

// countFrame notes a sign of life, and refuses a flood.
func (p *peer) countFrame() error {
	if !p.rate.Allow(time.Now()) {
		return errors.New("a flood of frames")
	}
	return p.ws.SetReadDeadline(time.Now().Add(p.silence))
}

// sendMessage sends one message; a connection that does not take it is closed.
func (p *peer) sendMessage(message any) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	if err := writeFrame(p.ws, message); err != nil {
		p.ws.Close()
		return fmt.Errorf("sending to a scout: %w", err)
	}
	return nil
}

// readFrames handles the scout's frames until the connection ends.
func (p *peer) readFrames() error {
	for {
		if err := p.countFrame(); err != nil {
			return err
		}
		message, err := readFrame(p.ws)
		if err != nil {
			return err
		}
		if err := p.handleMessage(message); err != nil {
			return err
		}
	}
}

func (p *peer) handleMessage(message any) error {
	switch m := message.(type) {
	case nil: // of an unknown type
	case wire.Job:
		p.handleJob(m)
	case wire.JobGone:
		p.server.index.removeJob(p.scout.ID, m.ID)
	case wire.JobsBegin:
		p.listing = new([]wire.Job)
	case wire.JobsEnd:
		return p.endListing()
	case wire.Result:
		return p.handleResult(m)
	case wire.Leave:
		return p.handleLeave()
	default:
		return fmt.Errorf("a %T where none belongs", m)
	}
	return nil
}

// handleJob puts a job into the index, or into the full list that is being
// received. Those of a pending scout are dropped.
func (p *peer) handleJob(j wire.Job) {
	if p.scout.Pending {
		return
	}
	if p.listing == nil {
		if !p.server.index.putJob(p.scout.ID, j, p.server.cfg.Now()) {
			p.server.quiet.Warn("a job is not indexed: another scout's, one too many, or without an expiry", "job not indexed", "scout", p.scout.ID)
		}
	} else if len(*p.listing) < wire.MaxJobs {
		*p.listing = append(*p.listing, j)
	}
}

// endListing replaces the scout's jobs by the list that was received.
func (p *peer) endListing() error {
	if p.listing == nil {
		return errors.New("the end of a list that has not begun")
	}
	if p.scout.Pending {
		p.listing = nil
		return nil
	}
	if refused := p.server.index.replaceJobs(p.scout.ID, *p.listing, p.server.cfg.Now()); refused > 0 {
		p.server.quiet.Warn("jobs are not indexed: another scout's, too many, or without an expiry", "jobs not indexed", "scout", p.scout.ID, "jobs", refused)
	}
	p.listing = nil
	return nil
}

// handleResult records a result before it acknowledges it. A result that
// cannot be recorded ends the connection: the scout will send it again.
func (p *peer) handleResult(r wire.Result) error {
	s := p.server
	ctx, cancel := context.WithTimeout(s.ctx, wire.WriteTime)
	defer cancel()
	fresh, err := s.registry.FinishOrder(ctx, p.scout.ID, r, s.cfg.Now())
	if err != nil {
		return err
	}
	if fresh {
		s.log.Info("an order has a result", "order", r.Order, "state", r.State)
		s.watch.notify(r.Order)
	}
	p.mu.Lock()
	delete(p.unsolved, r.Order)
	more := p.more
	p.mu.Unlock()
	if more {
		p.wakeDispatch()
	}
	return p.sendMessage(wire.ResultAck{Order: r.Order})
}
