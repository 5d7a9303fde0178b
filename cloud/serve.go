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
	drainGrace  = 2 * time.Second     // for scouts to disconnect by themselves
	stopGrace   = 5 * time.Second     // for requests to be answered
	rememberFor = 90 * 24 * time.Hour // for finished orders
	longestWait = time.Minute         // of a long poll
	// returnRate is how many scouts per second come back after a planned
	// restart: a third of what two cores handle.
	returnRate = 300
)

// Serve serves on l until ctx ends; then it sends the scouts away and returns
// nil. It may be called once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if err := s.certs.refreshLeaf(); err != nil {
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
	s.listener = newListener(l, s.bounds, s.logTurnedAway)
	defer s.listener.Close()
	failed := make(chan error, 1)
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { failed <- server.Serve(tls.NewListener(s.listener, s.certs.tlsConfig())) })
	keeping, stop := context.WithCancel(ctx)
	defer stop()
	parts.Go(func() { s.runTimers(keeping) })
	select {
	case err := <-failed:
		s.stopServing(server)
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
		s.stopServing(server)
		return nil
	}
}

// stopServing ends the listener, the scouts' connections and the requests, in
// this order.
func (s *Server) stopServing(server *http.Server) {
	close(s.draining)
	var parts sync.WaitGroup
	parts.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopGrace)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			server.Close()
		}
	})
	s.drainScouts()
	s.cancel()
	s.group.endAll()
	parts.Wait()
}

// drainScouts tells every scout to come back later and waits until they have
// disconnected.
func (s *Server) drainScouts() {
	peers := s.router.allPeers()
	delay := min(max(len(peers)/returnRate, 1), 300)
	var telling sync.WaitGroup
	for _, p := range peers {
		telling.Go(func() { p.sendMessage(wire.Drain{DelaySeconds: delay}) })
	}
	timer := time.NewTimer(drainGrace)
	defer timer.Stop()
	for _, p := range peers {
		select {
		case <-p.gone:
		case <-timer.C:
			s.group.endAll() // unblocks pending sends
			telling.Wait()
			return
		}
	}
	telling.Wait()
}

// runTimers does what is due by the clock until ctx ends.
func (s *Server) runTimers(ctx context.Context) {
	second, often := time.NewTicker(time.Second), time.NewTicker(2*time.Second)
	minutely, hourly := time.NewTicker(time.Minute), time.NewTicker(time.Hour)
	defer second.Stop()
	defer minutely.Stop()
	defer often.Stop()
	defer hourly.Stop()
	s.forgetOld(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-second.C:
			s.endWithdrawn(ctx)
			s.expireOrders(ctx)
		case <-often.C:
			s.loadDirectory(false)
		case <-minutely.C:
			s.index.dropExpired(s.cfg.Now())
			if err := s.registry.ForgetRequests(ctx, s.cfg.Now().Add(-requestsFor), requestsMost); err != nil {
				s.logError(ctx, "old requests were not forgotten", err)
			}
		case <-hourly.C:
			s.forgetOld(ctx)
			if err := s.certs.refreshLeaf(); err != nil {
				s.log.Error("the certificate was not renewed", "error", err)
			}
		}
	}
}

// expireOrders expires the orders that were never sent while they were valid.
func (s *Server) expireOrders(ctx context.Context) {
	now := s.cfg.Now()
	due, err := s.registry.DueOrders(ctx, now)
	if err != nil {
		s.logError(ctx, "orders were not expired", err)
		return
	}
	for _, o := range due {
		reason := "the scout was not connected until " + o.Expires.Format(time.RFC3339)
		if s.router.Online(o.Scout) {
			reason = "the scout was busy with earlier orders until " + o.Expires.Format(time.RFC3339)
		}
		if _, err := s.registry.ExpireOrder(ctx, o.ID, reason, now); err != nil {
			s.logError(ctx, "an order was not expired", err)
			return
		}
		s.watch.notify(o.ID)
	}
}

func (s *Server) forgetOld(ctx context.Context) {
	if err := s.registry.ForgetOld(ctx, s.cfg.Now().Add(-rememberFor)); err != nil {
		s.logError(ctx, "old orders were not forgotten", err)
	}
}

// logError logs an error unless it only means that the server stops.
func (s *Server) logError(ctx context.Context, what string, err error) {
	if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		s.log.Error(what, "error", err)
	}
}

// loadDirectory loads the directory if it has changed and tells the scouts.
func (s *Server) loadDirectory(inAnyCase bool) {
	if s.served.loadFile(s.ctx, inAnyCase) {
		s.group.run(nil, s.announceDirectory)
	}
}

// announceDirectory tells the scouts about the directory, at most 500 a
// second, so that they do not all fetch it at once.
func (s *Server) announceDirectory() {
	pace := time.NewTicker(2 * time.Millisecond)
	defer pace.Stop()
	edition := s.served.edition()
	for _, p := range s.router.allPeers() {
		select {
		case <-s.ctx.Done():
			return
		case <-pace.C:
			s.router.Send(p.scout.ID, wire.DirectoryChanged{Edition: edition})
		}
	}
}
