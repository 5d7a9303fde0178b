package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// nobody is an account of every system.
const nobody = 65534

// asNobody runs this test's program as nobody, at an address.
func asNobody(t *testing.T, address string) string {
	t.Helper()
	peers.NeedRoot(t)
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "stranger")
	self, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(program, self, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), program)
	c.Dir = "/"
	c.Env = []string{strangerVariable + "=" + address}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("as nobody: %v\n%s", err, out)
	}
	return string(out)
}

// TestAnotherAccountIsNotLetInWithTheTokenInHand has nobody come by the right
// address, before the person and after.
func TestAnotherAccountIsNotLetInWithTheTokenInHand(t *testing.T) {
	v := start(t, func(c *Config) { c.Stands = true })
	wantsNothing(t, asNobody(t, v.server.URL()))
	if code, _ := v.fetch("GET", v.server.URL(), nil); code != 200 {
		t.Fatalf("the person is not let in: %d", code)
	}
	v.page("jobs", "My jobs")
	wantsNothing(t, asNobody(t, v.server.URL()))
	wantsNothing(t, asNobody(t, v.address("jobs")))
}

// TestNobodyReadsTheFile asks the system whether it lets another account.
func TestNobodyReadsTheFile(t *testing.T) {
	peers.NeedRoot(t)
	v := start(t, nil)
	file := opened(t, v)
	c := exec.Command(peers.Need(t, "cat"), file)
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := c.CombinedOutput(); err == nil || strings.Contains(string(out), "token") {
		t.Errorf("nobody reads %s", out)
	}
}

// wantsNothing fails where a stranger got anything.
func wantsNothing(t *testing.T, said string) {
	t.Helper()
	if !strings.HasPrefix(said, "nothing: ") {
		t.Errorf("somebody else got: %s", said)
	}
}
