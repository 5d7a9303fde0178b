package cloud

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

const (
	drainGrace  = 2 * time.Second     // for scouts to go by themselves
	stopGrace   = 5 * time.Second     // for requests to be answered
	rememberFor = 90 * 24 * time.Hour // finished orders
	longestWait = time.Minute         // of a long poll
	// returnRate is how many scouts a second come back after a planned
	// restart: a third of what two cores take.
	returnRate = 300
)

// Serve answers on l until ctx ends; then it sends the scouts away and
// returns nil. It may be called once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if err := s.certs.refresh(); err != nil {
		return errors.Join(err, l.Close())
	}
	s.loadDirectory(true)
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      longestWait + 30*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return s.ctx },
		ConnContext:       withConn,
		ConnState:         noteState,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	if err := s.noteWithdrawals(ctx); err != nil {
		return errors.Join(err, l.Close())
	}
	s.gate = newListener(l, s.bounds, s.turnedAway)
	defer s.gate.Close()
	failed := make(chan error, 1)
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { failed <- server.Serve(tls.NewListener(s.gate, s.certs.config())) })
	keeping, stop := context.WithCancel(ctx)
	defer stop()
	parts.Go(func() { s.keepTime(keeping) })
	select {
	case err := <-failed:
		s.stop(server)
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
		s.stop(server)
		return nil
	}
}

// stop ends the listener, the scouts' connections and the requests, in this order.
func (s *Server) stop(server *http.Server) {
	close(s.draining)
	var parts sync.WaitGroup
	parts.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			server.Close()
		}
	})
	s.drain()
	s.cancel()
	s.group.end()
	parts.Wait()
}

// drain tells every scout to come back later and waits for them to go.
func (s *Server) drain() {
	peers := s.router.all()
	delay := min(max(len(peers)/returnRate, 1), 300)
	var telling sync.WaitGroup
	for _, p := range peers {
		telling.Go(func() { p.send(wire.Drain{DelaySeconds: delay}) })
	}
	timer := time.NewTimer(drainGrace)
	defer timer.Stop()
	for _, p := range peers {
		select {
		case <-p.gone:
		case <-timer.C:
			s.group.end() // unblocks what still tells
			telling.Wait()
			return
		}
	}
	telling.Wait()
}

// keepTime does what is due by the clock until ctx ends.
func (s *Server) keepTime(ctx context.Context) {
	second, often := time.NewTicker(time.Second), time.NewTicker(2*time.Second)
	minutely, hourly := time.NewTicker(time.Minute), time.NewTicker(time.Hour)
	defer second.Stop()
	defer minutely.Stop()
	defer often.Stop()
	defer hourly.Stop()
	s.forget(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-second.C:
			s.withdraw(ctx)
			s.expire(ctx)
		case <-often.C:
			s.loadDirectory(false)
		case <-minutely.C:
			s.index.expire(s.cfg.Now())
			if err := s.registry.ForgetRequests(ctx, s.cfg.Now().Add(-requestsFor), requestsMost); err != nil {
				s.complain(ctx, "old requests were not forgotten", err)
			}
		case <-hourly.C:
			s.forget(ctx)
			if err := s.certs.refresh(); err != nil {
				s.log.Error("the certificate was not renewed", "error", err)
			}
		}
	}
}

// expire ends the orders that were never sent while they were valid.
func (s *Server) expire(ctx context.Context) {
	now := s.cfg.Now()
	due, err := s.registry.Due(ctx, now)
	if err != nil {
		s.complain(ctx, "orders were not expired", err)
		return
	}
	for _, o := range due {
		reason := "the scout was not connected until " + o.Expires.Format(time.RFC3339)
		if s.router.Online(o.Scout) {
			reason = "the scout was busy with earlier orders until " + o.Expires.Format(time.RFC3339)
		}
		if _, err := s.registry.Expire(ctx, o.ID, reason, now); err != nil {
			s.complain(ctx, "an order was not expired", err)
			return
		}
		s.watch.changed(o.ID)
	}
}

func (s *Server) forget(ctx context.Context) {
	if err := s.registry.Forget(ctx, s.cfg.Now().Add(-rememberFor)); err != nil {
		s.complain(ctx, "old orders were not forgotten", err)
	}
}

func (s *Server) complain(ctx context.Context, what string, err error) {
	if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		s.log.Error(what, "error", err)
	}
}

// loadDirectory loads the directory if it has changed and tells the scouts.
func (s *Server) loadDirectory(inAnyCase bool) {
	if s.served.load(s.ctx, inAnyCase) {
		s.group.run(nil, s.announce)
	}
}

// announce tells the scouts of the directory, 500 of them a second at most,
// so that they do not all come for it at once.
func (s *Server) announce() {
	pace := time.NewTicker(2 * time.Millisecond)
	defer pace.Stop()
	edition := s.served.edition()
	for _, p := range s.router.all() {
		select {
		case <-s.ctx.Done():
			return
		case <-pace.C:
			s.router.Send(p.scout.ID, wire.DirectoryChanged{Edition: edition})
		}
	}
}
