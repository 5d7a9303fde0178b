package cloudlink

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
)

// meter counts what goes over a connection, TLS records included.
type meter struct {
	net.Conn
	bytes *atomic.Int64
}

func (m meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.bytes.Add(int64(n))
	return n, err
}

func (m meter) Write(p []byte) (int, error) {
	m.bytes.Add(int64(len(p))) // first: the other end may be faster than this goroutine
	return m.Conn.Write(p)
}

// TestByteBudgets holds the table "Bytes" of docs/protocol.md.
func TestByteBudgets(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.3": tls.VersionTLS13, "TLS 1.2": tls.VersionTLS12} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.tls.MaxVersion = version
			var count atomic.Int64
			f.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				return meter{conn, &count}, err
			}
			f.agent.order = longResult
			f.start()
			p := f.nextPeer()
			p.readFrames()
			spent := func(what string, least, most int64, do func()) {
				t.Helper()
				before := count.Load()
				do()
				n := count.Load() - before
				t.Logf("%s: %d bytes", what, n)
				if n < least || n > most {
					t.Errorf("%s took %d bytes, want %d to %d", what, n, least, most)
				}
			}
			spent("challenge, hello, welcome", 400, 1000, func() { p.sendWelcome(wire.Welcome{Session: strings.Repeat("k", 26)}); roundTrip(p) })
			keepAlive := int64(60)
			if version == tls.VersionTLS12 {
				keepAlive = 70
			}
			spent("ping and pong", 40, keepAlive, func() { roundTrip(p) })
			spent("metadata of a job", 400, 1000, func() { liveAndDie(f, p) })
			spent("order, result, ack", 500, 1000, func() { sendAck(p, orderAndResult(p, 1, 0)) })
			spent("the same with a PIN", 500, 1000, func() { sendAck(p, orderAndResult(p, 2, 64)) })
			var r wire.Result
			spent("order with the longest PIN, result", 800, 1000, func() { r = orderAndResult(p, 3, 304) })
			p.sendMessages(wire.ResultAck{Order: r.Order})
		})
	}
}

// orderAndResult sends an order with a sealed PIN of so many bytes.
func orderAndResult(p *peer, n, pin int) wire.Result {
	o := newOrder(fmt.Sprintf("0196f1c2-7d7e-7a3b-9f00-3c5a1e0c9b1%d", n))
	o.User, o.Printer, o.PIN = "3q2-7wQxGm0o6r1XQ9vYhA", "Second floor, by the stairs", make([]byte, pin)
	p.sendMessages(o)
	return p.receiveResult()
}

func sendAck(p *peer, r wire.Result) {
	p.sendMessages(wire.ResultAck{Order: r.Order})
	roundTrip(p)
}

func longResult(_ context.Context, o wire.Order) wire.Result {
	pages := 12
	return wire.Result{Printer: o.Printer, State: wire.Delivered, Protocol: "ipps", Grade: "ipps-pinned", EvidenceLevel: "I3",
		PagesPrinted: &pages, FirstByteMS: 120, TotalMS: 60_000}
}

// roundTrip sends a ping and waits for the pong: then the scout has read
// everything before it.
func roundTrip(p *peer) {
	p.fake.t.Helper()
	if err := p.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(patient)); err != nil {
		p.fake.t.Fatal(err)
	}
	select {
	case <-p.pongs:
	case <-time.After(patient):
		p.fake.t.Fatal("the scout does not answer a ping")
	}
}

func liveAndDie(f *fake, p *peer) {
	pages := 12
	now := time.Now()
	j := wire.Job{ID: jobID, User: "3q2-7wQxGm0o6r1XQ9vYhA", Created: now, Expires: now.Add(24 * time.Hour), State: "parked",
		Format: "application/vnd.cups-raster", Pages: &pages, PagesCertainty: "estimated", Copies: 2,
		Sides: "two-sided-short-edge", Color: "monochrome", Size: 1 << 30}
	f.link.JobChanged(j)
	p.receiveMessage()
	j.State = "releasing"
	f.link.JobChanged(j)
	p.receiveMessage()
	f.link.JobGone(jobID, "delivered")
	p.receiveMessage()
}
