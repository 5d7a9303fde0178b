//go:build linux

package container

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMachine(t *testing.T) {
	m := Boot(t)
	for script, want := range map[string]string{
		"cat /proc/1/comm": "systemd\n",
		"hostname; echo two >&2; exec >/dev/null; (exec </dev/null; sleep 600) &": "container\ntwo\n",
		"echo here > /etc/only-in-the-container; cat /etc/only-in-the-container":  "here\n",
		"ls /sys/class/net": "lo\n",
	} {
		if out, err := m.Run(script); out != want || err != nil {
			t.Errorf("%s: %q, %v", script, out, err)
		}
	}
	if out, err := m.Run("echo said; exit 3"); out != "said\n" || err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("a script that fails: %q, %v", out, err)
	}
	if _, err := os.Stat("/etc/only-in-the-container"); err == nil {
		t.Error("a file of the container is on this computer")
	}
	from := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(from, []byte("bytes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.Copy(from, "/opt/new/file", 0o750); err != nil {
		t.Fatal(err)
	}
	if out, err := m.Run("stat -c %a:%U /opt/new/file; cat /opt/new/file"); out != "750:root\nbytes\n" || err != nil {
		t.Errorf("copied: %q, %v", out, err)
	}
	if err := m.Copy(filepath.Join(from, "absent"), "/opt/x", 0o600); err == nil {
		t.Error("a file that is not there was copied")
	}
}

func TestConnect(t *testing.T) {
	one, two, three := Boot(t), Boot(t), Boot(t)
	addresses := Connect(t, one, two, three)
	for _, m := range []*Machine{one, two} {
		if out, err := m.Run("exec 3<>/dev/tcp/" + addresses[2] + "/9 2>&1"); err == nil || !strings.Contains(out, "Connection refused") {
			t.Errorf("a port that nobody has: %q, %v", out, err)
		}
	}
}

// TestMachinesHaveTheirOwnGroups: systemd-nspawn removes what is empty in the
// control group of a machine that ends, which must not be another's.
func TestMachinesHaveTheirOwnGroups(t *testing.T) {
	group := func(m *Machine) string {
		said, err := os.ReadFile("/proc/" + m.leader + "/cgroup")
		if err != nil {
			t.Fatal(err)
		}
		var own []string
		for line := range strings.Lines(string(said)) {
			if strings.Contains(line, ":name=systemd:") || strings.Contains(line, "::") {
				own = append(own, line)
			}
		}
		return strings.Join(own, "")
	}
	one, other := group(Boot(t)), group(Boot(t))
	if one == other || one == "" {
		t.Errorf("both are in\n%s", one)
	}
}
