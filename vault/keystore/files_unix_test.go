//go:build unix

package keystore

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestModes(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	s := mustOpen(t, filepath.Join(t.TempDir(), "keys"))
	must(t, s.Save("k", []byte("the secret itself")))
	for path, want := range map[string]os.FileMode{s.dir: folderMode, filepath.Join(s.dir, "k"): fileMode} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%s is %v", path, info.Mode())
		}
	}
}

func TestOpenFileRefused(t *testing.T) {
	s := mustOpen(t, newDir(t))
	must(t, s.Save("k", []byte("the secret itself")))
	path := filepath.Join(s.dir, "k")
	for _, mode := range []os.FileMode{0o640, 0o620, 0o610, 0o604, 0o602, 0o601} {
		must(t, os.Chmod(path, mode))
		_, err := s.Load("k")
		wantInsecure(t, err)
	}
	must(t, s.Save("k", []byte("a new one")))
	wantSecret(t, s, "k", []byte("a new one"))
}

func TestLinksAndPipesRefused(t *testing.T) {
	s := mustOpen(t, newDir(t))
	must(t, s.Save("k", []byte("the secret itself")))
	must(t, os.Symlink("k", filepath.Join(s.dir, "link")))
	must(t, os.Symlink("nowhere", filepath.Join(s.dir, "dangling")))
	must(t, syscall.Mkfifo(filepath.Join(s.dir, "pipe"), fileMode))
	must(t, os.Mkdir(filepath.Join(s.dir, "folder"), folderMode))
	for _, name := range []string{"link", "dangling", "pipe", "folder"} {
		_, err := s.Load(name)
		wantInsecure(t, err)
	}
	must(t, s.Save("link", []byte("a new one")))
	wantSecret(t, s, "k", []byte("the secret itself"))
	wantSecret(t, s, "link", []byte("a new one"))
}

func TestOtherOwnerRefused(t *testing.T) {
	s := mustOpen(t, newDir(t))
	must(t, s.Save("k", []byte("the secret itself")))
	s.owner++
	_, err := s.Load("k")
	wantInsecure(t, err)
	wantInsecure(t, s.checkFolder())
}

func TestOpenFolderRefused(t *testing.T) {
	dir := t.TempDir()
	for _, mode := range []os.FileMode{0o770, 0o702, 0o777} {
		must(t, os.Chmod(dir, mode))
		_, err := Open(dir)
		wantInsecure(t, err)
	}
	must(t, os.Chmod(dir, 0o755))
	mustOpen(t, dir)
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, fileMode))
	if _, err := Open(file); err == nil {
		t.Fatal("opened a file as a folder")
	}
}

func TestOpenFileIsNotSealed(t *testing.T) {
	dir := newDir(t)
	s := openUnder(t, dir, nil)
	must(t, s.Save("k", []byte("the secret itself")))
	must(t, os.Chmod(filepath.Join(dir, "k"), 0o644))
	_, err := OpenUnder(dir, &testHolder{})
	wantInsecure(t, err)
	must(t, os.Chmod(filepath.Join(dir, "k"), 0o600))
	wantSecret(t, openUnder(t, dir, &testHolder{}), "k", []byte("the secret itself"))
}

// A file of the plan that others could have read since waits for a person.
func TestOpenFileOfThePlan(t *testing.T) {
	dir, h := newDir(t), &testHolder{keys: []Key{newKey()}}
	must(t, openUnder(t, dir, nil).Save("k", []byte("the secret itself")))
	s := openUnder(t, newDir(t), h)
	s.dir = dir
	must(t, s.makePlan([]string{"k"}))
	must(t, os.Chmod(filepath.Join(dir, "k"), 0o644))
	for range 2 {
		_, err := openUnder(t, dir, h).Load("k")
		wantInsecure(t, err)
	}
	must(t, os.Chmod(filepath.Join(dir, "k"), 0o600))
	wantSecret(t, openUnder(t, dir, h), "k", []byte("the secret itself"))
}
