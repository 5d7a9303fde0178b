package cloudlink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
)

const (
	dialTime = 30 * time.Second
	// A server may send this much before the websocket stands: certificates
	// and headers.
	maxPreamble = 256 << 10
	// It may send this much after that: the 20,000 frames of wire.Rate, if all
	// were orders.
	maxFlow    = 8 << 20
	flowWindow = 10 * time.Second
	// A message has at most this many pieces, each as the network brings it,
	// and is complete this soon after its beginning.
	maxPieces   = 1 << 10
	messageTime = 10 * time.Second
)

const errFlood = protocolError("the server floods this scout")

// socket is one websocket with one reading and one writing goroutine.
type socket struct {
	ws      *websocket.Conn
	silence time.Duration
	rate    wire.Rate
	release func() bool
	deadAt  time.Time // when the connection counts as dead
	wholeBy time.Time // when the message that has begun has to be complete; zero between messages
}

// limitedConn limits the bytes that are read: before the websocket stands,
// where the libraries below would accept header lines without end, and after,
// where they would accept empty fragments without end.
type limitedConn struct {
	net.Conn
	stands atomic.Bool
	count  int64 // in the present window; one goroutine reads at a time
	window time.Time
}

func (g *limitedConn) Read(p []byte) (int, error) {
	if !g.stands.Load() {
		if g.count >= maxPreamble {
			return 0, errors.New("the server sends too much before the websocket stands")
		}
	} else if age := time.Since(g.window); age > flowWindow {
		g.window, g.count = time.Now(), 0
	} else if g.count >= maxFlow {
		return 0, errFlood
	}
	n, err := g.Conn.Read(p)
	g.count += int64(n)
	return n, err
}

// dialSocket opens the websocket, and closes it when ctx ends, at whatever
// step.
func (l *Link) dialSocket(ctx context.Context) (*socket, error) {
	var under *limitedConn
	cut := func() bool { return true }
	dialer := websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		TLSClientConfig:  l.tlsConfig(),
		HandshakeTimeout: dialTime,
		ReadBufferSize:   1 << 10,
		WriteBufferSize:  1 << 10,
		Subprotocols:     []string{wire.Subprotocol},
		NetDialContext: func(dialing context.Context, network, addr string) (net.Conn, error) {
			conn, err := l.cfg.Dial(dialing, network, addr)
			if err != nil {
				return nil, err
			}
			under = &limitedConn{Conn: conn}
			cut = context.AfterFunc(ctx, func() { conn.Close() })
			return under, nil
		},
	}
	ws, resp, err := dialer.DialContext(ctx, "wss://"+l.server.Host+"/v1/scout", nil)
	if err != nil {
		cut()
		return nil, upgradeError(resp, err)
	}
	under.stands.Store(true)
	s := &socket{ws: ws, silence: wire.HandshakeTime, release: cut}
	if err := s.setUp(resp); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// setUp checks what was negotiated and sets the limits of the websocket.
func (s *socket) setUp(resp *http.Response) error {
	if s.ws.Subprotocol() != wire.Subprotocol {
		return protocolError("the server does not speak " + wire.Subprotocol)
	}
	// It was never offered; accepted, it would let 64 KiB unpack into much more.
	if resp.Header.Get("Sec-Websocket-Extensions") != "" {
		return protocolError("the server insists on a websocket extension")
	}
	s.ws.SetReadLimit(wire.MaxFrame)
	s.ws.SetPingHandler(func(data string) error {
		if !s.rate.Allow(time.Now()) {
			return errFlood
		}
		s.extendDeadline()
		return s.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(wire.WriteTime))
	})
	return nil
}

// extendDeadline puts off the moment when the connection counts as dead, but
// not the one by which a message has to be complete.
func (s *socket) extendDeadline() {
	s.deadAt = time.Now().Add(s.silence)
	s.setDeadline()
}

// setDeadline sets the earlier of the two moments.
func (s *socket) setDeadline() {
	at := s.deadAt
	if !s.wholeBy.IsZero() && s.wholeBy.Before(at) {
		at = s.wholeBy
	}
	s.ws.SetReadDeadline(at)
}

// readMessage returns the next message of a known type.
func (s *socket) readMessage() (any, error) {
	for {
		kind, pieces, err := s.ws.NextReader()
		if err != nil {
			return nil, fmt.Errorf("reading from the server: %w", err)
		}
		if kind != websocket.TextMessage {
			return nil, protocolError("the server sends binary frames")
		}
		if !s.rate.Allow(time.Now()) {
			return nil, errFlood
		}
		data, err := s.readPieces(pieces)
		if err != nil {
			return nil, err
		}
		message, err := wire.Decode(data)
		if errors.Is(err, wire.ErrUnknown) {
			continue
		}
		if err != nil {
			return nil, protocolError(err.Error())
		}
		return message, nil
	}
}

// readPieces reads a message to its end. The websocket library limits its
// size.
func (s *socket) readPieces(pieces io.Reader) ([]byte, error) {
	s.wholeBy = time.Now().Add(messageTime)
	s.setDeadline()
	defer func() {
		s.wholeBy = time.Time{}
		s.setDeadline()
	}()
	var message bytes.Buffer
	piece := make([]byte, 2<<10)
	for range maxPieces {
		n, err := pieces.Read(piece)
		message.Write(piece[:n])
		if errors.Is(err, io.EOF) {
			return message.Bytes(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading from the server: %w", err)
		}
	}
	return nil, protocolError("the server sends a message in too many fragments")
}

func (s *socket) writeFrame(data []byte) error {
	if err := s.ws.SetWriteDeadline(time.Now().Add(wire.WriteTime)); err != nil {
		return fmt.Errorf("writing to the server: %w", err)
	}
	if err := s.ws.WriteMessage(websocket.TextMessage, data); err != nil {
		return fmt.Errorf("writing to the server: %w", err)
	}
	return nil
}

// close sends a close frame, if the network takes it at once, and closes.
func (s *socket) close() {
	s.release()
	s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	s.ws.Close()
}

// upgradeError returns the error for a server that did not open the websocket.
func upgradeError(resp *http.Response, err error) error {
	if resp == nil {
		return fmt.Errorf("connecting to the server: %w", err)
	}
	if resp.StatusCode == http.StatusServiceUnavailable {
		seconds, convErr := strconv.Atoi(resp.Header.Get("Retry-After"))
		if convErr == nil && seconds > 0 {
			return unavailableError{after: time.Duration(min(seconds, 1<<20)) * time.Second}
		}
	}
	return fmt.Errorf("connecting to the server: it answered with status %d: %w", resp.StatusCode, err)
}
