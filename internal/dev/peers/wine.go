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

// wines lists where a Wine for 64-bit programs may be: Debian's is not in PATH.
var wines = []string{"/usr/lib/wine/wine64", "wine64"}

// Wine runs programs for Windows.
type Wine struct {
	program string
	environ []string
	system  string // C:\windows\system32
}

// StartWine returns a Windows of the test's own, which ends with the test.
func StartWine(tb testing.TB) *Wine {
	tb.Helper()
	Short(tb, "Wine")
	prefix := filepath.Join(tb.TempDir(), "wine")
	w := &Wine{program: findWine(tb)}
	w.usePrefix(prefix)
	if err := w.copyTemplate(prefix); err != nil {
		tb.Fatal(err)
	}
	w.startDrivers(tb)
	return w
}

// drivers are what Windows needs to name folders, and whose a connection is.
var drivers = []string{"MountMgr", "nsiproxy"}

// startDrivers starts Windows, and returns when its drivers run: on a busy machine a
// program may start before them, or they may give up, and then it gets answers that
// no Windows gives. Windows ends with its last program: one waits here until the end.
func (w *Wine) startDrivers(tb testing.TB) {
	tb.Helper()
	keeper := w.Command(context.Background(), filepath.Join(w.system, "cmd.exe"))
	in, err := keeper.StdinPipe()
	if err == nil {
		err = keeper.Start()
	}
	if err != nil {
		tb.Fatalf("starting Windows: %v", err)
	}
	tb.Cleanup(func() {
		in.Close()
		w.killAll()
		_ = keeper.Wait()
	})
	sc := filepath.Join(w.system, "sc.exe")
	for _, driver := range drivers {
		Await(tb, "Windows runs "+driver, func() bool {
			if out, err := w.runProgram(sc, "query", driver); err == nil && strings.Contains(string(out), "RUNNING") {
				return true
			}
			_, _ = w.runProgram(sc, "start", driver) // fails where it is on its way
			return false
		})
	}
}

// usePrefix makes programs run in the Windows of a folder.
func (w *Wine) usePrefix(prefix string) {
	w.system = filepath.Join(prefix, "drive_c", "windows", "system32")
	w.environ = append(os.Environ(), "WINEPREFIX="+prefix, "WINEARCH=win64", "WINEDEBUG=-all", "DISPLAY=",
		"WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe=")
}

// killAll ends all programs of this Windows, and waits until they have ended: until
// then they write to its folder.
func (w *Wine) killAll() { w.runWineserver("--kill"); w.awaitEnd() }

// awaitEnd waits until no program of this Windows runs.
func (w *Wine) awaitEnd() { w.runWineserver("--wait") }

// runWineserver runs wineserver with an option, if there is a wineserver.
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

// wineTime is how long a program may run.
const wineTime = 5 * time.Minute

// runProgram runs a program for Windows.
func (w *Wine) runProgram(args ...string) ([]byte, error) { return w.runCommand(w.program, args...) }

// runCommand runs a program of Wine with its environment. The output goes to a file:
// the services of Windows continue to run, and would keep a pipe open.
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

// Build builds a program of this module for Windows, and returns its path.
func (w *Wine) Build(tb testing.TB, pkg string) string {
	tb.Helper()
	exe := filepath.Join(tb.TempDir(), "program.exe")
	build := exec.Command("go", "build", "-o", exe, pkg)
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building %s for Windows: %v\n%s", pkg, err, out)
	}
	return exe
}

// Command returns a program for Windows that is about to be run there. Its
// output should go to files: what it leaves behind would hold a pipe open.
func (w *Wine) Command(ctx context.Context, exe string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.program, append([]string{exe}, args...)...)
	cmd.Env = w.environ
	return cmd
}

// Path returns the path by which a program for Windows opens a file of this
// computer.
func (w *Wine) Path(path string) string { return "Z:" + strings.ReplaceAll(path, "/", `\`) }

// TestPackage builds the tests of a package, which must not need cgo, for Windows
// and runs them there. args are arguments of the test binary.
func (w *Wine) TestPackage(tb testing.TB, pkg string, args ...string) {
	tb.Helper()
	exe := w.BuildTest(tb, pkg)
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

// addRandom adds the library from which Go programs get random bytes since Go 1.22,
// if this Wine does not have it (before 9.16).
func (w *Wine) addRandom() error {
	path := filepath.Join(w.system, "bcryptprimitives.dll")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return os.WriteFile(path, forwarderDLL("bcryptprimitives.dll", "ProcessPrng", "advapi32.SystemFunction036"), 0o600)
}
