package cloudlink

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
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

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/printscout/printscout/cloudlink/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	scoutID = "0196f1c2-7d7e-7a3b-9f00-000000000001"
	jobID   = "0196f1c2-7d7e-7a3b-9f00-000000000002"
	patient = 10 * time.Second // no test waits this long unless it fails
)

// agent is a scout as the tests want it.
type agent struct {
	mu      sync.Mutex
	jobs    []wire.Job
	edition wire.Edition
	order   func(ctx context.Context, o wire.Order) wire.Result
	offered chan []byte
	refuse  error
	keep    bool // directories that are offered are the one at hand
}

func (a *agent) Jobs() []wire.Job {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.jobs
}

func (a *agent) Order(ctx context.Context, o wire.Order) wire.Result { return a.order(ctx, o) }

func (a *agent) DirectoryEdition() wire.Edition {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.edition
}

func (a *agent) OfferDirectory(envelope []byte) error {
	a.mu.Lock()
	refuse := a.refuse
	if refuse == nil && !a.keep {
		a.edition.Revision++
	}
	a.mu.Unlock()
	a.offered <- envelope
	return refuse
}

// authority makes certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(1000 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert: cert, key: key}
}

func (a *authority) issueLeaf(t testing.TB, until time.Time, names ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: names, NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}
}

// fake is a server made of a script.
type fake struct {
	t        testing.TB
	ca       *authority
	name     string // of the server
	public   ed25519.PublicKey
	agent    *agent
	link     *Link
	addr     string
	conns    chan *peer
	requests atomic.Int64 // that got through TLS
	routes   *http.ServeMux
	upgrade  websocket.Upgrader
	header   http.Header // of the upgrade's answer
	tls      *tls.Config
	dial     dialFunc
	pin      string
	delays   chan time.Duration // the bound of every wait the link asked for
	logged   lines
}

// lines is a log that is read while it is written.
type lines struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func newFake(t testing.TB) *fake {
	t.Helper()
	f := &fake{t: t, ca: newAuthority(t), name: "localhost", conns: make(chan *peer, 100), routes: http.NewServeMux(), delays: make(chan time.Duration, 1000)}
	f.agent = &agent{offered: make(chan []byte, 10)}
	f.agent.order = func(_ context.Context, o wire.Order) wire.Result {
		return wire.Result{Printer: o.Printer, State: wire.Delivered}
	}
	f.tls = &tls.Config{Certificates: []tls.Certificate{f.ca.issueLeaf(t, time.Now().Add(time.Hour), "localhost")}, SessionTicketsDisabled: true}
	f.pin = wire.Pin(f.ca.cert)
	f.upgrade = websocket.Upgrader{Subprotocols: []string{wire.Subprotocol}, ReadBufferSize: 512, WriteBufferSize: 1 << 10}
	f.routes.HandleFunc("GET /v1/scout", f.accept)
	return f
}

func (f *fake) accept(w http.ResponseWriter, r *http.Request) {
	ws, err := f.upgrade.Upgrade(w, r, f.header)
	if err != nil {
		return
	}
	f.t.Cleanup(func() { ws.Close() })
	f.conns <- &peer{fake: f, ws: ws}
}

// serveListener serves on l until the test ends.
func (f *fake) serveListener(l net.Listener) {
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.requests.Add(1)
		f.routes.ServeHTTP(w, r)
	})}
	var wg sync.WaitGroup
	wg.Go(func() { server.Serve(tls.NewListener(l, f.tls)) })
	f.t.Cleanup(func() {
		server.Close()
		wg.Wait()
	})
}

// start serves on loopback and runs a link that retries at once.
func (f *fake) start() {
	f.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	f.serveListener(l)
	f.addr = l.Addr().String()
	if f.dial == nil {
		f.dial = new(net.Dialer).DialContext
	}
	dial := f.dial
	f.dial = func(ctx context.Context, network, _ string) (net.Conn, error) { return dial(ctx, network, f.addr) }
	f.run(func(time.Duration) time.Duration { return 0 })
}

// run makes the link and runs it until the test ends.
func (f *fake) run(jitter func(time.Duration) time.Duration) {
	f.t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	f.public = public
	f.link, err = New(Config{
		Server: "https://" + f.name + ":8443", ServerPin: f.pin, Scout: scoutID, Key: private, Version: "0.1.0", Agent: f.agent, Dial: f.dial,
		Log: slog.New(slog.NewTextHandler(&f.logged, nil)),
		Jitter: func(most time.Duration) time.Duration {
			select {
			case f.delays <- most:
			default:
			}
			return jitter(most)
		},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := f.link.Run(ctx); err != nil {
			f.t.Errorf("Run returned %v", err)
		}
	})
	f.t.Cleanup(func() {
		cancel()
		wg.Wait()
		if s := f.link.Status(); s.Connected {
			f.t.Error("a link that has ended says it is connected")
		}
	})
}

