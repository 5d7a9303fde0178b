package run

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Binaries has the paths of the project's two binaries, built as for a release.
type Binaries struct{ Printscout, Scoutcloud string }

// Build builds the binaries of this source tree, stripped as for a release, in a
// folder.
func Build(ctx context.Context, dir string) (Binaries, error) {
	ext := ""
	if runtime.GOOS == "windows" {
		ext = ".exe"
	}
	b := Binaries{filepath.Join(dir, "printscout"+ext), filepath.Join(dir, "scoutcloud"+ext)}
	for name, path := range map[string]string{"printscout": b.Printscout, "scoutcloud": b.Scoutcloud} {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "github.com/printscout/printscout/cmd/"+name)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return b, fmt.Errorf("building %s: %w: %s", name, err, out)
		}
	}
	return b, nil
}

// Demo is a running scoutcloud demo that prints no document of its own.
type Demo struct {
	IPPURL   string `json:"ipp_url"`
	Control  string `json:"control"`
	ScoutPID int    `json:"scout_pid"`
	*Child
	dir string
}

// StartDemo starts a demo with all of its files in a folder, which should have a
// short path, since a socket is in it. Its printer is a simulated one, unless the
// options name another.
func (b Binaries) StartDemo(ctx context.Context, dir string, options ...string) (*Demo, error) {
	args := append([]string{"demo", "--document", "none", "--json", "--data", dir}, options...)
	child, err := Start(exec.Command(b.Scoutcloud, args...))
	if err != nil {
		return nil, err
	}
	d := &Demo{Child: child, dir: dir}
	line, err := child.FirstLine(ctx)
	if err == nil {
		err = json.Unmarshal([]byte(line), d)
	}
	if err != nil {
		child.Stop()
		return nil, fmt.Errorf("starting a demo: %w", err)
	}
	return d, nil
}

// StartScout starts only the scout of a demo that has been stopped.
func (b Binaries) StartScout(d *Demo) (*Child, error) {
	return Start(exec.Command(b.Printscout, "--config", filepath.Join(d.dir, "scout.json"), "service"))
}
