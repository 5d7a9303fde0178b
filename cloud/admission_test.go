package cloud

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/loglimit"
)

// ends is an admission with connections in memory.
type ends struct {
	t *testing.T
	*admission
	mu      sync.Mutex
	refused map[*conn]string
}

func newEnds(t *testing.T, b bounds) *ends {
	e := &ends{t: t, refused: make(map[*conn]string)}
	e.admission = newAdmission(b, func(c *conn, reason string) {
		e.mu.Lock()
		e.refused[c] = reason
		e.mu.Unlock()
		c.Close()
	})
	return e
}

// addConn makes a connection from an address; it is nil if it was refused at once.
func (e *ends) addConn(address string) *conn {
	e.t.Helper()
	near, far := net.Pipe()
	e.t.Cleanup(func() { near.Close(); far.Close() })
	c := newConn(near, e.admission)
	if !e.admitConn(c, prefixOf(netip.MustParseAddr(address))) {
		return nil
	}
	return c
}

// queueConn makes a connection that waits for a place.
func (e *ends) queueConn(address string) *conn {
	e.t.Helper()
	c := e.addConn(address)
	if c == nil {
		e.t.Fatalf("%s is refused", address)
	}
	e.queueForPlace(c)
	return c
}

func (c *conn) hasPlace() bool {
	select {
	case <-c.granted:
		return true
	default:
		return false
	}
}

var small = bounds{all: 100, strangers: 20, share: 15, places: 2, handshaking: 2, api: 3, apiShare: 2}

func TestPrefixes(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7/32", "::ffff:192.0.2.7": "192.0.2.7/32",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := prefixOf(netip.MustParseAddr(address)).String(); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
}

func TestPlacesGoToTheSmallestShare(t *testing.T) {
	e := newEnds(t, small)
	var crowd []*conn
	for range 10 {
		crowd = append(crowd, e.queueConn("192.0.2.1"))
	}
	late := e.queueConn("192.0.2.2")
	if !crowd[0].hasPlace() || !crowd[1].hasPlace() || crowd[2].hasPlace() || late.hasPlace() {
		t.Fatal("the two places are not those of the first two")
	}
	crowd[0].Close()
	if !late.hasPlace() || crowd[2].hasPlace() {
		t.Error("the place that came free is not the other address's")
	}
	crowd[1].Close()
	if !crowd[2].hasPlace() {
		t.Error("within a share it is not the order in which they came")
	}
}

func TestHandshakesAreFewerThanPlaces(t *testing.T) {
	b := small
	b.handshaking = 1
	e := newEnds(t, b)
	one, two, three := e.queueConn("192.0.2.1"), e.queueConn("192.0.2.2"), e.queueConn("192.0.2.3")
	if !one.hasPlace() || two.hasPlace() {
		t.Error("a second handshake beside the first")
	}
	e.noteRequest(one)
	if !two.hasPlace() || three.hasPlace() {
		t.Error("no handshake after the first")
	}
	two.Close()
	if !three.hasPlace() || e.admission.handshaking != 1 {
		t.Error("a handshake that was broken off counts")
	}
}

func TestTheOldestSilentOneOfTheLargestShareGoes(t *testing.T) {
	e := newEnds(t, small)
	var silent []*conn
	for range 15 {
		silent = append(silent, e.addConn("192.0.2.1"))
	}
	if c := e.addConn("192.0.2.1"); c == nil || e.refused[silent[0]] != reasonAddress {
		t.Errorf("beyond its share the address may %v, %v", c, e.refused)
	}
	for n := range 5 {
		e.addConn(fmt.Sprintf("2001:db8:%d::1", n))
	}
	if c := e.addConn("203.0.113.9"); c == nil || e.refused[silent[1]] != reasonStrangers || len(e.refused) != 2 {
		t.Errorf("beyond the bound the newcomer is %v, %v", c, e.refused)
	}
	full := newEnds(t, small)
	for range 15 {
		full.queueConn("192.0.2.1")
	}
	if full.addConn("192.0.2.1") != nil {
		t.Error("one that waits was sent away for one of the same address")
	}
}

func TestConnectionsAreBoundedInAll(t *testing.T) {
	b := small
	b.all = 3
	e := newEnds(t, b)
	for range 3 {
		c := e.queueConn("192.0.2.1")
		if !e.markProved(c, false, "") {
			t.Fatal("a scout is not taken")
		}
	}
	if e.addConn("192.0.2.2") != nil {
		t.Error("a connection beyond the bound")
	}
}

func TestConnectionsOfTheAPIAreBounded(t *testing.T) {
	e := newEnds(t, small)
	token := func(address string) bool {
		c := e.queueConn(address)
		ok := e.markProved(c, true, "token")
		if !ok {
			c.Close()
		}
		return ok
	}
	for n, want := range []bool{true, true, false} {
		if token("192.0.2.1") != want {
			t.Errorf("connection %d of an address is refused, or is not", n+1)
		}
	}
	if !token("192.0.2.2") || token("192.0.2.3") {
		t.Error("all together may have another number than three")
	}
	for c := range e.apiConns() {
		c.Close()
	}
	if !token("192.0.2.1") || len(e.shares) != 1 || e.strangers != 0 || len(e.working) != 0 {
		t.Errorf("left over: %d shares, %d strangers, %d at work", len(e.shares), e.strangers, len(e.working))
	}
}

func TestSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := small
		b.places = 3
		e := newEnds(t, b)
		read := func(c *conn) { go c.Read(make([]byte, 1)); synctest.Wait() }
		shakes, asks, busy := e.queueConn("192.0.2.1"), e.queueConn("192.0.2.1"), e.queueConn("192.0.2.2")
		read(shakes)
		if busy.hasPlace() {
			t.Error("a third handshake at a time")
		}
		<-time.After(handshakeIdle)
		if e.sweepOverdue(time.Now()); !busy.hasPlace() {
			t.Error("an idle handshake keeps others out")
		}
		e.noteRequest(asks)
		read(asks)
		e.noteRequest(busy)
		<-time.After(pressedTime)
		same := e.queueConn("192.0.2.2")
		if e.sweepOverdue(time.Now()); len(e.refused) != 1 || e.refused[shakes] != reasonSilent || !same.hasPlace() {
			t.Errorf("refused for an address with fewer places: %v", e.refused)
		}
		more := e.queueConn("192.0.2.2")
		if e.sweepOverdue(time.Now()); len(e.refused) != 1 || more.hasPlace() {
			t.Errorf("refused for an address with as many places: %v", e.refused)
		}
		<-time.After(helloTime - pressedTime)
		if e.sweepOverdue(time.Now()); len(e.refused) != 2 || e.refused[asks] != reasonSilent || !more.hasPlace() {
			t.Errorf("refused after %v: %v", helloTime, e.refused)
		}
		read(more)
		<-time.After(handshakeTime)
		if e.sweepOverdue(time.Now()); len(e.refused) != 3 || e.refused[more] != reasonSilent {
			t.Errorf("refused after %v: %v", handshakeTime, e.refused)
		}
		<-time.After(placeTime - handshakeTime)
		if e.sweepOverdue(time.Now()); e.refused[busy] != reasonSlow || e.refused[same] != reasonSlow {
			t.Errorf("refused after %v: %v", placeTime, e.refused)
		}
	})
}

// TestTroubleOfTheListener wants errors that pass to be waited out, and logged once.
func TestTroubleOfTheListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		limit := loglimit.New(slog.New(slog.NewTextHandler(&log, nil)), time.Now)
		l := &brokenListener{closed: make(chan struct{})}
		g := newListener(l, small, func(reason, _ string, err error) { limit.Warn("trouble", reason, "error", err) })
		<-time.After(time.Minute + time.Second)
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if n := strings.Count(log.String(), "too many open files"); n != 2 || l.asked < 60 || l.asked > 120 {
			t.Errorf("asked %d times, %d lines: %s", l.asked, n, log.String())
		}
	})
}

type brokenListener struct {
	net.Listener
	closed chan struct{}
	asked  int
}

func (l *brokenListener) Accept() (net.Conn, error) {
	l.asked++
	select {
	case <-l.closed:
		return nil, net.ErrClosed
	default:
		return nil, errors.New("accept: too many open files")
	}
}

func (l *brokenListener) Close() error { close(l.closed); return nil }

// TestSilentWebsockets keeps 700 silent websockets open from the address that
// the scout comes from too.
func TestSilentWebsockets(t *testing.T) {
	peers.Short(t, "hundreds of connections")
	const crowd = 700
	f := startServer(t, t.TempDir())
	i := f.enrollScout()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	opened := make(chan struct{}, 10*crowd)
	for range crowd {
		all.Go(func() {
			for ctx.Err() == nil {
				f.stareAt(ctx, opened)
			}
		})
	}
	defer all.Wait()
	defer cancel()
	for range f.server.bounds.places / 2 {
		<-opened
	}
	began := time.Now()
	f.connectScout(i, parkedJob("a"))
	t.Logf("the scout is in after %v", time.Since(began))
	if status, _ := f.call("GET", "/v1/jobs", nil); status != http.StatusOK {
		t.Errorf("the API answers %d", status)
	}
}

// stareAt opens a websocket and says nothing until it is closed.
func (f *fixture) stareAt(ctx context.Context, opened chan<- struct{}) {
	dialer := websocket.Dialer{TLSClientConfig: f.clientTLS(), Subprotocols: []string{wire.Subprotocol}}
	ws, _, err := dialer.DialContext(ctx, "wss://"+f.addr+"/v1/scout", nil)
	if err != nil {
		return
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { ws.Close() })()
	select {
	case opened <- struct{}{}:
	default:
	}
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			return
		}
	}
}

// TestWhoDoesNotSpeakGetsNoPlace opens connections without a byte.
func TestWhoDoesNotSpeakGetsNoPlace(t *testing.T) {
	peers.Short(t, "a limit of seconds runs out")
	f := startServer(t, t.TempDir())
	var open []net.Conn
	for range f.server.bounds.places + 1 {
		c, err := net.Dial("tcp", f.addr)
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	f.connectScout(f.enrollScout())
	for _, c := range open {
		c.SetReadDeadline(time.Now().Add(patient))
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a silent connection is kept: %v", err)
		}
		c.Close()
	}
}

// TestAStrangerIsNotKept wants the connection of one without a token closed.
func TestAStrangerIsNotKept(t *testing.T) {
	f := startServer(t, t.TempDir())
	for path, header := range map[string]string{"/healthz": "", "/v1/jobs": "Bearer wrong", "/nowhere": ""} {
		c, err := tls.Dial("tcp", f.addr, f.clientTLS())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: %s\r\n\r\n", path, header)
		c.SetReadDeadline(time.Now().Add(patient))
		var answer strings.Builder
		for buf := make([]byte, 4096); ; {
			n, err := c.Read(buf)
			answer.Write(buf[:n])
			if err != nil {
				if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
					t.Errorf("%s: the connection is kept", path)
				}
				break
			}
		}
		if !strings.Contains(answer.String(), "Connection: close") {
			t.Errorf("%s: %s", path, answer.String())
		}
		c.Close()
	}
}
