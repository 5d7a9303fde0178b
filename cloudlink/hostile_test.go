package cloudlink

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
)

func TestServersThatMisbehave(t *testing.T) {
	const stranger = "does not behave like a release server"
	for name, test := range map[string]struct {
		do   func(p *peer)
		says string
	}{
		"closes at once":          {func(p *peer) { p.ws.Close() }, "cannot be reached"},
		"closes after challenge":  {func(p *peer) { p.sendMessages(wire.Challenge{Nonce: make([]byte, wire.NonceSize)}); p.ws.Close() }, "cannot be reached"},
		"closes after hello":      {func(p *peer) { p.sendChallenge(); p.ws.Close() }, "cannot be reached"},
		"closes after welcome":    {func(p *peer) { p.sendWelcome(wire.Welcome{}); p.ws.Close() }, "cannot be reached"},
		"closes after order":      {func(p *peer) { p.sendWelcome(wire.Welcome{}); p.sendMessages(newOrder("o1")); p.ws.Close() }, "cannot be reached"},
		"begins with a welcome":   {func(p *peer) { p.sendMessages(wire.Welcome{Now: time.Now()}) }, stranger},
		"answers with an order":   {func(p *peer) { p.sendChallenge(); p.sendMessages(newOrder("o1")) }, stranger},
		"welcomes twice":          {func(p *peer) { p.sendWelcome(wire.Welcome{}); p.sendMessages(wire.Welcome{Now: time.Now()}) }, stranger},
		"speaks like a scout":     {func(p *peer) { p.sendWelcome(wire.Welcome{}); p.sendMessages(wire.JobGone{ID: "a"}) }, stranger},
		"garbage for a challenge": {func(p *peer) { p.sendRaw([]byte("\x00\xff{{{")) }, stranger},
		"garbage later":           {func(p *peer) { p.sendWelcome(wire.Welcome{}); p.sendRaw([]byte(`{"t":"order","id":1}`)) }, stranger},
		"binary":                  {func(p *peer) { p.sendWelcome(wire.Welcome{}); p.ws.WriteMessage(websocket.BinaryMessage, []byte(`{}`)) }, stranger},
		"a short nonce":           {func(p *peer) { p.sendRaw([]byte(`{"t":"challenge","n":"AAAA"}`)) }, stranger},
		"a huge frame":            {func(p *peer) { p.sendWelcome(wire.Welcome{}); p.sendRaw(bytes.Repeat([]byte("x"), 1<<20)) }, "read limit exceeded"},
		"a huge ping rate":        {floodPings, "flood"},
		"a flood of text":         {floodText, "flood"},
		"fragments without end":   {floodFragments(0), "flood"},
		"a message of crumbs":     {floodFragments(1), "too many fragments"},
		"refuses: unknown":        {sendRefused(wire.CodeUnknown), "does not know this scout: enroll it again"},
		"refuses: signature":      {sendRefused(wire.CodeSignature), "does not accept this scout's key: enroll it again"},
		"refuses: too old":        {sendRefused(wire.CodeOld), "too old"},
		"refuses: something":      {sendRefused("blue-moon"), "the server refused this scout: no \\ entry"},
		"refuses later":           {func(p *peer) { p.sendWelcome(wire.Welcome{}); p.sendMessages(wire.Refused{Code: wire.CodeUnknown}) }, "enroll it again"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.start()
			p := f.nextPeer()
			test.do(p)
			p.wantClosed()
			again := f.nextPeer()
			if s := f.link.Status(); s.Connected || !strings.Contains(s.LastError, test.says) || s.Retry.IsZero() {
				t.Errorf("status %+v, want an error with %q", s, test.says)
			}
			again.sendWelcome(wire.Welcome{WantJobs: true}) // the server is itself again
			again.receiveMessage()
			if s := f.link.Status(); !s.Connected || s.LastError != "" {
				t.Errorf("status %+v after recovery", s)
			}
		})
	}
}

func sendRefused(code string) func(*peer) {
	return func(p *peer) {
		p.sendChallenge()
		p.sendMessages(wire.Refused{Code: code, Message: "no \\ entry\x1b[31m"})
	}
}

