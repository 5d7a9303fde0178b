package cloud

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
)

func TestEnrollment(t *testing.T) {
	f := startServer(t, t.TempDir())
	bundle, err := f.server.Bundle(t.Context(), "https://"+f.addr, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(bundle)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.ParseBundle(data); err != nil {
		t.Errorf("the bundle is not one: %v", err)
	}
	first := newIdentity(t)
	enroll := func(i *identity, token string) (int, string) {
		status, body := f.call("POST", "/v1/enroll", i.enrollRequest(token))
		return status, string(body)
	}
	status, reply := enroll(first, bundle.Token)
	if status != http.StatusOK {
		t.Fatalf("status %d, %s", status, reply)
	}
	if status, again := enroll(first, bundle.Token); status != http.StatusOK || again != reply {
		t.Errorf("the same scout with the same token again: status %d, %s, want %s", status, again, reply)
	}
	if status, body := enroll(newIdentity(t), bundle.Token); status != http.StatusForbidden || !strings.Contains(body, "has been used") {
		t.Errorf("another scout with the same token: status %d, %s", status, body)
	}
	if status, body := enroll(newIdentity(t), "invented"); status != http.StatusForbidden || !strings.Contains(body, "not known") {
		t.Errorf("an invented token: status %d, %s", status, body)
	}
	late, err := f.server.Bundle(t.Context(), "https://"+f.addr, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	f.clock.advance(time.Hour)
	if status, body := enroll(newIdentity(t), late.Token); status != http.StatusForbidden || !strings.Contains(body, "expired") {
		t.Errorf("an expired token: status %d, %s", status, body)
	}
	if scouts := getJSON[[]scoutView](f, "/v1/scouts"); len(scouts) != 1 || scouts[0].Name != "pc-17" || scouts[0].Connected {
		t.Errorf("scouts %+v", scouts)
	}
}

func TestEnrollmentRefuses(t *testing.T) {
	f := startServer(t, t.TempDir())
	good := newIdentity(t).enrollRequest("token")
	for name, spoil := range map[string]func(*wire.EnrollRequest){
		"a short key":      func(r *wire.EnrollRequest) { r.Sign = r.Sign[:31] },
		"no wrap key":      func(r *wire.EnrollRequest) { r.Wrap = nil },
		"no name":          func(r *wire.EnrollRequest) { r.Name = "" },
		"a name of lines":  func(r *wire.EnrollRequest) { r.Name = "a\nb" },
		"an endless name":  func(r *wire.EnrollRequest) { r.Name = strings.Repeat("n", 1000) },
		"no token":         func(r *wire.EnrollRequest) { r.Token = "" },
		"a strange number": func(r *wire.EnrollRequest) { r.Version = "\x00" },
	} {
		bad := good
		spoil(&bad)
		if status, body := f.call("POST", "/v1/enroll", bad); status != http.StatusBadRequest {
			t.Errorf("%s: status %d, %s", name, status, body)
		}
	}
}

func TestBundleRefuses(t *testing.T) {
	f := startServer(t, t.TempDir())
	for _, url := range []string{"http://127.0.0.1", "https://127.0.0.1/x", "https://elsewhere.example.org", ""} {
		if _, err := f.server.Bundle(t.Context(), url, time.Hour); err == nil {
			t.Errorf("a bundle for %q", url)
		}
	}
	if _, err := f.server.Bundle(t.Context(), "https://localhost", 0); err == nil {
		t.Error("a bundle that is never valid")
	}
}

func TestWhoMayComeIn(t *testing.T) {
	f := startServer(t, t.TempDir())
	f.token = "wrong"
	for _, r := range Routes() {
		path := strings.Replace(r.Pattern, "{id}", "x", 1)
		status, body := f.call(r.Method, path, nil)
		closed := r.Who == APIOnly || r.Who == ScoutOrAPI
		if closed != (status == http.StatusUnauthorized) {
			t.Errorf("%s %s for %s with a wrong token: status %d, %s", r.Method, r.Pattern, r.Who, status, body)
		}
		var said errorBody
		if status >= 400 && (json.Unmarshal(body, &said) != nil || said.Error == "") {
			t.Errorf("%s %s: status %d without a sentence: %s", r.Method, r.Pattern, status, body)
		}
	}
	for _, header := range []string{"", "Bearer", "Bearer ", "Basic " + f.token, "bearer x"} {
		req, _ := http.NewRequest("GET", "https://"+f.addr+"/v1/jobs", nil)
		req.Header.Set("Authorization", header)
		resp, err := f.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("authorization %q: status %d", header, resp.StatusCode)
		}
	}
	for path, want := range map[string]int{"/": 404, "/v1": 404, "/v1/enroll": 405} {
		if status, body := f.call("GET", path, nil); status != want || !bytes.Contains(body, []byte(`"error"`)) {
			t.Errorf("GET %s: status %d, %s", path, status, body)
		}
	}
	if status, body := f.call("GET", "/healthz", nil); status != 200 || string(body) != "{\"status\":\"ok\"}\n" {
		t.Errorf("GET /healthz: status %d, %s", status, body)
	}
}

func TestBodiesThatAreNone(t *testing.T) {
	f := startServer(t, t.TempDir())
	for body, want := range map[string]int{
		"":                                http.StatusBadRequest,
		"{":                               http.StatusBadRequest,
		"[]":                              http.StatusBadRequest,
		`{"all":true} {}`:                 http.StatusBadRequest,
		`{"printers":"demo","all":true}`:  http.StatusBadRequest,
		strings.Repeat("[", wire.MaxBody): http.StatusBadRequest,
		`{"printer":"` + strings.Repeat("x", wire.MaxBody) + `"}`: http.StatusRequestEntityTooLarge,
		`{"all":true}` + strings.Repeat(" ", wire.MaxBody):        http.StatusRequestEntityTooLarge,
		`{"printer":"demo"}`: http.StatusBadRequest,
		`{"all":true}`:       http.StatusBadRequest,
		`{"all":true,"jobs":["a"],"printer":"demo"}`:           http.StatusBadRequest,
		`{"all":true,"printer":"demo","valid_seconds":0}`:      http.StatusBadRequest,
		`{"all":true,"printer":"demo","valid_seconds":86401}`:  http.StatusBadRequest,
		`{"all":true,"printer":"demo","valid_seconds":"1"}`:    http.StatusBadRequest,
		`{"all":true,"printer":"demo","valid_seconds":9e18}`:   http.StatusBadRequest,
		`{"all":true,"printer":"another"}`:                     http.StatusNotFound,
		`{"all":true,"printer":"ipp://127.0.0.1:1/ipp/print"}`: http.StatusNotFound,
		`{"jobs":["../../etc"],"printer":"demo"}`:              http.StatusNotFound,
		`{"all":true,"printer":"demo"}`:                        http.StatusAccepted,
		`{"jobs":["a\u0000\u202eb"],"printer":"demo"}`:         http.StatusNotFound,
	} {
		if status, answer := f.call("POST", "/v1/releases", body); status != want {
			t.Errorf("body %.60q: status %d, want %d, %s", body, status, want, answer)
		}
	}
	for _, query := range []string{"/v1/releases?limit=0", "/v1/releases?limit=x", "/v1/releases/x?wait=61", "/v1/releases/x?wait=-1"} {
		if status, _ := f.call("GET", query, nil); status != http.StatusBadRequest {
			t.Errorf("GET %s: status %d", query, status)
		}
	}
	if status, _ := f.call("GET", "/v1/releases/unheard-of", nil); status != http.StatusNotFound {
		t.Errorf("an unknown release: status %d", status)
	}
}

func TestUpgradeRefuses(t *testing.T) {
	f := startServer(t, t.TempDir())
	for name, test := range map[string]struct {
		header    http.Header
		protocols []string
		status    int
	}{
		"a web page":          {http.Header{"Origin": {"https://" + f.addr}}, []string{wire.Subprotocol}, http.StatusForbidden},
		"an empty origin":     {http.Header{"Origin": {""}}, []string{wire.Subprotocol}, http.StatusForbidden},
		"another server":      {http.Header{"Host": {"evil.example.org"}}, []string{wire.Subprotocol}, http.StatusMisdirectedRequest},
		"no subprotocol":      {nil, nil, http.StatusBadRequest},
		"another subprotocol": {nil, []string{"printscout.v0"}, http.StatusBadRequest},
	} {
		dialer := websocket.Dialer{TLSClientConfig: f.clientTLS(), Subprotocols: test.protocols}
		ws, resp, err := dialer.Dial("wss://"+f.addr+"/v1/scout", test.header)
		if err == nil {
			ws.Close()
			t.Errorf("%s: connected", name)
		} else if resp == nil || resp.StatusCode != test.status {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
}

func TestTLSFloor(t *testing.T) {
	f := startServer(t, t.TempDir())
	for name, spoil := range map[string]func(*tls.Config){
		"TLS 1.1": func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
		"TLS 1.2 without an AEAD": func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
		},
	} {
		cfg := f.clientTLS()
		spoil(cfg)
		if conn, err := tls.Dial("tcp", f.addr, cfg); err == nil {
			conn.Close()
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCertificateLasts(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	c := newCerts(Config{DataDir: dir, Now: func() time.Time { return now }})
	serial := func() (string, string) {
		t.Helper()
		if err := c.refreshLeaf(); err != nil {
			t.Fatal(err)
		}
		pin, err := c.serverPin()
		if err != nil {
			t.Fatal(err)
		}
		return c.leaf.Load().Leaf.SerialNumber.String(), pin
	}
	first, pin := serial()
	if again, _ := serial(); again != first {
		t.Error("the leaf is made anew without need")
	}
	now = now.Add(leafLife * 3 / 4)
	renewed, samePin := serial()
	if renewed == first || samePin != pin {
		t.Errorf("near its end the leaf is %s (was %s), the pin %s (was %s)", renewed, first, samePin, pin)
	}
	c.hosts = append(c.hosts, "print.example.org")
	if other, samePin := serial(); other == renewed || samePin != pin || !c.coversHost("print.example.org") || c.coversHost("example.org") {
		t.Error("a new name does not get into the certificate, or changes the CA")
	}
	for _, name := range []string{"ca.pem", "server.pem"} {
		info, err := os.Stat(filepath.Join(dir, "tls", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "tls", "*.pem.*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	if err := os.WriteFile(filepath.Join(dir, "tls", "ca.pem"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.refreshLeaf(); err == nil {
		t.Error("a damaged CA is silently replaced: every scout would be locked out")
	}
}

func TestGivenCertificate(t *testing.T) {
	made := startServer(t, t.TempDir())
	pem := filepath.Join(made.cfg.DataDir, "tls", "server.pem")
	s, err := New(Config{DataDir: t.TempDir(), Site: made.cfg.Site, CertFile: pem, KeyFile: pem})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	bundle, err := s.Bundle(t.Context(), "https://localhost:1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	want, err := made.server.certs.serverPin()
	if err != nil || bundle.ServerPin != want {
		t.Errorf("the pin is %q, want the CA's %q, %v", bundle.ServerPin, want, err)
	}
}
