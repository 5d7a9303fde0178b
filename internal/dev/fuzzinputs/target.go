package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
)

// target is one fuzz target.
type target struct {
	name, dir   string // dir has its inputs
	pkg, binary string // the folder in which the binary runs, and the binary
	temp        string
}

// ofTheFuzzer matches names that the fuzzer gives: the beginning of a hash.
var ofTheFuzzer = regexp.MustCompile(`^[0-9a-f]{16}$`)

// reduceInputs removes the inputs that add nothing, or only counts them if dry is
// set.
func (t target) reduceInputs(ctx context.Context, dry bool) (before, after int, err error) {
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return 0, 0, err
	}
	reached, err := t.runInputs(ctx, "^seed#")
	if err != nil {
		return 0, 0, err
	}
	var candidates []input
	for _, e := range entries {
		if !ofTheFuzzer.MatchString(e.Name()) {
			blocks, err := t.runInputs(ctx, "^"+regexp.QuoteMeta(e.Name())+"$")
			if err != nil {
				return 0, 0, err
			}
			reached.addAll(blocks)
			after++
			continue
		}
		info, err := e.Info()
		if err != nil {
			return 0, 0, err
		}
		candidates = append(candidates, input{name: e.Name(), size: info.Size()})
	}
	if err := t.measureCover(ctx, candidates, reached); err != nil {
		return 0, 0, err
	}
	kept := chooseInputs(candidates)
	for _, c := range candidates {
		if !kept[c.name] && !dry {
			if err := os.Remove(filepath.Join(t.dir, c.name)); err != nil {
				return 0, 0, err
			}
		}
	}
	return len(entries), after + len(kept), nil
}

// measureCover finds what each input reaches that is not in reached.
func (t target) measureCover(ctx context.Context, all []input, reached blocks) error {
	var group sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	failed := make([]error, len(all))
	for i := range all {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			var b blocks
			if b, failed[i] = t.runInputs(ctx, "^"+all[i].name+"$"); failed[i] == nil {
				all[i].adds = b.without(reached)
			}
		})
	}
	group.Wait()
	return errors.Join(failed...)
}

// runInputs returns the blocks that are reached by the inputs whose names match.
func (t target) runInputs(ctx context.Context, inputs string) (blocks, error) {
	f, err := os.CreateTemp(t.temp, "profile")
	if err != nil {
		return nil, err
	}
	f.Close()
	defer os.Remove(f.Name())
	cmd := exec.CommandContext(ctx, t.binary, "-test.run=^"+t.name+"$/"+inputs, "-test.coverprofile="+f.Name())
	cmd.Dir = t.pkg
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("running input %s: %w\n%s", inputs, err, out)
	}
	return readProfile(f.Name())
}
