// Package peers finds the programs of others that tests are run against:
// ipptool, ippeveprinter, cupsd and the like. It belongs to tests alone; no
// command of the project imports it and it imports no package of the project.
//
// Where a peer is missing the test is skipped, with a message that begins
// "missing peer: " so that a run can list what it did not test. With the
// environment variable CI set, nothing is skipped: the test fails.
package peers

import (
	"fmt"
	"os"
	"testing"
)

// sbin are the folders in which system programs lie that an ordinary user's
// PATH often leaves out.
var sbin = []string{"/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/lib/cups/backend"}

// Need returns the path of the program of that name. Where there is none the
// test is skipped, or fails if CI is set. A short run skips it in any case.
func Need(tb testing.TB, name string) string {
	tb.Helper()
	Short(tb, name)
	path, ok := Find(name)
	if !ok {
		Missing(tb, name)
	}
	return path
}

// NeedFile returns path if that file is there, as a part of a peer that is no
// program: a test suite, a sample. Where it is not the test is skipped, or
// fails if CI is set.
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

// Missing skips the test for want of what is named, or fails it if CI is set.
// A run that sets PRINTSCOUT_SKIPS to a file finds there what was skipped.
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
