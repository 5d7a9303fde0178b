package run

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/printscout/printscout/internal/dev/peers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shell runs a script as a child, until the end of the test.
func shell(t *testing.T, script string) *Child {
	t.Helper()
	c, err := Start(exec.Command(peers.Need(t, "sh"), "-c", script))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

func TestChildSaysItsFirstLineAndEnds(t *testing.T) {
	c := shell(t, "echo first; echo second; read x")
	if line, err := c.FirstLine(t.Context()); line != "first\n" || err != nil {
		t.Errorf("it said %q, %v", line, err)
	}
}

func TestChildThatEndsIsNotWaitedFor(t *testing.T) {
	c := shell(t, "echo trouble >&2; exit 3")
	if _, err := c.FirstLine(t.Context()); err == nil || !strings.Contains(err.Error(), "trouble") {
		t.Errorf("got %v", err)
	}
	if err := c.Until(t.Context(), time.Millisecond, func() bool { return false }); err == nil || !strings.Contains(err.Error(), "trouble") {
		t.Errorf("got %v", err)
	}
}

func TestPrinterKeepsAndEmpties(t *testing.T) {
	for _, name := range []string{"ippeveprinter", "dbus-daemon", "ipptool"} {
		peers.Need(t, name)
	}
	dir := t.TempDir()
	p, err := StartPrinter(t.Context(), filepath.Join(dir, "e"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	suites := filepath.Join(dir, "s")
	os.Mkdir(suites, 0o700)
	if err := peers.WriteSuites(suites); err != nil {
		t.Fatal(err)
	}
	s, err := RunSuite(t.Context(), suites, p.URI, "print-job.test")
	if err != nil || s.Passed != 1 || len(s.Failed) != 0 || s.Took == 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	doc := int64(len(peers.PDF(595, 842)))
	if n, size, err := p.Empty(); n != 1 || size != doc || err != nil {
		t.Errorf("it kept %d documents of %d bytes, not one of %d: %v", n, size, doc, err)
	}
	if n, _, err := p.Empty(); n != 0 || err != nil {
		t.Errorf("emptied, it has %d documents, %v", n, err)
	}
}

func TestSuiteThatStops(t *testing.T) {
	peers.Need(t, "ipptool")
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "bad.test"), []byte("{ NAME unfinished\n"), 0o600)
	if s, err := RunSuite(t.Context(), dir, "ipp://localhost:1/ipp/print", "bad.test"); err == nil {
		t.Errorf("got %+v", s)
	}
}
