package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// headSize is within how many bytes a PDF has its signature.
const headSize = 1024

// findPDFs returns the files in a folder that are PDFs by content: their names
// relative to the folder, sorted. It skips folders of version control.
func findPDFs(folder string) (names []string, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		is, err := isPDF(path)
		if err != nil || !is {
			return err
		}
		name, err := filepath.Rel(folder, path)
		names = append(names, name)
		return err
	})
	return names, err
}

func isPDF(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err != nil && n == len(head) {
		return false, err
	}
	return bytes.Contains(head[:n], []byte("%PDF-")), nil
}
