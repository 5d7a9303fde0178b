package cloud

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
)

// peer is the connection of a scout that has proved who it is. Its own
// goroutine reads; orders are sent by one that lives only while there are some.
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
	listing *[]wire.Job   // the full list while it comes in

	writing sync.Mutex

	mu       sync.Mutex
	pinger   *time.Timer
	sending  bool            // orders are being sent, or may not be sent yet
	again    bool            // look for orders once more
	more     bool            // the window was full: there may be orders beyond it
	cursor   int64           // Seq of the last order sent on this connection
	unsolved map[string]bool // orders sent on it that have no result
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
	ws.SetPongHandler(func(string) error { return p.counted() })
	ws.SetPingHandler(func(string) error { return errors.New("a ping, which is the server's to send") })
	return p
}

func (s *Server) pingSeconds() int {
	return max(int(s.cfg.PingEvery.Round(time.Second)/time.Second), 1)
}

// begin sends the welcome and lets orders and news through.
func (p *peer) begin(hello wire.Hello) error {
	s := p.server
	s.sessions.add(p.session, p.scout.ID)
	edition := s.served.edition()
	welcome := wire.Welcome{Now: s.cfg.Now(), PingSeconds: s.pingSeconds(), Session: p.session,
		Edition: edition, WantJobs: !s.index.same(hello)}
	if err := p.send(welcome); err != nil {
		return err
	}
	s.router.attach(p)
	if newer := s.served.edition(); newer != edition {
		p.send(wire.DirectoryChanged{Edition: newer})
	}
	p.start()
	return nil
}

func (p *peer) end() {
	p.ws.Close()
	p.mu.Lock()
	if p.pinger != nil {
		p.pinger.Stop()
	}
	p.mu.Unlock()
	if p.server.router.detach(p) {
		p.server.index.went(p.scout.ID, p.server.cfg.Now())
	}
	p.server.sessions.remove(p.session)
	close(p.gone)
}

// nextPing is the interval, give or take a tenth.
func (p *peer) nextPing() time.Duration {
	every := p.server.cfg.PingEvery
	return every - every/10 + mathrand.N(every/5+1)
}

func (p *peer) ping() {
	if p.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(wire.WriteTime)) != nil {
		return // the reader will find out
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pinger.Reset(p.nextPing())
}

// counted notes a sign of life, and refuses a flood of them.
func (p *peer) counted() error {
	if !p.rate.Allow(time.Now()) {
		return errors.New("a flood of frames")
	}
	return p.ws.SetReadDeadline(time.Now().Add(p.silence))
}

// send sends one message; a connection that does not take it is closed.
func (p *peer) send(message any) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	if err := write(p.ws, message); err != nil {
		p.ws.Close()
		return fmt.Errorf("sending to a scout: %w", err)
	}
	return nil
}

// read takes the scout's frames until the connection ends.
func (p *peer) read() error {
	for {
		if err := p.counted(); err != nil {
			return err
		}
		message, err := read(p.ws)
		if err != nil {
			return err
		}
		if err := p.take(message); err != nil {
			return err
		}
	}
}

func (p *peer) take(message any) error {
	switch m := message.(type) {
	case nil: // of a type not known
	case wire.Job:
		p.job(m)
	case wire.JobGone:
		p.server.index.remove(p.scout.ID, m.ID)
	case wire.JobsBegin:
		p.listing = new([]wire.Job)
	case wire.JobsEnd:
		return p.listed()
	case wire.Result:
		return p.result(m)
	default:
		return fmt.Errorf("a %T where none belongs", m)
	}
	return nil
}

func (p *peer) job(j wire.Job) {
	if p.listing == nil {
		if !p.server.index.put(p.scout.ID, j, p.server.cfg.Now()) {
			p.server.quiet.Warn("a job is not indexed: another scout's, one too many, or without an expiry", "job not indexed", "scout", p.scout.ID)
		}
	} else if len(*p.listing) < wire.MaxJobs {
		*p.listing = append(*p.listing, j)
	}
}

func (p *peer) listed() error {
	if p.listing == nil {
		return errors.New("the end of a list that has not begun")
	}
	if refused := p.server.index.replace(p.scout.ID, *p.listing, p.server.cfg.Now()); refused > 0 {
		p.server.quiet.Warn("jobs are not indexed: another scout's, too many, or without an expiry", "jobs not indexed", "scout", p.scout.ID, "jobs", refused)
	}
	p.listing = nil
	return nil
}

// result keeps a result before it acknowledges it. One that cannot be kept
// ends the connection: the scout will bring it again.
func (p *peer) result(r wire.Result) error {
	s := p.server
	ctx, cancel := context.WithTimeout(s.ctx, wire.WriteTime)
	defer cancel()
	fresh, err := s.registry.Finish(ctx, p.scout.ID, r, s.cfg.Now())
	if err != nil {
		return err
	}
	if fresh {
		s.log.Info("an order has a result", "order", r.Order, "state", r.State)
		s.watch.changed(r.Order)
	}
	p.mu.Lock()
	delete(p.unsolved, r.Order)
	more := p.more
	p.mu.Unlock()
	if more {
		p.wake()
	}
	return p.send(wire.ResultAck{Order: r.Order})
}
