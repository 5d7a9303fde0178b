// Package peers finds and starts the external programs that tests are run against:
// ipptool, ippeveprinter, cupsd and others. It is only for tests and tools; no
// shipped command imports it, and it imports no package of the project.
//
// If a peer is missing, the test is skipped with a message that begins
// "missing peer: ", so that a run can list what it did not test. If the environment
// variable CI is set, the test fails instead.
package peers

import (
	"fmt"
	"os"
	"testing"
)

// sbin lists folders of system programs that are often not in the PATH of ordinary
// users.
var sbin = []string{"/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/lib/cups/backend"}

// Need returns the path of a program. If there is none, the test is skipped, or
// fails if CI is set. In a short run the test is always skipped.
func Need(tb testing.TB, name string) string {
	tb.Helper()
	Short(tb, name)
	path, ok := Find(name)
	if !ok {
		Missing(tb, name)
	}
	return path
}

// NeedFile returns path if that file of a peer exists: a test suite, a sample. If it
// does not, the test is skipped, or fails if CI is set.
func NeedFile(tb testing.TB, path string) string {
	tb.Helper()
	if _, err := os.Stat(path); err != nil {
		Missing(tb, path)
	}
	return path
}

// NeedRoot skips the test, or fails it if CI is set, unless it runs as root.
func NeedRoot(tb testing.TB) {
	tb.Helper()
	if os.Geteuid() != 0 {
		Missing(tb, "root")
	}
}

// Missing skips the test because a peer is missing, or fails it if CI is set. If
// PRINTSCOUT_SKIPS names a file, the skipped test is listed there.
func Missing(tb testing.TB, name string) {
	tb.Helper()
	if os.Getenv("CI") != "" {
		tb.Fatalf("missing peer: %s", name)
	}
	if f, err := os.OpenFile(os.Getenv("PRINTSCOUT_SKIPS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		fmt.Fprintf(f, "%s: missing %s\n", tb.Name(), name)
		f.Close()
	}
	tb.Skipf("missing peer: %s", name)
}
