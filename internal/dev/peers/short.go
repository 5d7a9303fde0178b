package peers

import "testing"

// Short skips the test in a short run (go test -short, make short), which
// leaves out what takes more than about a second, and says what that is. Tests
// that start a peer are left out without it: Need, StartWine and Alone call it.
func Short(tb testing.TB, what string) {
	tb.Helper()
	if testing.Short() {
		tb.Skipf("left out of a short run: %s", what)
	}
}
