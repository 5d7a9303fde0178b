package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// documentFile is a document in a file.
type documentFile struct {
	path string
	size int64
	sum  []byte // SHA-256
}

// makeDocument makes a document of a size that begins as a PDF does, or returns
// the one that was made before.
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

// hasContentOf reports whether a file at path has the same content.
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
