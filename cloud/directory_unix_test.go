//go:build unix

package cloud

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOddFilesInTheSitesFolder wants the server to go on with what it has.
func TestOddFilesInTheSitesFolder(t *testing.T) {
	f := startServer(t, t.TempDir())
	_, good := f.server.served.current()
	path := filepath.Join(f.cfg.SiteDir, directoryFile)
	for kind, put := range map[string]func() error{
		"a named pipe":    func() error { return syscall.Mkfifo(path, 0o600) },
		"a symbolic link": func() error { return os.Symlink(filepath.Join(shared.dir, "site", directoryFile), path) },
		"a folder":        func() error { return os.Mkdir(path, 0o700) },
		"nothing":         func() error { return nil },
	} {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := put(); err != nil {
			t.Fatal(err)
		}
		if err := f.server.Reload(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if status, served := f.call("GET", "/v1/directory", nil); status != http.StatusOK || !bytes.Equal(served, good) {
			t.Errorf("%s: status %d", kind, status)
		}
	}
}