func floodText(p *peer) {
	p.sendWelcome(wire.Welcome{})
	for range 1 << 20 {
		if p.sendRaw([]byte(`{"t":"from-the-future"}`)) != nil {
			return
		}
	}
}

// floodFragments begins a message and goes on with fragments of so many bytes.
func floodFragments(size byte) func(*peer) {
	return func(p *peer) {
		p.sendWelcome(wire.Welcome{})
		conn := p.ws.NetConn()
		conn.SetWriteDeadline(time.Now().Add(patient))
		const text, continuation = 0x1, 0x0 // without the bit that says it is the last (RFC 6455 §5.2)
		conn.Write([]byte{text, 1, '{'})
		fragment := append([]byte{continuation, size}, bytes.Repeat([]byte(" "), int(size))...)
		for many := bytes.Repeat(fragment, 4<<10); ; {
			if _, err := conn.Write(many); err != nil {
				return
			}
		}
	}
}

// floodPings leaves reading the pongs to the caller, so that it is the scout that gives up.
func floodPings(p *peer) {
	p.sendWelcome(wire.Welcome{})
	go func() {
		for range 1 << 20 {
			if p.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(patient)) != nil {
				return
			}
		}
	}()
}

func TestUpgradesThatAreNone(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(f *fake, w http.ResponseWriter, r *http.Request)
		says   string
		wait   time.Duration
	}{
		"not found": {func(_ *fake, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, "status 404", time.Second},
		"redirect": {func(_ *fake, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, "status 302", time.Second},
		"busy": {func(_ *fake, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(503)
		}, "status 503", time.Second},
		"another subprotocol": {func(f *fake, w http.ResponseWriter, r *http.Request) {
			f.upgrade.Subprotocols = nil
			f.accept(w, r)
		}, "does not speak", time.Second},
		"an extension not offered": {func(f *fake, w http.ResponseWriter, r *http.Request) {
			hijackUpgrade(w, r, "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n")
		}, "extension", time.Second},
		"headers without end": {func(f *fake, w http.ResponseWriter, r *http.Request) {
			hijackUpgrade(w, r, strings.Repeat("X-Flood: "+strings.Repeat("x", 1000)+"\r\n", 2000))
		}, "too much", time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			var done atomic.Bool
			f.routes = http.NewServeMux()
			f.routes.HandleFunc("GET /v1/scout", func(w http.ResponseWriter, r *http.Request) {
				if done.Swap(true) {
					f.upgrade.Subprotocols = []string{wire.Subprotocol}
					f.accept(w, r)
				} else {
					test.answer(f, w, r)
				}
			})
			f.start()
			var p *peer
			for p = f.nextPeer(); p.ws.Subprotocol() == ""; p = f.nextPeer() {
			}
			if s := f.link.Status(); s.Connected || !strings.Contains(s.LastError, test.says) {
				t.Errorf("status %+v, want an error with %q", s, test.says)
			}
			if most := <-f.delays; most != test.wait {
				t.Errorf("waits up to %v, want %v", most, test.wait)
			}
		})
	}
}

// hijackUpgrade answers an upgrade by hand, with a header of its own.
func hijackUpgrade(w http.ResponseWriter, r *http.Request, header string) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Protocol: %s\r\nSec-WebSocket-Accept: %s\r\n%s\r\n", wire.Subprotocol, acceptKey(r), header)
	rw.Flush()
	conn.SetReadDeadline(time.Now().Add(patient))
	io.Copy(io.Discard, conn)
}

func TestRetryAfterIsKept(t *testing.T) {
	f := newFake(t)
	f.run(func(time.Duration) time.Duration { return time.Second })
	for after, want := range map[time.Duration]time.Duration{7 * time.Second: 8 * time.Second, time.Hour: 301 * time.Second} {
		if got := f.link.retryDelay(0, unavailableError{after: after}); got != want && got != want-time.Second {
			t.Errorf("waits %v after Retry-After %v, want %v", got, after, want)
		}
	}
}

