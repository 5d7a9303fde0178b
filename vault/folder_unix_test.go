//go:build unix

package vault

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFolderMode(t *testing.T) {
	key := testKey(t)
	mode := func(dir string) os.FileMode { return try(os.Stat(dir))(t).Mode().Perm() }
	dir := filepath.Join(t.TempDir(), "a", "vault")
	must(t, openFolderVault(t, dir, key).Close())
	if mode(dir) != folderMode {
		t.Fatalf("new folder is %v", mode(dir))
	}
	must(t, os.Chmod(dir, 0o755))
	must(t, openFolderVault(t, dir, key).Close())
	if mode(dir) != folderMode {
		t.Fatalf("opened folder is %v", mode(dir))
	}
	foreign := t.TempDir()
	must(t, os.Chmod(foreign, 0o755))
	writeFile(t, foreign, "something", nil)
	_, err := Open(foreign, Options{Key: key})
	wantError(t, err, errForeignFolder)
	if mode(foreign) != 0o755 {
		t.Fatal("changed a folder that is not a vault")
	}
}
