package cloudlink

import (
	"context"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// session is one connection after its welcome.
type session struct {
	link      *Link
	socket    *socket
	busy      chan wire.Result      // answers to orders beyond the window
	take      func(wire.Order) bool // Link.take
	directory directoryFetcher
	pacer     framePacer // of the writer
}

// connect opens one connection and stays until it ends; the error says why.
func (l *Link) connect(ctx context.Context) error {
	socket, err := l.dial(ctx)
	if err != nil {
		return err
	}
	defer socket.close()
	l.out.open()
	defer l.out.shut()
	welcome, err := l.handshake(socket)
	if err != nil {
		return err
	}
	l.status.connected(l.cfg.Now(), welcome.Now)
	l.quiet.Info("connected to the server", "connected", "host", l.host)
	s := &session{
		link:      l,
		socket:    socket,
		busy:      make(chan wire.Result, wire.OrderWindow),
		take:      func(o wire.Order) bool { return l.take(ctx, o) },
		directory: newDirectoryFetcher(welcome),
	}
	return s.run(ctx, welcome.WantJobs)
}

func (s *session) run(ctx context.Context, wantJobs bool) error {
	ctx, cancel := context.WithCancel(ctx)
	var parts sync.WaitGroup
	parts.Go(func() {
		defer cancel()
		s.write(ctx)
	})
	parts.Go(func() { s.followDirectory(ctx) })
	s.socket.release()
	stop := context.AfterFunc(ctx, s.socket.close)
	s.link.out.start(wantJobs)
	for _, result := range s.link.orders.unacknowledged() {
		s.link.out.result(result)
	}
	err := s.read(ctx)
	stop()
	cancel()
	s.socket.close()
	parts.Wait()
	return err
}

// handshake answers the server's challenge and returns its welcome.
func (l *Link) handshake(s *socket) (wire.Welcome, error) {
	s.awake()
	message, err := s.read()
	if err != nil {
		return wire.Welcome{}, err
	}
	challenge, ok := message.(wire.Challenge)
	if !ok {
		return wire.Welcome{}, protocolError("the server does not begin with a challenge")
	}
	if err := s.send(l.hello(challenge)); err != nil {
		return wire.Welcome{}, err
	}
	s.awake()
	if message, err = s.read(); err != nil {
		return wire.Welcome{}, err
	}
	switch m := message.(type) {
	case wire.Welcome:
		s.silence = wire.Silence(m.PingSeconds)
		s.awake()
		return m, nil
	case wire.Refused:
		return wire.Welcome{}, refusedError(m)
	}
	return wire.Welcome{}, protocolError("the server answers a hello with something else than a welcome")
}

func (l *Link) hello(c wire.Challenge) wire.Hello {
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

func (s *socket) send(message any) error {
	data, err := wire.Encode(message)
	if err != nil {
		return err
	}
	return s.write(data)
}

// read takes the server's frames until the connection ends.
func (s *session) read(ctx context.Context) error {
	for {
		message, err := s.socket.read()
		if err != nil {
			return err
		}
		s.socket.awake()
		switch m := message.(type) {
		case wire.Order:
			s.order(ctx, m)
		case wire.ResultAck:
			s.link.orders.acknowledged(m.Order)
		case wire.DirectoryChanged:
			s.directory.want(m.Edition)
		case wire.Drain:
			return drainError{delay: time.Duration(min(m.DelaySeconds, 1<<20)) * time.Second}
		case wire.Refused:
			return refusedError(m)
		default:
			return protocolError("the server sends what only a scout may send")
		}
	}
}

// order starts an order. The server cannot have more of them carried out
// than the window holds, nor more than that of answers queued: beyond,
// nothing more is read from it.
func (s *session) order(ctx context.Context, o wire.Order) {
	if s.take(o) {
		return
	}
	refusal := wire.Result{Order: o.ID, Job: o.Job, Printer: o.Printer, State: wire.NotSent, Reason: wire.ReasonBusy}
	select {
	case s.busy <- refusal:
	case <-ctx.Done():
	}
}

// write sends what is in the outbox until ctx ends or the network fails.
func (s *session) write(ctx context.Context) {
	again := time.NewTimer(0)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case refusal := <-s.busy:
			if s.forward(refusal) != nil {
				return
			}
			continue
		case <-again.C:
		case <-s.link.out.wake:
		}
		wait, err := s.flush()
		if err != nil {
			return
		}
		again.Stop()
		if wait > 0 {
			again.Reset(wait)
		}
	}
}

// flush sends what may be sent now. It returns when to look again, 0 for not
// before there is more.
func (s *session) flush() (time.Duration, error) {
	for {
		now := time.Now()
		wait := s.pacer.wait(now)
		message, retry := s.link.out.next(now, wait == 0)
		if message == nil {
			return max(wait, retry), nil
		}
		if _, all := message.(allJobs); all {
			s.link.out.send(fullList(s.link.cfg.Agent.Jobs()))
		} else if err := s.forward(message); err != nil {
			return 0, err
		}
	}
}

// fullList returns the frames of a list of all jobs, of the newest ones where
// there are more than a server keeps.
func fullList(jobs []wire.Job) []any {
	jobs = jobs[max(0, len(jobs)-wire.MaxJobs):]
	list := make([]any, 0, len(jobs)+2)
	list = append(list, wire.JobsBegin{Count: len(jobs)})
	for _, job := range jobs {
		list = append(list, job)
	}
	return append(list, wire.JobsEnd{})
}

// forward sends one message; one that may not be sent is left out.
func (s *session) forward(message any) error {
	data, err := wire.Encode(message)
	if err != nil {
		s.link.quiet.Warn("a message is kept from the server", "unsayable", "error", err)
		return nil
	}
	s.pacer.sent(len(data))
	return s.socket.write(data)
}
