// Package installation gives tests what earlier versions left on disk: the
// folders of testdata/installations. It knows nothing of what is in the files.
package installation

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Versions are the commits that wrote the installations, oldest first.
var Versions = []string{"1fc13d9", "3f4330c"}

// The parts of an installation, below the folder that Copy returns.
const (
	Scout        = "scout"         // the agent's state folder
	Server       = "server"        // the release server's data folder
	Site         = "site"          // the site's keys and its printer directory
	PasswordFile = "site-password" // opens Site
)

// Copy returns a copy of an installation, which only this account may read.
func Copy(tb testing.TB, version string) (dir string) {
	tb.Helper()
	dir = filepath.Join(tb.TempDir(), "installation")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(repository(tb), "testdata", "installations", version))); err != nil {
		tb.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o600)
		if d.IsDir() {
			mode = 0o700
		}
		return os.Chmod(path, mode)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}

// repository returns the folder of go.mod.
func repository(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}
