package cloudlink

import (
	"context"
	"errors"
	"fmt"
	"math"
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
)

// socket is one websocket. One goroutine reads, one writes.
type socket struct {
	ws      *websocket.Conn
	silence time.Duration
	rate    wire.Rate
	release func() bool
}

// guard bounds what is read before the websocket stands, where the
// libraries beneath would take header lines without end.
type guard struct {
	net.Conn
	left atomic.Int64
}

func (g *guard) Read(p []byte) (int, error) {
	if g.left.Load() <= 0 {
		return 0, errors.New("the server sends too much before the websocket stands")
	}
	n, err := g.Conn.Read(p)
	g.left.Add(-int64(n))
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
			under.left.Store(maxPreamble)
			cut = context.AfterFunc(ctx, func() { conn.Close() })
			return under, nil
		},
	}
	ws, resp, err := dialer.DialContext(ctx, "wss://"+l.server.Host+"/v1/scout", nil)
	if err != nil {
		cut()
		return nil, upgradeError(resp, err)
	}
	under.left.Store(math.MaxInt64)
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
			return protocolError("the server floods this scout")
		}
		s.awake()
		return s.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(wire.WriteTime))
	})
	return nil
}

// awake puts off the moment the connection counts as dead.
func (s *socket) awake() { s.ws.SetReadDeadline(time.Now().Add(s.silence)) }

// read returns the next message of a known type.
func (s *socket) read() (any, error) {
	for {
		kind, data, err := s.ws.ReadMessage()
		if err != nil {
			return nil, fmt.Errorf("reading from the server: %w", err)
		}
		if kind != websocket.TextMessage {
			return nil, protocolError("the server sends binary frames")
		}
		if !s.rate.Allow(time.Now()) {
			return nil, protocolError("the server floods this scout")
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
