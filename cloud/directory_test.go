package cloud

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
)

// TestDirectoriesThatDoNotCheck has a site of its own, to have a history.
func TestDirectoriesThatDoNotCheck(t *testing.T) {
	peers.Short(t, "roots are made")
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
	f := startServer(t, data, ours)
	s := f.connectScout(f.enrollScout())
	file := filepath.Join(folder, directoryFile)
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	add("second")
	f.server.loadDirectory(false)
	if changed, ok := s.receiveMessage().(wire.DirectoryChanged); !ok || changed.Revision <= s.Revision || changed.Epoch != 1 {
		t.Errorf("the scout hears %#v", changed)
	}
	_, good := f.server.served.current()

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
	s.waitUntilHandled()
	if len(s.backlog) > 0 {
		t.Errorf("the scout was told %+v", s.backlog)
	}
	f.stop()

	if err := os.WriteFile(file, old, 0o600); err != nil {
		t.Fatal(err)
	}
	f = startServer(t, data, ours) // which remembers what it has served
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

// rotatedSites is a site that has been rotated twice; each epoch's folder is kept.
func rotatedSites(t *testing.T) (folders []string, sites []*directory.Site, password string) {
	t.Helper()
	root := t.TempDir()
	site, password, err := directory.CreateSite(filepath.Join(root, "1"), "Eras", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	folders, sites = []string{filepath.Join(root, "1")}, []*directory.Site{site}
	for _, name := range []string{"2", "3"} {
		next := filepath.Join(root, name)
		sites = append(sites, rotatedCopy(t, folders[len(folders)-1], next, password))
		folders = append(folders, next)
	}
	return folders, sites, password
}

func rotatedCopy(t *testing.T, from, to, password string) *directory.Site {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(to, 0o700); err != nil {
		t.Fatal(err)
	}
	site, err := directory.RotateRoot(to, password, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func copySiteFiles(t *testing.T, from, to string, names ...string) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestServerFollowsTheRoot copies the files of newer and older epochs to a
// running server, one by one, and over restarts.
func TestServerFollowsTheRoot(t *testing.T) {
	peers.Short(t, "roots are made")
	folders, sites, password := rotatedSites(t)
	rival := filepath.Join(t.TempDir(), "rival")
	rotatedCopy(t, folders[0], rival, password)
	served, data := t.TempDir(), t.TempDir()
	copySiteFiles(t, folders[0], served, "public.json", directoryFile)
	with := func(site *directory.Site) func(*Config) {
		return func(c *Config) { c.Site, c.SiteDir = site.Public(), served }
	}
	f := startServer(t, data, with(sites[0]))
	serves := func(what string, epoch int) {
		t.Helper()
		f.server.loadDirectory(true)
		status, envelope := f.call("GET", "/v1/directory", nil)
		if epoch == 0 {
			if status != http.StatusNotFound {
				t.Errorf("%s: status %d", what, status)
			}
			return
		}
		if _, err := sites[epoch-1].Public().Check(envelope); status != http.StatusOK || err != nil {
			t.Errorf("%s: status %d, %v", what, status, err)
		}
	}
	bundles := func(what string, epoch int) {
		t.Helper()
		b, err := f.server.Bundle(t.Context(), "https://localhost:1", time.Hour)
		if want := sites[epoch-1].Public().Fingerprint(); err != nil || b.Fingerprint != want || b.Site.Fingerprint() != want {
			t.Errorf("%s: the bundle is for %s, %v", what, b.Fingerprint, err)
		}
	}
	serves("first", 1)
	bundles("first", 1)
	s := f.connectScout(f.enrollScout())
	copySiteFiles(t, folders[1], served, "public.json")
	serves("with the new public.json alone", 1)
	copySiteFiles(t, folders[1], served, directoryFile)
	f.server.loadDirectory(false)
	if changed, ok := s.receiveMessage().(wire.DirectoryChanged); !ok || changed.Edition != (wire.Edition{Epoch: 2, Revision: 2}) {
		t.Errorf("the scout hears %#v", changed)
	}
	serves("second", 2)
	bundles("second", 2)
	copySiteFiles(t, folders[0], served, "public.json", directoryFile)
	serves("with the first put back", 2)
	copySiteFiles(t, rival, served, "public.json", directoryFile)
	serves("with a rival", 2)
	copySiteFiles(t, folders[0], served, "public.json", directoryFile)
	f.stop()

	f = startServer(t, data, with(sites[0]))
	serves("started on the first", 0)
	bundles("started on the first", 2)
	copySiteFiles(t, folders[2], served, directoryFile)
	serves("third, by directory.json alone", 3)
	bundles("third, by directory.json alone", 3)
	f.stop()
	f = startServer(t, data, with(sites[0])) // public.json is still the first
	serves("started again", 3)
	bundles("started again", 3)
}