// nextPeer is the next connection of the scout.
func (f *fake) nextPeer() *peer {
	f.t.Helper()
	select {
	case p := <-f.conns:
		return p
	case <-time.After(patient):
		f.t.Fatal("the scout does not connect")
		return nil
	}
}

// welcomePeer is the next connection, brought to its welcome.
func (f *fake) welcomePeer(w wire.Welcome) *peer {
	f.t.Helper()
	p := f.nextPeer()
	p.sendWelcome(w)
	return p
}

// peer is the server's end of one websocket.
type peer struct {
	fake  *fake
	ws    *websocket.Conn
	inbox chan []byte   // set by listen
	pongs chan struct{} // set by listen
}

// readFrames reads from now on by itself, so that pongs are seen without waiting for a frame.
func (p *peer) readFrames() {
	p.inbox, p.pongs = make(chan []byte, 100), make(chan struct{}, 100)
	p.ws.SetPongHandler(func(string) error {
		p.pongs <- struct{}{}
		return nil
	})
	go func() {
		defer close(p.inbox)
		for {
			_, data, err := p.ws.ReadMessage()
			if err != nil {
				return
			}
			p.inbox <- data
		}
	}()
}

func (p *peer) readFrame() ([]byte, error) {
	if p.inbox == nil {
		p.ws.SetReadDeadline(time.Now().Add(patient))
		_, data, err := p.ws.ReadMessage()
		return data, err
	}
	select {
	case data, ok := <-p.inbox:
		if !ok {
			return nil, io.EOF
		}
		return data, nil
	case <-time.After(patient):
		return nil, context.DeadlineExceeded
	}
}

func (p *peer) sendWelcome(w wire.Welcome) {
	p.fake.t.Helper()
	p.sendChallenge()
	if w.Now.IsZero() {
		w.Now = time.Now()
	}
	if w.PingSeconds == 0 {
		w.PingSeconds = 50
	}
	p.sendMessages(w)
}

// sendChallenge sends a challenge and checks the hello.
func (p *peer) sendChallenge() wire.Hello {
	p.fake.t.Helper()
	nonce := make([]byte, wire.NonceSize)
	rand.Read(nonce)
	p.sendMessages(wire.Challenge{Nonce: nonce})
	hello, ok := p.receiveMessage().(wire.Hello)
	if !ok || !wire.VerifyHello(p.fake.public, nonce, scoutID, p.fake.name, hello.Signature) {
		p.fake.t.Fatalf("a hello that is none: %+v", hello)
	}
	return hello
}

func (p *peer) sendMessages(messages ...any) {
	p.fake.t.Helper()
	for _, m := range messages {
		data, err := wire.Encode(m)
		if err != nil {
			p.fake.t.Fatal(err)
		}
		if err := p.sendRaw(data); err != nil {
			p.fake.t.Fatal(err)
		}
	}
}

func (p *peer) sendRaw(data []byte) error {
	p.ws.SetWriteDeadline(time.Now().Add(patient))
	return p.ws.WriteMessage(websocket.TextMessage, data)
}

func (p *peer) receiveMessage() any {
	p.fake.t.Helper()
	data, err := p.readFrame()
	if err != nil {
		p.fake.t.Fatalf("reading from the scout: %v", err)
	}
	m, err := wire.Decode(data)
	if err != nil {
		p.fake.t.Fatalf("the scout sent %s: %v", data, err)
	}
	return m
}

func (p *peer) receiveResult() wire.Result {
	p.fake.t.Helper()
	m := p.receiveMessage()
	r, ok := m.(wire.Result)
	if !ok {
		p.fake.t.Fatalf("the scout sent %#v, not a result", m)
	}
	return r
}

// wantClosed waits until the scout has closed the connection.
func (p *peer) wantClosed() {
	p.fake.t.Helper()
	p.ws.SetReadDeadline(time.Now().Add(patient))
	for {
		if _, _, err := p.ws.ReadMessage(); err != nil {
			if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
				p.fake.t.Fatal("the scout stays")
			}
			return
		}
	}
}

func newOrder(id string) wire.Order {
	now := time.Now()
	return wire.Order{ID: id, Job: jobID, Printer: "demo", User: "tag", Issued: now, Expires: now.Add(wire.OrderTime)}
}
