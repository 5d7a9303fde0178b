package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/printscout/printscout/internal/peers"
)

// copier copies a document with cp, as the measure of what the disk can do.
type copier struct{ program, from, to string }

// newCopier writes the document to copy; nil where there is no cp.
func newCopier(dir string, l load, k kind) (*copier, error) {
	program, ok := peers.Find("cp")
	if !ok {
		return nil, nil
	}
	c := &copier{program, filepath.Join(dir, "from"), filepath.Join(dir, "to")}
	f, err := os.Create(c.from)
	if err != nil {
		return nil, fmt.Errorf("writing what is to be copied: %w", err)
	}
	defer f.Close()
	if _, err := io.Copy(f, k.open(l.size)); err != nil {
		return nil, fmt.Errorf("writing what is to be copied: %w", err)
	}
	if err := f.Sync(); err != nil {
		return nil, fmt.Errorf("writing what is to be copied: %w", err)
	}
	return c, nil
}

// round copies it onto the disk: cp and fsync.
func (c *copier) round(ctx context.Context) (spent, error) {
	defer os.Remove(c.to)
	start := time.Now()
	if out, err := exec.CommandContext(ctx, c.program, c.from, c.to).CombinedOutput(); err != nil {
		return spent{}, fmt.Errorf("cp: %w: %s", err, out)
	}
	f, err := os.OpenFile(c.to, os.O_WRONLY, 0)
	if err != nil {
		return spent{}, fmt.Errorf("opening the copy: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return spent{}, fmt.Errorf("flushing the copy: %w", err)
	}
	return spent{time: time.Since(start)}, nil
}

func (c *copier) remove() { os.Remove(c.from) }
