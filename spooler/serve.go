package spooler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// errEnding is the cause with which unfinished documents are aborted when the
// printer ends.
var errEnding = errors.New("the printer is ending")

// Serve accepts requests on the listeners until ctx ends, and closes them.
// After that it accepts no new request, waits up to Limits.EndTimeout for
// documents in progress, aborts those that are not complete by then, and
// returns nil once the last request is answered and no goroutine reads one
// anymore. It returns an error earlier if a listener fails.
func (p *Printer) Serve(ctx context.Context, listeners ...net.Listener) error {
	p.selfCheck.SetListeners(listeners)
	srv := &http.Server{
		Handler:                      http.HandlerFunc(p.serveHTTP),
		DisableGeneralOptionsHandler: true,
		MaxHeaderBytes:               maxHeader,
		ReadHeaderTimeout:            p.limits.HeaderTimeout,
		ConnState: func(c net.Conn, s http.ConnState) {
			if s == http.StateNew {
				p.selfCheck.NoteAccepted(c)
			}
			p.connections.TrackState(c, s)
		},
		IdleTimeout: p.limits.IdleTimeout,
		ConnContext: p.withClient,
		ErrorLog:    slog.NewLogLogger(p.cfg.Log.Handler(), slog.LevelWarn),
	}
	var accepting sync.WaitGroup
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		accepting.Go(func() { failed <- srv.Serve(l) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		err = fmt.Errorf("listening for print jobs: %w", err)
	}
	p.refuseRequests()
	srv.SetKeepAlivesEnabled(false)
	for _, l := range listeners {
		l.Close()
	}
	p.finishRequests()
	srv.Close()
	accepting.Wait()
	p.identifying.Wait()
	return err
}

// finishRequests waits for the requests in progress and, after EndTimeout, ends
// them.
func (p *Printer) finishRequests() {
	done := make(chan struct{})
	go func() { p.inProgress.Wait(); close(done) }()
	late := time.NewTimer(p.limits.EndTimeout)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
	p.endLifetime(errEnding)
	p.jobs.abortUnfinished()
	<-done
}
