package cloudlink

import (
	"context"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// session is one connection after its welcome.
type session struct {
	link       *Link
	socket     *socket
	busy       chan wire.Result      // results for orders beyond the window
	startOrder func(wire.Order) bool // Link.startOrder
	directory  directoryFetcher
	pacer      framePacer // of the writer
}

// runConnection opens one connection and returns when it has ended; the error
// says why.
func (l *Link) runConnection(ctx context.Context) error {
	socket, err := l.dialSocket(ctx)
	if err != nil {
		return err
	}
	defer socket.close()
	l.out.beginConnection()
	defer l.out.endConnection()
	welcome, err := l.handshake(socket)
	if err != nil {
		return err
	}
	l.status.setConnected(l.cfg.Now(), welcome)
	l.quiet.Info("connected to the server", "connected", "host", l.host)
	s := &session{
		link:       l,
		socket:     socket,
		busy:       make(chan wire.Result, wire.OrderWindow),
		startOrder: func(o wire.Order) bool { return l.startOrder(ctx, o) },
		directory:  newDirectoryFetcher(welcome),
	}
	l.out.setPending(welcome.Pending)
	return s.run(ctx, welcome.WantJobs)
}

// run serves a connection until it ends.
func (s *session) run(ctx context.Context, wantJobs bool) error {
	ctx, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	parts.Go(func() {
		defer cancel()
		s.writeMessages(ctx)
	})
	parts.Go(func() { s.followDirectory(ctx) })
	s.socket.release()
	stop := context.AfterFunc(ctx, s.socket.close)
	s.link.out.startSending(wantJobs)
	for _, result := range s.link.orders.unacknowledgedResults() {
		s.link.out.addResult(result)
	}
	err := s.readMessages(ctx)
	stop()
	cancel()
	s.socket.close()
	parts.Wait()
	return err
}

// handshake answers the server's challenge and returns its welcome.
func (l *Link) handshake(s *socket) (wire.Welcome, error) {
	s.extendDeadline()
	message, err := s.readMessage()
	if err != nil {
		return wire.Welcome{}, err
	}
	challenge, ok := message.(wire.Challenge)
	if !ok {
		return wire.Welcome{}, protocolError("the server does not begin with a challenge")
	}
	if err := s.sendMessage(l.makeHello(challenge)); err != nil {
		return wire.Welcome{}, err
	}
	s.extendDeadline()
	if message, err = s.readMessage(); err != nil {
		return wire.Welcome{}, err
	}
	switch m := message.(type) {
	case wire.Welcome:
		s.silence = wire.Silence(m.PingSeconds)
		s.extendDeadline()
		return m, nil
	case wire.Refused:
		return wire.Welcome{}, refusedError(m)
	}
	return wire.Welcome{}, protocolError("the server answers a hello with something other than a welcome")
}

// makeHello returns the signed answer to a challenge.
func (l *Link) makeHello(c wire.Challenge) wire.Hello {
	jobs := l.cfg.Agent.Jobs()
	return wire.Hello{
		Scout:      l.cfg.Scout,
		Version:    l.cfg.Version,
		Signature:  wire.SignHello(l.cfg.Key, c.Nonce, l.cfg.Scout, l.host),
		JobsDigest: wire.Digest(jobs),
		JobsCount:  len(jobs),
		Edition:    l.cfg.Agent.DirectoryEdition(),
	}
}

// sendMessage sends one message, whatever the pace.
func (s *socket) sendMessage(message any) error {
	data, err := wire.Encode(message)
	if err != nil {
		return err
	}
	return s.writeFrame(data)
}

// readMessages handles the server's frames until the connection ends.
func (s *session) readMessages(ctx context.Context) error {
	for {
		message, err := s.socket.readMessage()
		if err != nil {
			return err
		}
		s.socket.extendDeadline()
		switch m := message.(type) {
		case wire.Order:
			s.handleOrder(ctx, m)
		case wire.ResultAck:
			s.link.orders.dropResult(m.Order)
		case wire.DirectoryChanged:
			s.directory.requestEdition(m.Edition)
		case wire.Drain:
			return drainError{delay: time.Duration(min(m.DelaySeconds, 1<<20)) * time.Second}
		case wire.Refused:
			return refusedError(m)
		default:
			return protocolError("the server sends what only a scout may send")
		}
	}
}

// handleOrder starts an order. The server cannot have more of them carried out
// than the window holds, or have more refusals queued than that: beyond,
// nothing more is read from it.
func (s *session) handleOrder(ctx context.Context, o wire.Order) {
	if s.startOrder(o) {
		return
	}
	refusal := wire.Result{Order: o.ID, Job: o.Job, Printer: o.Printer, State: wire.NotSent, Reason: wire.ReasonBusy}
	select {
	case s.busy <- refusal:
	case <-ctx.Done():
	}
}

// writeMessages sends what is in the outbox until ctx ends or the network
// fails.
func (s *session) writeMessages(ctx context.Context) {
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case refusal := <-s.busy:
			if s.sendMessage(refusal) != nil {
				return
			}
			continue
		case <-again.C:
		case <-s.link.out.wake:
		}
		wait, err := s.flushOutbox()
		if err != nil {
			return
		}
		again.Stop()
		if wait > 0 {
			again.Reset(wait)
		}
	}
}

// flushOutbox sends what may be sent now. It returns when to look again, 0 if
// only the next signal brings more.
func (s *session) flushOutbox() (time.Duration, error) {
	for {
		now := time.Now()
		wait := s.pacer.wait(now)
		message, retry := s.link.out.nextMessage(now, wait == 0)
		if message == nil {
			return max(wait, retry), nil
		}
		if _, all := message.(allJobs); all {
			s.link.out.setFullList(fullList(s.link.cfg.Agent.Jobs()))
		} else if err := s.sendMessage(message); err != nil {
			return 0, err
		}
	}
}

// fullList returns the frames of a list of all jobs, or of the newest if there
// are more than a server keeps.
func fullList(jobs []wire.Job) []any {
	jobs = jobs[max(0, len(jobs)-wire.MaxJobs):]
	list := make([]any, 0, len(jobs)+2)
	list = append(list, wire.JobsBegin{Count: len(jobs)})
	for _, job := range jobs {
		list = append(list, job)
	}
	return append(list, wire.JobsEnd{})
}

// sendMessage sends one message at the pace of the session; one that breaks a
// limit is left out.
func (s *session) sendMessage(message any) error {
	data, err := wire.Encode(message)
	if err != nil {
		s.link.quiet.Warn("a message is kept from the server", "unsayable", "error", err)
		return nil
	}
	s.pacer.countFrame(len(data))
	return s.socket.writeFrame(data)
}
