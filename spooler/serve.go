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

// errEnding is why documents are given up when the printer ends.
var errEnding = errors.New("the printer is ending")

// Serve takes requests on the listeners until ctx ends, and closes them. Then
// it takes no new request, lets documents in progress come in for
// Limits.EndTimeout, gives up those that have not, and returns nil when the
// last request is answered and no goroutine is left that reads one. It returns
// earlier with an error if a listener fails.
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

// finishRequests waits for the requests in hand and, after a time, ends them.
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
