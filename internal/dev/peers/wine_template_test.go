package peers

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestTemplateIsWhole refuses to use a Windows that lacks a file, or that was
// never finished.
func TestTemplateIsWhole(t *testing.T) {
	from := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(from, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("drive_c/a.dll", "a")
	write("system.reg", "b")
	to := filepath.Join(t.TempDir(), "wine")
	if err := cloneWhole(from, to); err == nil {
		t.Error("one that was not finished is used")
	}
	write(countFile, "2")
	to = filepath.Join(t.TempDir(), "wine")
	if err := cloneWhole(from, to); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(filepath.Join(to, "drive_c", "a.dll")); string(b) != "a" {
		t.Errorf("%q, %v", b, err)
	}
	if err := os.Remove(filepath.Join(from, "system.reg")); err != nil {
		t.Fatal(err)
	}
	if err := cloneWhole(from, filepath.Join(t.TempDir(), "wine")); !errors.Is(err, errNotWhole) {
		t.Errorf("%v, want %v", err, errNotWhole)
	}
}
