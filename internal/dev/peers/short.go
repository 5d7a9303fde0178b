package peers

import "testing"

// Short skips the test in a short run (go test -short, make short), which leaves out
// tests that take more than about a second; what says what takes so long. Tests that
// start a peer need not call it: Need, StartWine and Alone do.
func Short(tb testing.TB, what string) {
	tb.Helper()
	if testing.Short() {
		tb.Skipf("left out of a short run: %s", what)
	}
}
