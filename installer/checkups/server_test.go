package checkups

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/dev/peers"
)

// authority is a CA of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, Organization: []string{"Example"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key}
}

// issue returns a certificate for loopback with its chain, and as PEM with its key.
func (a authority) issue(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, b := range []*pem.Block{{Type: "CERTIFICATE", Bytes: der}, {Type: "CERTIFICATE", Bytes: a.cert.Raw}, {Type: "PRIVATE KEY", Bytes: secret}} {
		all = append(all, pem.EncodeToMemory(b)...)
	}
	return tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}, all
}

func (a authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// server is a release server as far as the checkups ask it.
type server struct {
	*httptest.Server
	requests atomic.Int32
	paths    chan string
}

func startServer(t *testing.T, cert tls.Certificate, ahead time.Duration) *server {
	t.Helper()
	s := &server{paths: make(chan string, 10)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		s.paths <- r.Method + " " + r.URL.Path
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// of has the agent name a server, with the pin of a CA.
func (b *bench) of(url string, pinned *authority, system authority) {
	b.agent.status.Server, b.agent.status.ServerPin = url, ""
	if pinned != nil {
		b.agent.status.ServerPin = wire.Pin(pinned.cert)
	}
	b.System.Roots = system.pool()
}

func TestServer(t *testing.T) {
	ours, public := newAuthority(t, "Our CA"), newAuthority(t, "Public CA")
	cert, _ := ours.issue(t)
	s := startServer(t, cert, 0)
	b := newBench(t)
	b.of(s.URL, &ours, public)
	b.wants("server-name", checkup.Pass, "127.0.0.1")
	b.wants("server-tcp", checkup.Pass)
	b.wants("server-tls", checkup.Pass, "the bundle named")
	b.wants("clock", checkup.Pass, "agrees")
	for len(s.paths) > 0 {
		if p := <-s.paths; p != "GET /healthz" {
			t.Errorf("the server was asked %s", p)
		}
	}
	public2, _ := public.issue(t)
	p := startServer(t, public2, 0)
	b.of(p.URL, nil, public)
	b.wants("server-tls", checkup.Pass, "Public CA", "an inspected connection looks the same")
	b.of(s.URL, nil, public)
	b.wants("server-tls", checkup.Fail, "do not vouch", "Our CA")
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	b.of("https://localhost:"+port, &ours, public)
	b.wants("server-name", checkup.Pass, "localhost")
	s.Close()
	b.wants("server-tcp", checkup.Fail, "Nothing answers at")
	b.wants("server-tls", checkup.Fail, "server-tcp")
	b.of("https://none.invalid:1", &ours, public)
	b.wants("server-name", checkup.Fail, "none.invalid")
}

// TestInspection has a program of another CA, which this computer trusts, in the
// server's place: it is named, and gets no request.
func TestInspection(t *testing.T) {
	ours, inspector := newAuthority(t, "Our CA"), newAuthority(t, "Shield Web Gateway\x1b[31m")
	cert, _ := inspector.issue(t)
	s := startServer(t, cert, 0)
	b := newBench(t)
	b.of(s.URL, &ours, inspector)
	f := b.wants("server-tls", checkup.Fail, "is inspected", "Shield Web Gateway", "Example", "exempt")
	if strings.Contains(f.Summary, "\x1b") {
		t.Errorf("an escape sequence is passed on: %q", f.Summary)
	}
	b.of(s.URL, &ours, newAuthority(t, "Public CA"))
	b.wants("server-tls", checkup.Fail, "Something else answers", "Shield Web Gateway")
	b.wants("clock", "info")
	if n := s.requests.Load(); n != 0 {
		t.Errorf("what inspects got %d requests", n)
	}
}

// TestInspectionByStunnel has OpenSSL end TLS in front of the server, as a
// gateway does.
func TestInspectionByStunnel(t *testing.T) {
	ours, inspector := newAuthority(t, "Our CA"), newAuthority(t, "Gateway")
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	_, pemFile := inspector.issue(t)
	file := filepath.Join(t.TempDir(), "gateway.pem")
	if err := os.WriteFile(file, pemFile, 0o600); err != nil {
		t.Fatal(err)
	}
	port := peers.TLSFront{To: plain.Listener.Addr().String(), Certificate: file, Min: "TLSv1.2", Max: "TLSv1.3"}.Start(t)
	b := newBench(t)
	b.of("https://127.0.0.1:"+strconv.Itoa(port), &ours, inspector)
	b.wants("server-tls", checkup.Fail, "is inspected", "Gateway")
}

func TestClock(t *testing.T) {
	ours := newAuthority(t, "Our CA")
	cert, _ := ours.issue(t)
	for ahead, want := range map[time.Duration]checkup.State{time.Minute: checkup.Warn, -time.Minute: checkup.Warn, time.Hour: checkup.Fail, -time.Hour: checkup.Fail} {
		s := startServer(t, cert, ahead)
		b := newBench(t)
		b.of(s.URL, &ours, ours)
		b.wants("clock", want, map[bool]string{true: "behind", false: "ahead of"}[ahead > 0])
	}
	b := newBench(t)
	b.agent.status.Enrolled = false
	if f := b.look("clock"); f.State != checkup.Pass && f.State != checkup.Info {
		t.Errorf("without a server: %+v", f)
	}
}

func TestProxy(t *testing.T) {
	b := newBench(t)
	b.wants("proxy", checkup.Pass)
	b.env["https_proxy"], b.env["NO_PROXY"] = "http://proxy.example:3128", "localhost"
	b.wants("proxy", checkup.Info, "https_proxy, NO_PROXY")
	b.env["HTTP_PROXY"] = "http://ann:hunter2@proxy.example:3128"
	if f := b.wants("proxy", checkup.Warn, "HTTP_PROXY has a name or password"); strings.Contains(f.Summary+f.Fix, "hunter2") {
		t.Errorf("the password is told: %s", f.Summary)
	}
}

func TestDesktop(t *testing.T) {
	b := newBench(t)
	b.wants("tray-host", checkup.Info)
	var d Desktop
	b.Desktop = func(context.Context) (Desktop, error) { return d, nil }
	b.wants("tray-host", checkup.Info, "no desktop session")
	d.Session = true
	b.wants("tray-host", checkup.Warn, "printscout open")
	b.env["XDG_CURRENT_DESKTOP"] = "ubuntu:GNOME"
	b.wants("tray-host", checkup.Warn, "AppIndicator", "printscout open")
	d.Host = true
	b.wants("tray-host", checkup.Pass)
}
