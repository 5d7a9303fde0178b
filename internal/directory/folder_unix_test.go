//go:build unix

package directory

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestModes(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	s := newTestSite(t)
	mustAdd(t, s, deskPrinter())
	want := map[string]os.FileMode{"": 0o700, siteName: 0o600, publicName: 0o600, directoryName: 0o600, lockName: 0o600}
	for name, mode := range want {
		info, err := os.Stat(filepath.Join(s.folder.path, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != mode {
			t.Errorf("%q: mode %o", name, info.Mode().Perm())
		}
	}
}

func TestOpenFolders(t *testing.T) {
	empty := t.TempDir()
	if err := os.Chmod(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := createSite(folder{path: empty}, "Example", testTime, fastSecrets()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(empty); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}

	home := t.TempDir()
	writeFile(t, nil, home, "letter")
	if err := os.Chmod(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := createSite(folder{path: home}, "Example", testTime, fastSecrets()); err == nil {
		t.Error("a site in an open folder with other things")
	}
	if info, err := os.Stat(home); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestExposedSiteFileIsWarnedOf(t *testing.T) {
	s := newTestSiteOf(t, goldenSecrets())
	if err := os.Chmod(filepath.Join(s.folder.path, siteName), 0o644); err != nil {
		t.Fatal(err)
	}
	opened, err := OpenSite(s.folder.path, goldenPassword)
	if err != nil {
		t.Fatal(err)
	}
	if w := strings.Join(opened.Warnings(), "\n"); !strings.Contains(w, "0600") {
		t.Errorf("warnings: %q", w)
	}
}

// TestOddFiles puts other kinds of files in the place of regular ones: they are
// refused with an explanation, without waiting.
func TestOddFiles(t *testing.T) {
	for kind, put := range map[string]func(path string) error{
		"a named pipe":    func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a symbolic link": func(path string) error { return os.Symlink("elsewhere", path) },
		"a folder":        func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		for _, name := range []string{publicName, directoryName, siteName} {
			s := newTestSiteOf(t, goldenSecrets())
			path := filepath.Join(s.folder.path, name)
			if err := os.Rename(path, filepath.Join(s.folder.path, "elsewhere")); err != nil {
				t.Fatal(err)
			}
			if err := put(path); err != nil {
				t.Fatal(err)
			}
			var err error
			if name == siteName {
				_, err = OpenSite(s.folder.path, goldenPassword)
			} else {
				_, _, err = LoadDirectory(s.folder.path)
			}
			if err == nil || !strings.Contains(err.Error(), kind+", not a file") || !strings.Contains(err.Error(), name) {
				t.Errorf("%s in place of %s: %v", kind, name, err)
			}
		}
	}
}
