package scout

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
)

// hostileServer has the certificate that the scout's bundle names, and the
// manners that a test gives it. It makes websocket frames by hand, so that it
// can send what no library would. Every address that it tells the scout to go
// to is that of its trap.
type hostileServer struct {
	t         *testing.T
	addr, pin string
	tls       *tls.Config
	header    string               // lines for the answer to the upgrade
	upgrade   http.HandlerFunc     // in place of a websocket, if not nil
	talk      func(p *hostilePeer) // each websocket
	directory http.HandlerFunc     // GET /v1/directory
	conns     atomic.Int64         // websockets so far
	fetched   atomic.Int64         // directories so far
	requests  atomic.Int64         // that came through TLS
	trap      net.Listener         // whoever comes here believed the server
	trapped   atomic.Int64         // connections to it
	open      sync.WaitGroup       // goroutines
	closing   context.Context      // ends with the test
	hijacked  chan func()          // websockets to close
	peers     chan *hostilePeer    // of talk that has ended
}

func newHostileServer(t *testing.T) *hostileServer {
	t.Helper()
	h := &hostileServer{t: t, hijacked: make(chan func(), 1000), peers: make(chan *hostilePeer, 1000)}
	h.talk = func(p *hostilePeer) { p.sendWelcome("") }
	leaf, ca := hostileCertificate(t, "localhost")
	h.tls, h.pin = &tls.Config{Certificates: []tls.Certificate{leaf}}, wire.Pin(ca)
	var stop context.CancelFunc
	h.closing, stop = context.WithCancel(context.Background())
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := listen()
	h.addr, h.trap = l.Addr().String(), listen()
	routes := http.NewServeMux()
	routes.HandleFunc("GET /v1/scout", h.accept)
	routes.HandleFunc("GET /v1/directory", func(w http.ResponseWriter, r *http.Request) {
		h.fetched.Add(1)
		h.directory(w, r)
	})
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.requests.Add(1)
		routes.ServeHTTP(w, r)
	})}
	h.open.Go(func() {
		for {
			c, err := h.trap.Accept()
			if err != nil {
				return
			}
			h.trapped.Add(1)
			c.Close()
		}
	})
	t.Cleanup(func() {
		stop()
		server.Close()
		h.trap.Close()
		for len(h.hijacked) > 0 {
			(<-h.hijacked)()
		}
		h.open.Wait()
	})
	h.open.Go(func() { server.Serve(tls.NewListener(l, h.tls)) })
	return h
}

// hostileCertificate makes an authority and a certificate of it.
func hostileCertificate(t *testing.T, name string) (leaf tls.Certificate, ca *x509.Certificate) {
	t.Helper()
	sign := func(c, by *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if signer == nil {
			signer, by = key, c
		}
		c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(1), time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		made, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return made, key
	}
	ca, caKey := sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	cert, key := sign(&x509.Certificate{DNSNames: []string{name}}, ca, caKey)
	return tls.Certificate{Certificate: [][]byte{cert.Raw, ca.Raw}, PrivateKey: key}, ca
}

func (h *hostileServer) accept(w http.ResponseWriter, r *http.Request) {
	if h.upgrade != nil {
		h.conns.Add(1)
		h.upgrade(w, r)
		return
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	h.hijacked <- func() { conn.Close() }
	h.open.Add(1)
	defer h.open.Done()
	defer conn.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) // RFC 6455 §4.2.2
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: %s\r\n"+
		"Sec-WebSocket-Accept: %s\r\n%s\r\n", wire.Subprotocol, base64.StdEncoding.EncodeToString(sum[:]), h.header)
	p := &hostilePeer{h: h, conn: conn, in: rw.Reader, n: int(h.conns.Add(1))}
	h.talk(p)
	h.peers <- p
	io.Copy(io.Discard, conn) // until the scout has had enough
}

// hostilePeer is the server's end of one websocket.
type hostilePeer struct {
	h    *hostileServer
	conn net.Conn
	in   *bufio.Reader
	n    int // the how-manieth of its server
}

// Frames of RFC 6455 §5.2: the bit that says it is the last, and kinds.
const (
	last       = 0x80
	text       = 0x1
	binaryKind = 0x2
	ping       = 0x9
)

// writeFrame sends one frame; false if the scout has gone.
func (p *hostilePeer) writeFrame(first byte, payload []byte) bool {
	head := []byte{first}
	switch n := len(payload); {
	case n < 126:
		head = append(head, byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, 126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 127), uint64(n))
	}
	return p.writeRaw(append(head, payload...))
}

func (p *hostilePeer) writeRaw(b []byte) bool {
	p.conn.SetWriteDeadline(time.Now().Add(30 * time.Second))
	_, err := p.conn.Write(b)
	return err == nil
}

func (p *hostilePeer) writeText(s string) bool { return p.writeFrame(last|text, []byte(s)) }

// sendMessage sends what is well formed.
func (p *hostilePeer) sendMessage(m any) bool {
	b, err := wire.Encode(m)
	if err != nil {
		p.h.t.Errorf("the test's own %#v: %v", m, err)
	}
	return p.writeText(string(b))
}

