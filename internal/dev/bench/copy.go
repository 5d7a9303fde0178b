package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/printscout/printscout/internal/dev/peers"
)

// copier copies a document with cp, to measure the speed of the disk.
type copier struct {
	encrypter
	from string
}

// newCopier writes the document to copy. It returns nil if there is no cp.
func newCopier(ctx context.Context, dir string, l load, k documentKind) (*copier, error) {
	program, ok := peers.Find("cp")
	if !ok {
		return nil, nil
	}
	c := &copier{from: filepath.Join(dir, "from")}
	var err error
	if c.encrypter, err = cpOf(ctx, program, dir); err != nil {
		return nil, err
	}
	return c, writeDocument(c.from, k.newReader(l.size))
}

// copyOnce copies the document to the disk: cp and fsync.
func (c *copier) copyOnce(ctx context.Context) (spent, error) {
	defer os.Remove(c.to)
	return c.encryptFile(ctx, c.from)
}

func (c *copier) removeSource() { os.Remove(c.from) }
