package peers

import (
	"os"
	"os/exec"
	"testing"
)

// aloneVariable is set in the second process of a test binary.
const aloneVariable = "PRINTSCOUT_TEST_ALONE"

// Alone is for peers that always listen on every address. It runs the test that
// calls it in a second process, in a network namespace that has only lo, and with
// an empty /run. It returns true in the second process, and false in the first one
// after the second has ended. It needs root.
func Alone(tb testing.TB) bool {
	tb.Helper()
	if os.Getenv(aloneVariable) == tb.Name() {
		return true
	}
	Short(tb, "a network of its own")
	NeedRoot(tb)
	Need(tb, "ip")
	unshare := Need(tb, "unshare")
	if exec.Command(unshare, "-n", "-m", "true").Run() != nil {
		Missing(tb, "a namespace")
	}
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(tb.Context(), unshare, "-n", "-m", "sh", "-c", `ip link set lo up && mount -t tmpfs none /run && exec "$0" "$@"`,
		self, "-test.run=^"+tb.Name()+"$", "-test.count=1", "-test.timeout=5m", "-test.v")
	cmd.Env = append(os.Environ(), aloneVariable+"="+tb.Name())
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Errorf("in a network of its own: %v", err)
	}
	if err != nil || testing.Verbose() {
		tb.Logf("%s", out)
	}
	return false
}
