package installer

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// writeUnits writes the units to a folder, with the test binary in place of the
// programs, which need not be installed.
func writeUnits(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"printscout.service", "printscout.socket", "scoutcloud.service"} {
		b, err := Files.ReadFile("linux/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, program := range []string{"printscout", "scoutcloud"} {
			b = bytes.ReplaceAll(b, []byte("ExecStart=/usr/bin/"+program+" "), []byte("ExecStart="+self+" "))
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestUnits has systemd judge the units, without running them.
func TestUnits(t *testing.T) {
	analyze := peers.Need(t, "systemd-analyze")
	dir := writeUnits(t)
	units, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	drop := filepath.Join(dir, "printscout.socket.d")
	if err := os.Mkdir(drop, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(drop, filepath.Base(PortDropInPath)), PortDropIn(9000), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, units...)...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	for _, name := range []string{"printscout.service", "scoutcloud.service"} {
		out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=15", "--no-pager", filepath.Join(dir, name)).CombinedOutput()
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		t.Log(lines[len(lines)-1])
		if err != nil {
			t.Errorf("systemd-analyze security: %v\n%s", err, out)
		}
	}
}

// TestPortDropIn wants the former addresses to be taken back first.
func TestPortDropIn(t *testing.T) {
	const want = "[Socket]\nListenStream=\nListenStream=127.0.0.1:9000\nListenStream=[::1]:9000\n"
	if got := string(PortDropIn(9000)); !strings.HasSuffix(got, want) {
		t.Errorf("%s", got)
	}
}
