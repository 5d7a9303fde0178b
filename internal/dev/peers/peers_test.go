package peers

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

// recorder stands in for a test and keeps what it was told.
type recorder struct {
	testing.TB
	skipped, failed string
}

func (r *recorder) Helper() {}

func (r *recorder) Name() string { return "TestSomething" }

func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// run calls f as a test of its own.
func run(f func(tb testing.TB)) *recorder {
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r
}

// setShort makes this a short run or none, for one test.
func setShort(t *testing.T, short bool) {
	t.Helper()
	const name = "test.short"
	former := flag.Lookup(name).Value.String()
	set := func(value string) {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { set(former) })
	set(strconv.FormatBool(short))
}

// TestShortRunStartsNoPeer wants a short run to skip what a peer is needed for,
// whether it is there or not and on CI too, and another run to skip nothing.
func TestShortRunStartsNoPeer(t *testing.T) {
	t.Setenv("CI", "true")
	for what, start := range map[string]func(testing.TB){
		"sh":                   func(tb testing.TB) { Need(tb, "sh") },
		"no-such-peer-7f3a":    func(tb testing.TB) { Need(tb, "no-such-peer-7f3a") },
		"Wine":                 func(tb testing.TB) { StartWine(tb) },
		"a network of its own": func(tb testing.TB) { Alone(tb) },
		"a minute":             func(tb testing.TB) { Short(tb, "a minute") },
	} {
		setShort(t, true)
		if r := run(start); r.skipped != "left out of a short run: "+what || r.failed != "" {
			t.Errorf("%s: skipped %q, failed %q", what, r.skipped, r.failed)
		}
	}
	setShort(t, false)
	if r := run(func(tb testing.TB) { Short(tb, "a minute") }); r.skipped != "" {
		t.Errorf("a whole run skipped %q", r.skipped)
	}
}

func TestMissingPeerIsSkippedOrFails(t *testing.T) {
	setShort(t, false)
	const name = "no-such-peer-7f3a"
	need := func(tb testing.TB) { Need(tb, name) }
	t.Setenv("CI", "")
	skips := filepath.Join(t.TempDir(), "skips")
	t.Setenv("PRINTSCOUT_SKIPS", skips)
	if r := run(need); r.skipped != "missing peer: "+name || r.failed != "" {
		t.Errorf("without CI: skipped %q, failed %q", r.skipped, r.failed)
	}
	if b, err := os.ReadFile(skips); string(b) != "TestSomething: missing "+name+"\n" {
		t.Errorf("told of the skip: %q, %v", b, err)
	}
	t.Setenv("CI", "true")
	if r := run(need); r.failed != "missing peer: "+name || r.skipped != "" {
		t.Errorf("with CI: skipped %q, failed %q", r.skipped, r.failed)
	}
}

func TestMissingFile(t *testing.T) {
	t.Setenv("CI", "")
	t.Setenv("PRINTSCOUT_SKIPS", "")
	path := filepath.Join(t.TempDir(), "suite.test")
	if r := run(func(tb testing.TB) { NeedFile(tb, path) }); r.skipped != "missing peer: "+path {
		t.Errorf("skipped %q", r.skipped)
	}
}

func TestPeerOnPath(t *testing.T) {
	setShort(t, false)
	const name = "peer-7f3a.exe" // the extension tells a program on Windows
	dir := t.TempDir()
	want := filepath.Join(dir, name)
	if err := os.WriteFile(want, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if got := Need(t, name); got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}

func TestNeedRoot(t *testing.T) {
	t.Setenv("CI", "")
	r := run(func(tb testing.TB) { NeedRoot(tb) })
	if os.Geteuid() == 0 && r.skipped != "" || os.Geteuid() > 0 && r.skipped != "missing peer: root" {
		t.Errorf("as uid %d: skipped %q", os.Geteuid(), r.skipped)
	}
}