// nextMessage returns the scout's next message; false if it has gone or says nothing.
func (p *hostilePeer) nextMessage() (any, bool) {
	for {
		p.conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		var head [2]byte
		if _, err := io.ReadFull(p.in, head[:]); err != nil {
			return nil, false
		}
		size := int(head[1] & 0x7f)
		more := make([]byte, map[int]int{126: 2, 127: 8}[size])
		if _, err := io.ReadFull(p.in, more); err != nil {
			return nil, false
		}
		for i, b := range more {
			if i == 0 {
				size = 0
			}
			size = size<<8 | int(b)
		}
		payload := make([]byte, 4+size)
		if _, err := io.ReadFull(p.in, payload); err != nil {
			return nil, false
		}
		mask, payload := payload[:4], payload[4:]
		for i := range payload {
			payload[i] ^= mask[i%4]
		}
		if head[0] != last|text {
			continue
		}
		m, err := wire.Decode(payload)
		if err != nil {
			p.h.t.Errorf("the scout sent %s: %v", payload, err)
		}
		return m, true
	}
}

// sendChallenge sends a challenge and waits for the hello.
func (p *hostilePeer) sendChallenge() bool {
	p.sendMessage(wire.Challenge{Nonce: make([]byte, wire.NonceSize)})
	_, ok := p.nextMessage()
	return ok
}

// sendWelcome brings the connection to its welcome, with fields of the test's own.
func (p *hostilePeer) sendWelcome(fields string) {
	p.sendChallenge()
	p.writeText(fmt.Sprintf(`{"t":"welcome","now":%q,"ps":50,"k":"session"%s}`, time.Now().UTC().Format(time.RFC3339), fields))
}

// receiveResults waits for the results of so many orders, whatever else comes.
func (p *hostilePeer) receiveResults(n int) (all []wire.Result) {
	for len(all) < n {
		m, ok := p.nextMessage()
		if !ok {
			p.h.t.Errorf("%d results of %d came", len(all), n)
			return all
		}
		if r, ok := m.(wire.Result); ok {
			all = append(all, r)
		}
	}
	return all
}

// ledger is the agent's log, read while it is written.
type ledger struct {
	mu    sync.Mutex
	lines []string
}

func (l *ledger) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(p))
	return len(p), nil
}

// linesWith returns the lines that have a text.
func (l *ledger) linesWith(text string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// hostileRig is an agent that belongs to a hostile server, with one job of
// alice's that the server has no say in, and one of mallory's.
type hostileRig struct {
	*rig
	*hostileServer
	log *ledger
}

func newHostileRig(t *testing.T) *hostileRig {
	t.Helper()
	r := &hostileRig{hostileServer: newHostileServer(t), log: new(ledger)}
	r.rig = newRig(t)
	r.close()
	r.handler = slog.NewTextHandler(r.log, nil)
	r.rig.openScout()
	r.joinHostileSite()
	r.parkJob(alice, doc)
	r.parkJob("mallory", doc)
	return r
}

// joinHostileSite has the agent belong to the hostile server.
func (r *hostileRig) joinHostileSite() {
	r.rig.t.Helper()
	r.joinSite(r.site.Public())
	r.offerNewDirectory()
}

// joinSite does what enrollment with a bundle of the site does.
func (r *hostileRig) joinSite(p directory.Public) {
	r.rig.t.Helper()
	_, port, err := net.SplitHostPort(r.addr)
	r.must(err)
	b := wire.Bundle{Server: "https://localhost:" + port, ServerPin: r.pin, Site: p, Fingerprint: p.Fingerprint()}
	r.must(r.membership.joinSite(b, "scout-1", make([]byte, 64), r.clock))
}

// startLink runs the link until the test ends or the returned function is called.
func (r *hostileRig) startLink() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := r.runLink(ctx); err != nil {
			r.rig.t.Errorf("the link ended: %v", err)
		}
	})
	stop = func() {
		cancel()
		running.Wait()
	}
	r.rig.t.Cleanup(stop)
	return stop
}

// worksAlone wants the agent to list its owner's jobs and to print one,
// whatever its server does.
func (r *hostileRig) worksAlone(printed int) {
	r.rig.t.Helper()
	before := r.printedCount()
	if before != printed {
		r.rig.t.Errorf("%d documents came out, want %d", before, printed)
	}
	id := r.parkJob(alice, doc)
	listed := 0
	for range (localAPI{r.Scout}).Jobs(aliceHerself) {
		listed++
	}
	if listed < 2 {
		r.rig.t.Errorf("alice sees %d jobs", listed)
	}
	if got := r.byHand(aliceHerself, "", id); len(got) != 1 || got[0].State != wire.Delivered || r.printedCount() != before+1 {
		r.rig.t.Errorf("released by hand: %+v, %d printed", got, r.printedCount())
	}
	if n := r.trapped.Load(); n != 0 {
		r.rig.t.Errorf("%d connections to an address that the server named", n)
	}
}

// waitForLine waits until the log has the line, and wants it once.
func (r *hostileRig) waitForLine(line string) {
	r.rig.t.Helper()
	peers.Await(r.rig.t, "the log has: "+line, func() bool { return len(r.log.linesWith(line)) > 0 })
	if found := r.log.linesWith(line); len(found) != 1 {
		r.rig.t.Errorf("%d lines with %q:\n%s", len(found), line, strings.Join(found, ""))
	}
}
