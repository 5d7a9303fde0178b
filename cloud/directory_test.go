package cloud

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/directory"
)

// TestDirectoriesThatDoNotCheck has a site of its own, to have a history.
func TestDirectoriesThatDoNotCheck(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "own")
	site, _, err := directory.CreateSite(folder, "Own", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	add := func(id string) {
		t.Helper()
		if err := site.AddPrinter(directory.Printer{ID: id, Name: id, URIs: []string{"ipp://127.0.0.1:1/ipp/print"},
			Floor: directory.GradeIPP}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	add("first")
	ours := func(c *Config) { c.Site, c.SiteDir = site.Public(), folder }
	data := t.TempDir()
	f := start(t, data, ours)
	s := f.connect(f.enrol())
	file := filepath.Join(folder, directoryFile)
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	add("second")
	f.server.loadDirectory(false)
	if changed, ok := s.receive().(wire.DirectoryChanged); !ok || changed.Revision <= s.DirectoryRevision {
		t.Errorf("the scout hears %#v", changed)
	}
	_, good := f.server.shelf.get()

	foreign, err := os.ReadFile(filepath.Join(siteFolder(t), directoryFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"older":           old,
		"of another site": foreign,
		"changed":         bytes.Replace(good, good[40:44], []byte("AAAA"), 1),
		"cut off":         good[:len(good)/2],
		"empty":           nil,
		"endless":         bytes.Repeat([]byte(" "), wire.MaxDirectory+1),
	} {
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.server.Reload(); err != nil {
			t.Fatal(err)
		}
		if status, served := f.call("GET", "/v1/directory", nil); status != http.StatusOK || !bytes.Equal(served, good) {
			t.Errorf("%s: status %d, another directory is served", name, status)
		}
	}
	s.settle()
	if len(s.backlog) > 0 {
		t.Errorf("the scout was told %+v", s.backlog)
	}
	f.stop()

	if err := os.WriteFile(file, old, 0o600); err != nil {
		t.Fatal(err)
	}
	f = start(t, data, ours) // which remembers what it has served
	if status, _ := f.call("GET", "/v1/directory", nil); status != http.StatusNotFound {
		t.Errorf("after a restart an older directory: status %d", status)
	}
	if status, _ := f.call("POST", "/v1/releases", `{"all":true,"printer":"first"}`); status != http.StatusServiceUnavailable {
		t.Errorf("a release without a directory: status %d", status)
	}
	if err := os.WriteFile(file, good, 0o600); err != nil {
		t.Fatal(err)
	}
	f.server.loadDirectory(false)
	if status, served := f.call("GET", "/v1/directory", nil); status != http.StatusOK || !bytes.Equal(served, good) {
		t.Errorf("the directory is back: status %d", status)
	}
}
