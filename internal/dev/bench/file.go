package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// documentFile is a document on the disk.
type documentFile struct {
	path string
	size int64
	sum  []byte // SHA-256
}

// makeDocument makes one of a size, a PDF by its first bytes; one that was made
// before is there.
func (m *measurement) makeDocument(size int64) (documentFile, error) {
	f := documentFile{path: filepath.Join(m.dir, fmt.Sprint(size, ".pdf")), size: size}
	if _, err := os.Stat(f.path); err != nil {
		if err := writeDocument(f.path, m.kinds[1].newReader(size)); err != nil {
			return f, err
		}
	}
	var err error
	f.sum, err = sumOf(f.path)
	return f, err
}

// hasContentOf compares it with what came out somewhere.
func (f documentFile) hasContentOf(path string) (bool, error) {
	sum, err := sumOf(path)
	return bytes.Equal(sum, f.sum), err
}

func sumOf(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading a document: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, fmt.Errorf("reading a document: %w", err)
	}
	return h.Sum(nil), nil
}
