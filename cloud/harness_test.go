package cloud

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/printscout/printscout/internal/directory"
)

// childData, in the environment, makes the test binary the other process of
// TestTwoProcessesOnOneRegistry.
const childData = "CLOUD_TEST_CHILD_DATA"

func TestMain(m *testing.M) {
	if data := os.Getenv(childData); data != "" {
		os.Exit(issueAsChild(data))
	}
	code := func() int {
		defer removeSite()
		return m.Run()
	}()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}

// issueAsChild makes API tokens and prints the last.
func issueAsChild(data string) int {
	registry, err := OpenRegistry(context.Background(), data)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer registry.Close()
	var token string
	for range 50 {
		if token, err = IssueAPIToken(context.Background(), registry, "child", time.Now(), time.Now().Add(time.Hour)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	fmt.Print(token)
	return 0
}

const patient = 10 * time.Second // no test waits this long unless it fails

// clock is the server's, moved by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Making a site costs a slow password hash: all tests share one, with the printer "demo".
var shared struct {
	once sync.Once
	dir  string
	site *directory.Site
	err  error
}

func someSite(t *testing.T) *directory.Site {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "cloud-site"); shared.err != nil {
			return
		}
		if shared.site, _, shared.err = directory.CreateSite(filepath.Join(shared.dir, "site"), "Amt", time.Now()); shared.err == nil {
			shared.err = shared.site.AddPrinter(directory.Printer{ID: "p-1", Name: "demo", URIs: []string{"ipp://127.0.0.1:1/ipp/print"},
				Floor: directory.GradeIPP}, time.Now())
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.site
}

func removeSite() {
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
}

// siteFolder is a copy of the shared site's folder.
func siteFolder(t *testing.T) string {
	t.Helper()
	someSite(t)
	dir := filepath.Join(t.TempDir(), "site")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(shared.dir, "site"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// fixture is a server on loopback.
type fixture struct {
	t      *testing.T
	server *Server
	cfg    Config
	clock  *clock
	addr   string
	token  string
	client *http.Client
	stop   func()
}

// startServer makes a server on dataDir and serves until the test ends or stop is called.
func startServer(t *testing.T, dataDir string, change ...func(*Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{now: time.Now()}}
	f.cfg = Config{DataDir: dataDir, Site: someSite(t).Public(), SiteDir: siteFolder(t), Now: f.clock.Now}
	for _, c := range change {
		c(&f.cfg)
	}
	var err error
	if f.server, err = New(f.cfg); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.addr = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := f.server.Serve(ctx, l); err != nil {
			t.Errorf("Serve returned %v", err)
		}
	})
	f.stop = sync.OnceFunc(func() {
		cancel()
		serving.Wait()
		if err := f.server.Close(); err != nil {
			t.Errorf("Close returned %v", err)
		}
		f.client.CloseIdleConnections()
	})
	f.client = &http.Client{Timeout: patient, Transport: &http.Transport{TLSClientConfig: f.clientTLS()}}
	t.Cleanup(f.stop)
	if status, body := f.call("GET", "/healthz", nil); status != http.StatusOK {
		t.Fatalf("the server does not come up: status %d, %s", status, body)
	}
	if f.token, err = f.server.APIToken(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) clientTLS() *tls.Config {
	f.t.Helper()
	ca, err := f.server.certs.loadOrMakeCA()
	if err != nil {
		f.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.Leaf)
	return &tls.Config{RootCAs: roots}
}

// call makes a request with the API token and returns status and body.
func (f *fixture) call(method, path string, body any) (int, []byte) {
	f.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = bytes.NewReader([]byte(b))
	default:
		data, err := json.Marshal(b)
		if err != nil {
			f.t.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(f.t.Context(), method, "https://"+f.addr+path, reader)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+f.token)
	resp, err := f.client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return resp.StatusCode, data
}

// getJSON calls and expects 200 and JSON of T.
func getJSON[T any](f *fixture, path string) T {
	f.t.Helper()
	status, data := f.call("GET", path, nil)
	var v T
	if err := json.Unmarshal(data, &v); status != http.StatusOK || err != nil {
		f.t.Fatalf("GET %s: status %d, %s", path, status, data)
	}
	return v
}

// postRelease orders a release and returns what became of it.
func (f *fixture) postRelease(body any) []releaseView {
	f.t.Helper()
	status, data := f.call("POST", "/v1/releases", body)
	var v struct{ Releases []releaseView }
	if err := json.Unmarshal(data, &v); status != http.StatusAccepted || err != nil {
		f.t.Fatalf("POST /v1/releases: status %d, %s", status, data)
	}
	return v.Releases
}

func (f *fixture) releaseByID(id string) releaseView {
	return getJSON[releaseView](f, "/v1/releases/"+id)
}
