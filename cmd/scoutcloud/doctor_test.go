package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/directory"
)

// TestServerCheckupsAreThePage compares them with the table of docs/doctor.md.
func TestServerCheckupsAreThePage(t *testing.T) {
	b, err := os.ReadFile("../../docs/doctor.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(b), "\n## Checkups of a server\n")
	page, _, _ = strings.Cut(page, "\n## ")
	var rows, want []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(page, -1) {
		rows = append(rows, m[1])
	}
	for _, c := range serverCheckups {
		want = append(want, c.id)
	}
	if !slices.Equal(rows, want) {
		t.Errorf("docs/doctor.md has %v, the code has %v", rows, want)
	}
}

// patient is a server of a test.
type patient struct {
	*examinedServer
	t *testing.T
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	site := filepath.Join(t.TempDir(), "site")
	if _, _, err := directory.CreateSite(site, "Example", time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(site, "site.json")); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	o := serveOptions{data: data, listen: "127.0.0.1:0", Site: site, URL: "https://localhost:1"}
	return &patient{&examinedServer{serveOptions: o, now: time.Now}, t}
}

// wants runs one checkup and wants a state and a word.
func (p *patient) wants(id string, state checkup.State, word string) {
	p.t.Helper()
	for _, c := range serverCheckups {
		if c.id != id {
			continue
		}
		f := c.look(p.examinedServer, p.t.Context())
		if f.State != state || !strings.Contains(f.Summary+" | "+f.Fix, word) {
			p.t.Errorf("%s is %s: %s | %s; want %s, %q", id, f.State, f.Summary, f.Fix, state, word)
		}
		return
	}
	p.t.Fatalf("there is no checkup %s", id)
}

// bundle makes a bundle at a time and returns its token.
func (p *patient) bundle(at time.Time, valid time.Duration) string {
	p.t.Helper()
	public, err := directory.LoadPublic(p.Site)
	if err != nil {
		p.t.Fatal(err)
	}
	s, err := cloud.New(cloud.Config{DataDir: p.data, Site: public, Now: func() time.Time { return at }})
	if err != nil {
		p.t.Fatal(err)
	}
	defer s.Close()
	b, err := s.Bundle(p.t.Context(), "https://localhost:1", valid)
	if err != nil {
		p.t.Fatal(err)
	}
	return b.Token
}

// serve runs the server until the test ends or stop is called.
func (p *patient) serve() (stop func()) {
	p.t.Helper()
	public, err := directory.LoadPublic(p.Site)
	if err != nil {
		p.t.Fatal(err)
	}
	s, err := cloud.New(cloud.Config{DataDir: p.data, Site: public, SiteDir: p.Site})
	if err != nil {
		p.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	p.listen = l.Addr().String()
	_, port, _ := net.SplitHostPort(p.listen)
	p.URL = "https://localhost:" + port
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	stop = func() {
		cancel()
		<-served
		s.Close()
	}
	return stop
}

// TestDoctorOfAServer looks at one before its first start, while it runs, and
// after.
func TestDoctorOfAServer(t *testing.T) {
	p := newPatient(t)
	p.wants("registry", checkup.Info, "no registry yet")
	p.wants("certificate", checkup.Info, "no certificate yet")
	p.wants("data", checkup.Pass, "")
	p.wants("site", checkup.Pass, "epoch 1")
	p.wants("tokens", checkup.Info, "see the checkup registry")
	stop := p.serve()
	p.wants("port", checkup.Pass, "answers at https://localhost")
	for _, id := range []string{"data", "registry", "certificate", "tokens", "bundles"} {
		p.wants(id, checkup.Pass, "")
	}
	p.URL = "https://localhost:1"
	p.wants("port", checkup.Warn, "is not reached at")
	stop()
	p.wants("port", checkup.Info, "does not run")
	p.wants("registry", checkup.Pass, "is whole")
	p.wants("site", checkup.Pass, "")
}

// TestDoctorFindsAStrangerAtThePort has a listener without TLS, and a server with
// another certificate.
func TestDoctorFindsAStrangerAtThePort(t *testing.T) {
	p, other := newPatient(t), newPatient(t)
	stop := p.serve()
	stop()
	defer other.serve()()
	p.listen = other.listen
	p.wants("port", checkup.Fail, "another certificate")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	p.listen = l.Addr().String()
	p.wants("port", checkup.Fail, "another program listens")
}

func TestDoctorFindsWhatIsWrongWithAServer(t *testing.T) {
	p := newPatient(t)
	stop := p.serve()
	stop()
	r, err := cloud.OpenExistingRegistry(t.Context(), p.data)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if _, err := cloud.IssueAPIToken(t.Context(), r, "panel", now, now.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	p.bundle(now.Add(-8*24*time.Hour), 30*24*time.Hour)
	p.wants("tokens", checkup.Warn, `"panel" ends on`)
	p.wants("bundles", checkup.Warn, "1 bundles")
	p.URL = "https://print.example:8443"
	p.wants("certificate", checkup.Fail, "not for print.example")
	p.URL, p.now = "https://localhost:1", func() time.Time { return now.Add(390 * 24 * time.Hour) }
	p.wants("certificate", checkup.Warn, "The certificate ends on")
	p.now = func() time.Time { return now.Add(21 * 365 * 24 * time.Hour) }
	p.wants("certificate", checkup.Fail, "The CA of the certificate ended")
	p.now = time.Now
	if err := os.WriteFile(filepath.Join(p.Site, "site.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.wants("site", checkup.Warn, "site.json")
	if err := os.WriteFile(filepath.Join(p.Site, "directory.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.wants("site", checkup.Fail, "copy public.json")
	if err := os.WriteFile(filepath.Join(p.data, "registry.db"), []byte("no database, but text, which is long enough"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.wants("registry", checkup.Fail, "backup")
}

func TestDoctorOfModes(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("modes say nothing on Windows")
	}
	p := newPatient(t)
	stop := p.serve()
	stop()
	for path, mode := range map[string]os.FileMode{"registry.db": 0o640, "tls/ca.pem": 0o604, "": 0o755} {
		path = filepath.Join(p.data, path)
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		p.wants("data", checkup.Fail, "chmod go= "+path)
		if err := os.Chmod(path, before.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	p.wants("data", checkup.Pass, "")
}

// TestDoctorOfTheClock has a registry of a time to come.
func TestDoctorOfTheClock(t *testing.T) {
	p := newPatient(t)
	stop := p.serve()
	stop()
	later := time.Now().Add(time.Hour)
	hash := sha256.Sum256([]byte(p.bundle(later, time.Hour)))
	r, err := cloud.OpenExistingRegistry(t.Context(), p.data)
	if err != nil {
		t.Fatal(err)
	}
	scout := cloud.Scout{ID: "s1", Name: "ws", Version: "1", Sign: make([]byte, 32), Wrap: make([]byte, 32), Enrolled: later}
	_, err = r.Enroll(t.Context(), hash[:], scout)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	p.wants("clock", checkup.Fail, "yet to come")
}

func TestOpenFiles(t *testing.T) {
	const limits = "Limit                     Soft Limit           Hard Limit           Units\nMax open files            8192                 524288               files\n"
	if n, ok := parseOpenFiles(limits); n != 8192 || !ok {
		t.Errorf("%d, %v", n, ok)
	}
	for _, text := range []string{"", "Max open files", "Max open files unlimited unlimited files"} {
		if _, ok := parseOpenFiles(text); ok {
			t.Errorf("%q has a number", text)
		}
	}
}
