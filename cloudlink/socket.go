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
	// What a server may send before the websocket stands: certificates and headers.
	maxPreamble = 256 << 10
	// What it may send after that: the 20,000 frames of wire.Rate, were they orders.
	maxFlow    = 8 << 20
	flowWindow = 10 * time.Second
	// A message has this many pieces at most, each as the network brings it,
	// and is whole this soon after its beginning.
	maxPieces   = 1 << 10
	messageTime = 10 * time.Second
)

const floods = protocolError("the server floods this scout")

// socket is one websocket. One goroutine reads, one writes.
type socket struct {
	ws      *websocket.Conn
	silence time.Duration
	rate    wire.Rate
	release func() bool
	dead    time.Time // when the connection counts as dead
	whole   time.Time // when the message that has begun has to be whole; zero between messages
}

// guard bounds the bytes that are read: before the websocket stands, where the
// libraries beneath would take header lines without end, and after, where
// they would take empty fragments without end.
type guard struct {
	net.Conn
	stands atomic.Bool
	count  int64 // in the present window; one goroutine reads at a time
	window time.Time
}

func (g *guard) Read(p []byte) (int, error) {
	if !g.stands.Load() {
		if g.count >= maxPreamble {
			return 0, errors.New("the server sends too much before the websocket stands")
		}
	} else if age := time.Since(g.window); age > flowWindow {
		g.window, g.count = time.Now(), 0
	} else if g.count >= maxFlow {
		return 0, floods
	}
	n, err := g.Conn.Read(p)
	g.count += int64(n)
	return n, err
}

// dial opens the websocket; it is cut off when ctx ends, at whatever step.
func (l *Link) dial(ctx context.Context) (*socket, error) {
	var under *guard
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
			under = &guard{Conn: conn}
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

func (s *socket) setUp(resp *http.Response) error {
	if s.ws.Subprotocol() != wire.Subprotocol {
		return protocolError("the server does not speak " + wire.Subprotocol)
	}
	// Never offered; taken all the same, it would let 64 KiB unpack into much more.
	if resp.Header.Get("Sec-Websocket-Extensions") != "" {
		return protocolError("the server insists on a websocket extension")
	}
	s.ws.SetReadLimit(wire.MaxFrame)
	s.ws.SetPingHandler(func(data string) error {
		if !s.rate.Allow(time.Now()) {
			return floods
		}
		s.awake()
		return s.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(wire.WriteTime))
	})
	return nil
}

// awake puts off the moment the connection counts as dead, but not the one
// by which a message has to be whole.
func (s *socket) awake() {
	s.dead = time.Now().Add(s.silence)
	s.expect()
}

// expect sets the nearer of the two.
func (s *socket) expect() {
	at := s.dead
	if !s.whole.IsZero() && s.whole.Before(at) {
		at = s.whole
	}
	s.ws.SetReadDeadline(at)
}

// read returns the next message of a known type.
func (s *socket) read() (any, error) {
	for {
		kind, pieces, err := s.ws.NextReader()
		if err != nil {
			return nil, fmt.Errorf("reading from the server: %w", err)
		}
		if kind != websocket.TextMessage {
			return nil, protocolError("the server sends binary frames")
		}
		if !s.rate.Allow(time.Now()) {
			return nil, floods
		}
		data, err := s.join(pieces)
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

// join reads a message to its end. gorilla bounds its size.
func (s *socket) join(pieces io.Reader) ([]byte, error) {
	s.whole = time.Now().Add(messageTime)
	s.expect()
	defer func() {
		s.whole = time.Time{}
		s.expect()
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

func (s *socket) write(data []byte) error {
	if err := s.ws.SetWriteDeadline(time.Now().Add(wire.WriteTime)); err != nil {
		return fmt.Errorf("writing to the server: %w", err)
	}
	if err := s.ws.WriteMessage(websocket.TextMessage, data); err != nil {
		return fmt.Errorf("writing to the server: %w", err)
	}
	return nil
}

// close says goodbye, if the network takes it at once, and closes.
func (s *socket) close() {
	s.release()
	s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	s.ws.Close()
}

// upgradeError makes an error of a server that did not open the websocket.
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
