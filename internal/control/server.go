package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/printscout/printscout/internal/identity"
)

// maxBody is more than any request needs; a bundle has about 1 KB.
const maxBody = 64 << 10

// Server answers on a socket.
type Server struct {
	agent Agent
	log   *slog.Logger
	http  *http.Server
	times times

	audits  *audits
	streams streams
}

// NewServer makes a Server for an Agent.
func NewServer(a Agent, log *slog.Logger) *Server {
	s := &Server{agent: a, log: log, times: ordinary, audits: newAudits(log)}
	mux := http.NewServeMux()
	for _, route := range Routes() {
		mux.Handle(route.Method+" "+route.Pattern, s.handler(route))
	}
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      maxWait + ordinary.answer, // where nothing shorter is set
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ConnContext:       withConnection,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return s
}

// Serve answers until ctx ends, then lets what is being answered end for a
// moment. Each account is held to the bounds of bounds.go.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	return s.serve(ctx, admit(l, connectionsFor(descriptors())))
}

func (s *Server) serve(ctx context.Context, l *admission) error {
	defer l.unfinished.Wait()
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		s.streams.stop()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if s.http.Shutdown(grace) != nil {
			s.http.Close()
		}
	})
	err := s.http.Serve(l)
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("answering on the control socket: %w", err)
}

type connectionKey struct{}

// peer is what the kernel says of the other end.
type peer struct {
	identity.Peer
	err error
}

func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

func (s *Server) handler(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := r.Context().Value(connectionKey{}).(*connection)
		if !ok {
			s.refuse(w, permit(route, peer{}, false))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			s.refuse(w, &Error{CodeUsage, "the request could not be read: " + err.Error(), ""})
			return
		}
		// ReadTimeout was for the body; what is asked may take longer.
		http.NewResponseController(w).SetReadDeadline(time.Time{})
		s.answer(w, route, c, request{Request: r, body: body})
	})
}

// answer does what a route does, in one of its account's places for work.
func (s *Server) answer(w http.ResponseWriter, route Route, c *connection, q request) {
	q.place, q.about = &place{of: c.account, patience: s.times.work}, newSubject(q.Request)
	if !q.place.take(q.Context()) {
		s.refuse(w, errBusy)
		return
	}
	defer q.place.leave()
	who := c.who()
	q.caller = who.Peer
	var status int
	var answer any
	err := permit(route, who, true)
	if err == nil {
		status, answer, err = route.do(s, q)
	}
	if route.Audited {
		s.audits.add(route, c.key, who.UID, q.about, err)
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.write(w, status, answer)
}

func permit(route Route, p peer, ok bool) error {
	if !ok || p.err != nil {
		return &Error{CodeNotPermitted, "the system does not say who is calling", ""}
	}
	if route.Who == Admin && !p.Admin {
		return &Error{CodeNotPermitted, "this needs an administrator", AsAdministrator}
	}
	return nil
}

func (s *Server) refuse(w http.ResponseWriter, err error) {
	e := asError(err)
	s.write(w, statuses[e.Code], e)
}

// sender is an answer that is made while it is sent.
type sender interface {
	contentType() string
	send(http.ResponseWriter, times) error
}

func (s *Server) write(w http.ResponseWriter, status int, v any) {
	long, ok := v.(sender)
	if !ok {
		long = whole{v}
	}
	w.Header().Set("Content-Type", long.contentType())
	w.WriteHeader(status)
	err := long.send(w, s.times)
	if err != nil {
		s.log.Debug("an answer on the control socket was not taken", "error", err)
	}
}

// whole is an answer that is sent in one.
type whole struct{ v any }

func (whole) contentType() string { return "application/json" }

func (a whole) send(w http.ResponseWriter, t times) error {
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(t.write)); err != nil {
		return fmt.Errorf("sending an answer: %w", err)
	}
	return json.NewEncoder(w).Encode(a.v)
}
