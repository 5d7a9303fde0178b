package cloud

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
)

// With small buffers, a pool for writing and a goroutine that is not the
// request's, an idle scout costs a third of what it would otherwise.
var upgrader = websocket.Upgrader{
	HandshakeTimeout: wire.HandshakeTime,
	ReadBufferSize:   512,
	WriteBufferSize:  1 << 10,
	WriteBufferPool:  new(sync.Pool),
	Subprotocols:     []string{wire.Subprotocol},
	CheckOrigin:      func(r *http.Request) bool { return len(r.Header.Values("Origin")) == 0 },
	Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		writeError(w, status, reason.Error(), "this address is for scouts")
	},
}

// scoutSocket serves GET /v1/scout.
func (s *Server) scoutSocket(w http.ResponseWriter, r *http.Request) {
	host := wire.HostName(r.Host)
	switch {
	case len(r.Header.Values("Origin")) > 0:
		writeError(w, http.StatusForbidden, "this address is not for web pages", "")
		return
	case !s.certs.coversHost(host):
		writeError(w, http.StatusMisdirectedRequest, "this server has another name", "")
		return
	case !wantsSubprotocol(r):
		writeError(w, http.StatusBadRequest, "the websocket subprotocol is not "+wire.Subprotocol, "this address is for scouts")
		return
	}
	counted := connOf(r.Context())
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	if !s.group.run(ws, func() { s.serveScout(ws, host, counted) }) {
		ws.Close()
	}
}

func wantsSubprotocol(r *http.Request) bool {
	for _, p := range websocket.Subprotocols(r) {
		if p == wire.Subprotocol {
			return true
		}
	}
	return false
}

// serveScout authenticates a scout and serves it until the connection ends.
func (s *Server) serveScout(ws *websocket.Conn, host string, counted *conn) {
	ws.SetReadLimit(wire.MaxFrame)
	withdrawn := s.withdrawn.Load()
	hello, scout, err := s.authenticateScout(ws, host)
	if err != nil {
		s.quiet.Warn("a scout was turned away", helloReason(err), "address", ws.RemoteAddr(), "error", err)
		return
	}
	if !counted.markProved(false, "") {
		return // closed meanwhile
	}
	p := newPeer(s, ws, scout, hello)
	defer p.endSession()
	err = p.openSession(hello)
	if err == nil {
		err = p.stillKnown(s.ctx, withdrawn)
	}
	if err != nil {
		s.log.Debug("a scout was lost", "scout", scout.ID, "error", err)
		return
	}
	s.log.Info("a scout is connected", "scout", scout.ID, "version", hello.Version)
	err = p.readFrames()
	s.log.Info("a scout is gone", "scout", scout.ID, "error", err)
}

// logTurnedAway logs why a connection was closed before anything was known of
// it.
func (s *Server) logTurnedAway(reason, address string, err error) {
	args := []any{"address", address}
	if err != nil {
		args = append(args, "error", err)
	}
	s.quiet.Warn("a connection was turned away", reason, args...)
}

// helloReason returns the reason by which the log counts a failed hello.
func helloReason(err error) string {
	for _, reason := range []error{ErrNotFound, errSignature, errNoHello} {
		if errors.Is(err, reason) {
			return reason.Error()
		}
	}
	return "lost before its hello"
}

var (
	errSignature = errors.New("the signature is not its own")
	errNoHello   = errors.New("it does not begin with a hello")
)

// authenticateScout makes the other end prove which scout it is.
func (s *Server) authenticateScout(ws *websocket.Conn, host string) (wire.Hello, Scout, error) {
	nonce := make([]byte, wire.NonceSize)
	rand.Read(nonce)
	if err := writeFrame(ws, wire.Challenge{Nonce: nonce}); err != nil {
		return wire.Hello{}, Scout{}, err
	}
	ws.SetReadDeadline(time.Now().Add(helloTime))
	message, err := readFrame(ws)
	if err != nil {
		return wire.Hello{}, Scout{}, err
	}
	hello, ok := message.(wire.Hello)
	if !ok {
		return wire.Hello{}, Scout{}, errNoHello
	}
	ctx, cancel := context.WithTimeout(s.ctx, wire.HandshakeTime)
	defer cancel()
	scout, err := s.registry.Scout(ctx, hello.Scout)
	if errors.Is(err, ErrNotFound) {
		writeFrame(ws, wire.Refused{Code: wire.CodeUnknown, Message: "this server does not know the scout"})
		return wire.Hello{}, Scout{}, fmt.Errorf("scout %s: %w", hello.Scout, err)
	}
	if err != nil {
		return wire.Hello{}, Scout{}, err
	}
	if !wire.VerifyHello(scout.Sign, nonce, scout.ID, host, hello.Signature) {
		writeFrame(ws, wire.Refused{Code: wire.CodeSignature, Message: "the signature is not the scout's"})
		return wire.Hello{}, Scout{}, fmt.Errorf("scout %s: %w", hello.Scout, errSignature)
	}
	return hello, scout, nil
}

// readFrame returns the message of the next frame, nil for an unknown type.
func readFrame(ws *websocket.Conn) (any, error) {
	kind, data, err := ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		return nil, errors.New("a binary frame")
	}
	message, err := wire.Decode(data)
	if errors.Is(err, wire.ErrUnknown) {
		return nil, nil
	}
	return message, err
}

func writeFrame(ws *websocket.Conn, message any) error {
	data, err := wire.Encode(message)
	if err != nil {
		return err
	}
	if err := ws.SetWriteDeadline(time.Now().Add(wire.WriteTime)); err != nil {
		return err
	}
	return ws.WriteMessage(websocket.TextMessage, data)
}
