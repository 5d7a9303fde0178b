package cloud

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestInspectRegistry looks at a registry while a server has it open and after,
// and wants the file unchanged and nothing beside it.
func TestInspectRegistry(t *testing.T) {
	dir := t.TempDir()
	if _, err := InspectRegistry(t.Context(), dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a registry: %v", err)
	}
	r, err := OpenRegistry(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if _, err := IssueAPIToken(t.Context(), r, "panel", now, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	look := func() {
		t.Helper()
		i, err := InspectRegistry(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := i.APITokens(t.Context())
		if err != nil || len(tokens) != 1 || i.Schema != i.Known || i.Check(t.Context()) != nil {
			t.Errorf("%+v, %v, schema %d of %d", tokens, err, i.Schema, i.Known)
		}
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	}
	look()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, registryFile))
	if err != nil {
		t.Fatal(err)
	}
	look()
	after, err := os.ReadFile(filepath.Join(dir, registryFile))
	if err != nil || string(before) != string(after) {
		t.Error("looking at it has changed it")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("beside it there are %v", entries)
	}
}

// TestInspectRegistryOfOtherVersions looks at one of an earlier version, and at
// what is no registry.
func TestInspectRegistryOfOtherVersions(t *testing.T) {
	dir := t.TempDir()
	old, err := os.ReadFile("testdata/registry-v3.db")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, registryFile)
	if err := os.WriteFile(file, old, 0o600); err != nil {
		t.Fatal(err)
	}
	i, err := InspectRegistry(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if i.Schema != 3 || i.Check(t.Context()) != nil {
		t.Errorf("schema %d", i.Schema)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
	for name, content := range map[string][]byte{"text": []byte("no database at all, but text"), "cut": old[:len(old)/3]} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		i, err := InspectRegistry(t.Context(), dir)
		if err == nil {
			err = i.Check(t.Context())
			i.Close()
		}
		if err == nil {
			t.Errorf("%s: it is well", name)
		}
	}
}
