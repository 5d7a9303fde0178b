package peers

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// wines are where a Wine for 64-bit programs lies: Debian keeps it out of PATH.
var wines = []string{"/usr/lib/wine/wine64", "wine64"}

// Wine runs programs for Windows.
type Wine struct {
	program string
	environ []string
	system  string // C:\windows\system32
}

// StartWine gives a test a Windows of its own, which ends with the test.
func StartWine(tb testing.TB) *Wine {
	tb.Helper()
	Short(tb, "Wine")
	prefix := filepath.Join(tb.TempDir(), "wine")
	w := &Wine{program: findWine(tb)}
	w.usePrefix(prefix)
	if err := w.copyTemplate(prefix); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(w.killAll)
	return w
}

// usePrefix lets programs run in the Windows of a folder.
func (w *Wine) usePrefix(prefix string) {
	w.system = filepath.Join(prefix, "drive_c", "windows", "system32")
	w.environ = append(os.Environ(), "WINEPREFIX="+prefix, "WINEARCH=win64", "WINEDEBUG=-all", "DISPLAY=",
		"WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe=")
}

// killAll ends all that runs there, and waits for it: it writes to its folder.
func (w *Wine) killAll() { w.runWineserver("--kill"); w.awaitEnd() }

// awaitEnd returns when nothing runs there any more.
func (w *Wine) awaitEnd() { w.runWineserver("--wait") }

// runWineserver tells the server of Wine something, where there is one.
func (w *Wine) runWineserver(do string) {
	server, ok := Find(filepath.Join(filepath.Dir(w.program), "wineserver"))
	if !ok {
		server, ok = Find("wineserver")
	}
	if ok {
		w.runCommand(server, do)
	}
}

func findWine(tb testing.TB) string {
	tb.Helper()
	for _, name := range wines {
		if path, ok := Find(name); ok {
			return path
		}
	}
	Missing(tb, "wine64")
	return ""
}

// wineTime is the longest that a program may run.
const wineTime = 5 * time.Minute

// runProgram runs a program for Windows.
func (w *Wine) runProgram(args ...string) ([]byte, error) { return w.runCommand(w.program, args...) }

// runCommand runs a program of Wine's with its environment. The output goes to
// a file: the services of Windows stay behind, and would hold a pipe open.
func (w *Wine) runCommand(name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), wineTime)
	defer cancel()
	f, err := os.CreateTemp("", "wine")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = w.environ, f, f
	err = cmd.Run()
	out, _ := os.ReadFile(f.Name())
	return out, err
}

// TestPackage builds the tests of a package, which must need no cgo, for
// Windows and runs them there. Arguments are those of a test binary.
func (w *Wine) TestPackage(tb testing.TB, pkg string, args ...string) {
	tb.Helper()
	exe := filepath.Join(tb.TempDir(), "windows.test.exe")
	build := exec.Command("go", "test", "-c", "-o", exe, pkg)
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building the tests of %s for Windows: %v\n%s", pkg, err, out)
	}
	out, err := w.runProgram(append([]string{exe, "-test.v=test2json"}, args...)...)
	if err != nil {
		failed, why := readFailures(out)
		if why != nil {
			tb.Fatalf("the tests of %s on Windows: %v, %v\n%s", pkg, err, why, out)
		}
		for _, f := range failed {
			tb.Errorf("%s: %s on Windows:\n%s", pkg, f.test, strings.Join(f.said, ""))
		}
	}
	if testing.Verbose() {
		tb.Logf("%s", out)
	}
}

// addRandom gives Windows the library that Go programs take their random bytes
// from since Go 1.22, where Wine has none (before 9.16).
func (w *Wine) addRandom() error {
	path := filepath.Join(w.system, "bcryptprimitives.dll")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return os.WriteFile(path, forwarderDLL("bcryptprimitives.dll", "ProcessPrng", "advapi32.SystemFunction036"), 0o600)
}
