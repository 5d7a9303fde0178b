//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDemoFolderThatIsTooDeepForASocket(t *testing.T) {
	d := &demo{dir: filepath.Join(t.TempDir(), strings.Repeat("deep/", 30))}
	path, err := d.controlPath()
	if err != nil || len(path) > maxSocketPath {
		t.Errorf("%s, %v", path, err)
	}
	if err := d.stopParts(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("its folder is left")
	}
}
