package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pkg is a package of this module, as go list describes it.
type pkg struct {
	Dir, ImportPath string
	Module          struct{ Path, Dir string }
}

// listPackages returns the packages that match patterns and have inputs.
func listPackages(ctx context.Context, patterns []string) ([]pkg, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-json=Dir,ImportPath,Module"}, patterns...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("listing packages: %w", err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("listing packages: %w", err)
		}
		if _, err := os.Stat(p.inputFolder()); err == nil {
			all = append(all, p)
		}
	}
}

func (p pkg) inputFolder() string { return filepath.Join(p.Dir, "testdata", "fuzz") }

// reduceTargets reduces the inputs of all targets of one package, with one test
// binary.
func (p pkg) reduceTargets(ctx context.Context, dry bool, out io.Writer) error {
	folders, err := os.ReadDir(p.inputFolder())
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "fuzzinputs")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	binary := filepath.Join(temp, "test.exe") // the extension tells a program on Windows
	build := exec.CommandContext(ctx, "go", "test", "-c", "-covermode=set", "-coverpkg="+p.Module.Path+"/...", "-o", binary, p.ImportPath)
	build.Dir = p.Module.Dir
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the tests: %w\n%s", err, said)
	}
	for _, f := range folders {
		t := target{name: f.Name(), dir: filepath.Join(p.inputFolder(), f.Name()), pkg: p.Dir, binary: binary, temp: temp}
		before, after, err := t.reduceInputs(ctx, dry)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		fmt.Fprintf(out, "%s %s: %d of %d inputs stay\n", strings.TrimPrefix(p.ImportPath, p.Module.Path+"/"), t.name, after, before)
	}
	return nil
}
