package cloudlink

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

const (
	// proxiedVariable, in the environment, makes a run of the test binary one whose
	// process has not read HTTPS_PROXY yet: net/http reads it once.
	proxiedVariable = "CLOUDLINK_TEST_PROXIED"
	// proxiedName of the server: net/http uses no proxy for localhost.
	proxiedName = "scouts.example.org"
)

// connectProxy is an HTTP proxy that passes every tunnel on to one address
// and keeps what it sees, in both directions.
type connectProxy struct {
	addr string

	mu       sync.Mutex
	target   string
	requests []string        // method and target of each
	tunnels  []*bytes.Buffer // what the client says in each
	heard    bytes.Buffer    // everything
	open     []net.Conn
}

func startProxy(t *testing.T) *connectProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &connectProxy{addr: l.Addr().String()}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.serveConn(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.mu.Lock()
		for _, c := range p.open {
			c.Close()
		}
		p.mu.Unlock()
		wg.Wait()
	})
	return p
}

// passTo makes later tunnels lead to an address.
func (p *connectProxy) passTo(addr string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = addr
}

// addConn notes the connection, so that the end of the test closes it.
func (p *connectProxy) addConn(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, c)
}

func (p *connectProxy) serveConn(client net.Conn) {
	defer client.Close()
	p.addConn(client)
	in := bufio.NewReader(client)
	request, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	said := &bytes.Buffer{}
	p.mu.Lock()
	target := p.target
	p.requests, p.tunnels = append(p.requests, request.Method+" "+request.Host), append(p.tunnels, said)
	request.Write(&p.heard)
	p.mu.Unlock()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	p.addConn(server)
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	var back sync.WaitGroup
	back.Go(func() {
		io.Copy(io.MultiWriter(p.recorder(nil), client), server)
		client.Close()
	})
	io.Copy(io.MultiWriter(p.recorder(said), server), in)
	server.Close()
	back.Wait()
}

// recorder keeps what passes, in one tunnel too, before it goes on.
func (p *connectProxy) recorder(tunnel *bytes.Buffer) io.Writer {
	return writerFunc(func(b []byte) (int, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if tunnel != nil {
			tunnel.Write(b)
		}
		return p.heard.Write(b)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// inProxiedProcess runs a test in a process of its own, whose environment names the
// proxy; it returns false in the process that only waits for that.
func inProxiedProcess(t *testing.T) (*connectProxy, bool) {
	t.Helper()
	if os.Getenv(proxiedVariable) == "" {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
		c.Env = append(os.Environ(), proxiedVariable+"=1")
		if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
			t.Errorf("behind a proxy: %v\n%s", err, out)
		}
		return nil, false
	}
	p := startProxy(t)
	for name, value := range map[string]string{"HTTPS_PROXY": "http://" + p.addr, "HTTP_PROXY": "http://" + p.addr, "NO_PROXY": "", "no_proxy": ""} {
		t.Setenv(name, value)
	}
	return p, true
}

// newProxied is a fake that only the proxy finds by its name.
func newProxied(t *testing.T) (f *fake, addr string) {
	t.Helper()
	f = newFake(t)
	f.name = proxiedName
	f.tls = &tls.Config{Certificates: []tls.Certificate{f.ca.issueLeaf(t, time.Now().Add(time.Hour), proxiedName)}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.serveListener(l)
	return f, l.Addr().String()
}

func (f *fake) makeBundle(token string) (wire.Bundle, wire.EnrollRequest) {
	return wire.Bundle{Server: "https://" + f.name + ":8443", ServerPin: f.pin, Token: token, Expires: time.Now()},
		wire.EnrollRequest{Name: "marker-name", Sign: make([]byte, 32), Wrap: make([]byte, 32)}
}

// TestProxySeesOnlyTLS enrolls, fetches the directory and carries out an
// order through a proxy, and looks for each in what the proxy has seen.
func TestProxySeesOnlyTLS(t *testing.T) {
	proxy, here := inProxiedProcess(t)
	if !here {
		return
	}
	f, addr := newProxied(t)
	proxy.passTo(addr)
	f.routes.HandleFunc("POST /v1/enroll", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(wire.EnrollReply{Scout: scoutID})
	})
	f.routes.HandleFunc("GET /v1/directory", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("marker-envelope")) })
	b, request := f.makeBundle("marker-token")
	if reply, err := Enroll(t.Context(), b, request); err != nil || reply.Scout != scoutID {
		t.Fatalf("%+v, %v", reply, err)
	}
	f.agent.jobs = []wire.Job{newJob(jobID, "parked")}
	f.run(func(time.Duration) time.Duration { return 0 })
	p := f.welcomePeer(wire.Welcome{Edition: wire.Edition{Revision: 1}, Session: "marker-session"})
	if got := string(<-f.agent.offered); got != "marker-envelope" {
		t.Errorf("offered %q", got)
	}
	p.sendMessages(newOrder("marker-order"))
	if r := p.receiveResult(); r.State != wire.Delivered {
		t.Errorf("%+v", r)
	}
	if n := f.requests.Load(); n != 3 {
		t.Errorf("%d requests came through, want 3", n)
	}
	proxy.sawOnly(t, 3, "marker-", scoutID, jobID, "/v1/enroll", "/v1/scout", "/v1/directory", "challenge", wire.Subprotocol)
}

// sawOnly wants some tunnels, each of TLS from its first byte on, and none of
// the markers.
func (p *connectProxy) sawOnly(t *testing.T, tunnels int, markers ...string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	want := slices.Repeat([]string{"CONNECT " + proxiedName + ":8443"}, tunnels)
	if !slices.Equal(p.requests, want) {
		t.Errorf("the proxy was asked for %q, want %q", p.requests, want)
	}
	for n, said := range p.tunnels {
		if b := said.Bytes(); !bytes.HasPrefix(b, []byte{22, 3}) { // a handshake of TLS: RFC 8446, 5.1
			t.Errorf("tunnel %d begins with %.20q", n, b)
		}
	}
	if !bytes.Contains(p.heard.Bytes(), []byte(proxiedName)) {
		t.Error("the proxy has kept nothing")
	}
	for _, marker := range markers {
		if bytes.Contains(p.heard.Bytes(), []byte(marker)) {
			t.Errorf("the proxy has seen %q", marker)
		}
	}
}

// TestProxyThatAnswersItself has a certificate for the server's name from an
// authority of its own, and gets no request.
func TestProxyThatAnswersItself(t *testing.T) {
	proxy, here := inProxiedProcess(t)
	if !here {
		return
	}
	f, _ := newProxied(t)
	other, addr := newProxied(t)
	proxy.passTo(addr)
	b, request := f.makeBundle("marker-token")
	if _, err := Enroll(t.Context(), b, request); !errors.Is(err, ErrServerPin) {
		t.Errorf("enrolling: %v", err)
	}
	link, err := New(Config{Server: b.Server, ServerPin: f.pin, Scout: scoutID, Key: make([]byte, 64), Version: "0.1.0", Agent: f.agent})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := link.dialSocket(t.Context()); !errors.Is(err, ErrServerPin) {
		t.Errorf("the websocket: %v", err)
	}
	if _, err := link.fetchDirectory(t.Context(), "marker-session"); !errors.Is(err, ErrServerPin) {
		t.Errorf("the directory: %v", err)
	}
	if n := other.requests.Load(); n != 0 {
		t.Errorf("%d requests were sent to it", n)
	}
	proxy.sawOnly(t, 3, "marker-", scoutID, "/v1/enroll", "/v1/scout", "/v1/directory")
}
