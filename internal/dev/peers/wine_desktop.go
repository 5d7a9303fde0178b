package peers

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// OnDesktop returns the command that runs a program for Windows on a desktop
// with a taskbar, which fills the screen of an X display. Variables are set for
// the program besides.
func (w *Wine) OnDesktop(display, size, exe string, variables ...string) *exec.Cmd {
	c := exec.Command(w.program, "explorer", "/desktop=shell,"+size, exe)
	for _, v := range w.environ {
		if !strings.HasPrefix(v, "DISPLAY=") {
			c.Env = append(c.Env, v)
		}
	}
	c.Env = append(append(c.Env, "DISPLAY="+display), variables...)
	return c
}

// BuildTest builds the tests of a package for Windows, as TestPackage does, and
// returns the program.
func (w *Wine) BuildTest(tb testing.TB, pkg string) (exe string) {
	tb.Helper()
	exe = filepath.Join(tb.TempDir(), "windows.test.exe")
	build := exec.Command("go", "test", "-c", "-o", exe, pkg)
	build.Env = append(build.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building the tests of %s for Windows: %v\n%s", pkg, err, out)
	}
	return exe
}
