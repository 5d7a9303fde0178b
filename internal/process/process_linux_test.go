package process

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const childVariable = "PROCESS_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
		os.Exit(m.Run())
	case "hard":
		Harden()
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	limits, readErr := os.ReadFile("/proc/self/limits")
	fmt.Println("dumpable", dumpable, err, readErr)
	for line := range strings.Lines(string(limits)) {
		if strings.HasPrefix(line, "Max core file size") {
			fmt.Println(strings.Join(strings.Fields(line), " "))
		}
	}
}

func child(t *testing.T, how string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), childVariable+"="+how)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestHarden(t *testing.T) {
	if out := child(t, "soft"); !strings.Contains(out, "dumpable 1 <nil>") {
		t.Errorf("a process that was not hardened says %s", out)
	}
	if out := child(t, "hard"); !strings.Contains(out, "dumpable 0 <nil> <nil>") || !strings.Contains(out, "Max core file size 0 0 bytes") {
		t.Errorf("a hardened process says %s", out)
	}
}
