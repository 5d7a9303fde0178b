package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}

func mustOpen(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	must(t, err)
	return s
}

// newDir names a folder that is not there yet, so that no umask decides its mode.
func newDir(t *testing.T) string { return filepath.Join(tempDir(t), "keys") }

// tempDir is t.TempDir but for the end: under Wine, what is removed by
// descriptor stays, which os.Remove removes.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "keystore")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func wantSecret(t *testing.T, s *Store, name string, want []byte) {
	t.Helper()
	got, err := s.Load(name)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("secret is %q, %v", got, err)
	}
}

func TestSaveLoadRemove(t *testing.T) {
	dir := filepath.Join(tempDir(t), "a", "keys")
	s := mustOpen(t, dir)
	_, err := s.Load("scout-key")
	wantError(t, err, ErrNotFound)
	wantError(t, s.Remove("scout-key"), ErrNotFound)
	for _, secret := range [][]byte{[]byte("first"), {}, make([]byte, MaxSecret)} {
		must(t, s.Save("scout-key", secret))
		wantSecret(t, mustOpen(t, dir), "scout-key", secret)
	}
	must(t, s.Save("other", []byte("other")))
	must(t, s.Remove("scout-key"))
	_, err = s.Load("scout-key")
	wantError(t, err, ErrNotFound)
	wantSecret(t, s, "other", []byte("other"))
}

func TestTooLarge(t *testing.T) {
	s := mustOpen(t, newDir(t))
	wantError(t, s.Save("k", make([]byte, MaxSecret+1)), ErrTooLarge)
	plantFile(t, s, "k", make([]byte, maxSealed+1))
	_, err := s.Load("k")
	wantError(t, err, ErrTooLarge)
}

func TestNames(t *testing.T) {
	s := mustOpen(t, newDir(t))
	for _, name := range []string{"", ".", "..", "a/b", `a\b`, "../a", ".a", "A", "a b", "a:b", "ä", "a\x00", "a.", "a\n", strings.Repeat("a", 65)} {
		_, err := s.Load(name)
		wantError(t, err, ErrName)
		wantError(t, s.Save(name, nil), ErrName)
		wantError(t, s.Remove(name), ErrName)
	}
	for _, name := range []string{"a", "0", "a.b_c-d", strings.Repeat("a", 64)} {
		must(t, s.Save(name, nil))
	}
}

func TestConcurrentSaves(t *testing.T) {
	s := mustOpen(t, newDir(t))
	must(t, s.Save("k", bytes.Repeat([]byte{'z'}, 1000)))
	var wg sync.WaitGroup
	errs := make(chan error, 100)
	for i := range 8 {
		wg.Go(func() {
			for range 5 {
				errs <- s.Save("k", bytes.Repeat([]byte{byte('a' + i)}, 1000))
				got, err := s.Load("k")
				if err == nil && bytes.Count(got, got[:1]) != 1000 {
					err = fmt.Errorf("secret is torn: %d bytes", len(got))
				}
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		must(t, err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, unfinished+"*")); len(left) > 0 {
		t.Fatal(left)
	}
}

func TestUnfinished(t *testing.T) {
	dir := newDir(t)
	mustOpen(t, dir)
	old, young := filepath.Join(dir, unfinished+"k-1"), filepath.Join(dir, unfinished+"k-2")
	must(t, os.WriteFile(old, []byte("half"), fileMode))
	must(t, os.WriteFile(young, []byte("half"), fileMode))
	past := time.Now().Add(-2 * time.Hour)
	must(t, os.Chtimes(old, past, past))
	s := mustOpen(t, dir)
	if _, err := os.Lstat(old); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("an old leftover stays")
	}
	if _, err := os.Lstat(young); err != nil {
		t.Fatal("another process's file is removed")
	}
	_, err := s.Load("k")
	wantError(t, err, ErrNotFound)
}

// A rename that fails leaves the old secret and nothing unfinished.
func TestSaveFails(t *testing.T) {
	s := mustOpen(t, newDir(t))
	must(t, os.MkdirAll(filepath.Join(s.dir, "k", "in the way"), folderMode))
	if err := s.Save("k", []byte("secret")); err == nil || strings.Contains(err.Error(), "secret\"") {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, unfinished+"*")); len(left) > 0 {
		t.Fatal(left)
	}
}