func TestCertificatesThatAreNotTheServers(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(t *testing.T, f *fake)
		says  string
	}{
		"another CA": {func(t *testing.T, f *fake) {
			f.tls.Certificates = []tls.Certificate{newAuthority(t).issueLeaf(t, time.Now().Add(time.Hour), "localhost")}
		}, "no reason to trust"},
		"the CA shown, but the leaf of another": {func(t *testing.T, f *fake) {
			leaf := newAuthority(t).issueLeaf(t, time.Now().Add(time.Hour), "localhost")
			leaf.Certificate = append(leaf.Certificate, f.ca.cert.Raw)
			f.tls.Certificates = []tls.Certificate{leaf}
		}, "no reason to trust"},
		"another name": {func(t *testing.T, f *fake) {
			f.tls.Certificates = []tls.Certificate{f.ca.issueLeaf(t, time.Now().Add(time.Hour), "print.example.org")}
		}, "no reason to trust"},
		"expired": {func(t *testing.T, f *fake) {
			f.tls.Certificates = []tls.Certificate{f.ca.issueLeaf(t, time.Now().Add(-time.Minute), "localhost")}
		}, "clock"},
		"not of the OS's roots": {func(_ *testing.T, f *fake) { f.pin = "" }, "no reason to trust"},
		"TLS 1.1":               {func(_ *testing.T, f *fake) { f.tls.MinVersion, f.tls.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, "cannot be reached"},
		"TLS 1.2 without an AEAD": {func(_ *testing.T, f *fake) {
			f.tls.MaxVersion = tls.VersionTLS12
			f.tls.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
		}, "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			test.spoil(t, f)
			f.start()
			for range 3 { // two whole attempts
				<-f.delays
			}
			if s := f.link.Status(); s.Connected || !strings.Contains(s.LastError, test.says) {
				t.Errorf("status %+v, want an error with %q", s, test.says)
			}
			if n := f.requests.Load(); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

func TestOrderBomb(t *testing.T) {
	const bombs = 2000
	f := newFake(t)
	var now, most atomic.Int64
	release := make(chan struct{})
	f.agent.order = func(context.Context, wire.Order) wire.Result {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		<-release
		return wire.Result{State: wire.Delivered}
	}
	f.start()
	p := f.welcomePeer(wire.Welcome{})
	go func() {
		for i := range bombs {
			data, _ := wire.Encode(newOrder(fmt.Sprintf("o%d", i)))
			if p.sendRaw(data) != nil {
				return
			}
		}
	}()
	for i := range bombs - wire.OrderWindow {
		if r := p.receiveResult(); r.State != wire.NotSent || r.Reason != wire.ReasonBusy {
			t.Fatalf("result %d: %+v", i, r)
		}
	}
	close(release)
	for range wire.OrderWindow {
		if r := p.receiveResult(); r.State != wire.Delivered {
			t.Fatalf("result %+v", r)
		}
	}
	if n := most.Load(); n != wire.OrderWindow {
		t.Errorf("%d orders at once, want %d", n, wire.OrderWindow)
	}
}

// A server that sends orders and never reads must not make the scout hoard answers.
func TestOrderBombUnread(t *testing.T) {
	f := newFake(t)
	f.agent.order = func(ctx context.Context, _ wire.Order) wire.Result {
		<-ctx.Done()
		return wire.Result{State: wire.Canceled}
	}
	f.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			conn.(*net.TCPConn).SetWriteBuffer(1 << 12)
		}
		return conn, err
	}
	f.start()
	p := f.welcomePeer(wire.Welcome{})
	data, _ := wire.Encode(newOrder("o"))
	id := bytes.Index(data, []byte(`"o"`))
	for i := range 19_000 {
		p.ws.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		bomb := fmt.Appendf(nil, `%s"o%d"%s`, data[:id], i, data[id+3:])
		if p.ws.WriteMessage(websocket.TextMessage, bomb) != nil {
			return // the scout has stopped reading: that is the point
		}
	}
	if n := len(f.link.orders.unacknowledgedResults()); n > wire.OrderWindow {
		t.Errorf("%d results are kept", n)
	}
}

// acceptKey is the answer to a websocket's key (RFC 6455 §4.2.2).
func acceptKey(r *http.Request) string {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
