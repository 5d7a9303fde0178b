//go:build unix

package installer

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/control"
)

var linuxLayout = layout{stateDir: "/var/lib/printscout", configDir: "/etc/printscout", recordDir: "/var/lib/printscout-install"}

// TestTrustedFolders: nothing on the way may be what somebody else could have made.
func TestTrustedFolders(t *testing.T) {
	for _, c := range []struct {
		name  string
		make  func(root string) error
		path  string
		wrong string // "" if it is trusted
	}{
		{"ours", func(string) error { return nil }, "/etc/app", ""},
		{"a link of root's", func(root string) error { return os.Symlink("/srv/etc", filepath.Join(root, "etc")) }, "/etc/app", ""},
		{"a relative link", func(root string) error { return os.Symlink("srv/etc", filepath.Join(root, "etc")) }, "/etc/app", ""},
		{"a link out of the root stays in it", func(root string) error { return os.Symlink("../../../srv/etc", filepath.Join(root, "etc")) }, "/etc/app", ""},
		{"a link to itself", func(root string) error { return os.Symlink("/etc", filepath.Join(root, "etc")) }, "/etc/app", "too many links"},
		{"writable by all", func(root string) error { return os.Chmod(filepath.Join(root, "srv/etc"), 0o777) }, "/srv/etc/app", "can be written by others"},
		{"sticky", func(root string) error { return os.Chmod(filepath.Join(root, "srv/etc"), fs.ModeSticky|0o777) }, "/srv/etc/app", "can be written by others"},
		{"a file", func(root string) error { return os.WriteFile(filepath.Join(root, "etc"), nil, 0o600) }, "/etc/app", "not a directory"},
		{"somebody's", func(root string) error { return chownOr(root, "srv/etc") }, "/srv/etc/app", "belongs to the user 12345"},
		{"a link of somebody's", func(root string) error {
			return errors.Join(os.Symlink("/srv/etc", filepath.Join(root, "etc")), chownOr(root, "etc"))
		}, "/etc/app", "is a link of the user 12345"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			if err := os.MkdirAll(filepath.Join(root, "srv/etc/app"), 0o755); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(c.path, "/etc") && c.name == "ours" {
				if err := os.MkdirAll(filepath.Join(root, "etc/app"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.make(root); errors.Is(err, fs.ErrPermission) {
				t.Skip("only root can give files away")
			} else if err != nil {
				t.Fatal(err)
			}
			dir, err := openTrusted(root, c.path)
			if err == nil {
				dir.Close()
			}
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("%v, want %q", err, c.wrong)
			}
		})
	}
}

func chownOr(root, path string) error { return os.Lchown(filepath.Join(root, path), 12345, 12345) }

func TestFilesAreReplacedAsAWhole(t *testing.T) {
	r, _, _ := newFake(t, linuxLayout)
	const path = "/etc/file"
	for _, text := range []string{"one", "two"} {
		r.put(t, "/etc/"+halfWritten("file"), "what a killed process left")
		if err := r.writeFile(path, []byte(text), 0o640, owner{os.Getuid(), os.Getgid()}); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(r.Root, path))
		if err != nil || r.text(path) != text || info.Mode().Perm() != 0o640 {
			t.Errorf("%q, %v, %v", r.text(path), info, err)
		}
	}
	target := filepath.Join(r.Root, "target")
	if err := os.WriteFile(target, []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(r.Root, path)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, filepath.Join(r.Root, path)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.readFile(path, 100); !errors.Is(err, ErrUntrusted) {
		t.Errorf("a link is read: %v", err)
	}
	if err := r.writeFile(path, []byte("three"), 0o600, owner{os.Getuid(), os.Getgid()}); err != nil || r.text(path) != "three" || r.text("/target") != "another's" {
		t.Errorf("a link: %v, %q, %q", err, r.text(path), r.text("/target"))
	}
	if _, _, err := r.readFile(path, 2); err == nil {
		t.Error("a file of any size is read")
	}
	if removed, err := r.removeFile(path); !removed || err != nil {
		t.Errorf("%v, %v", removed, err)
	}
	if entries, err := os.ReadDir(filepath.Join(r.Root, "etc")); err != nil || len(entries) != 0 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// TestFilesComeBack: what a step replaced is as it was, and folders that it made are
// gone.
func TestFilesComeBack(t *testing.T) {
	r, _, _ := newFake(t, linuxLayout)
	r.put(t, "/etc/theirs", "before")
	record := fakeRecord()
	e, err := record.begin("step")
	if err != nil {
		t.Fatal(err)
	}
	files := []ownedFile{{"/etc/theirs", []byte(mark + "ours")}, {"/etc/new/deep/file", []byte(mark + "ours")}}
	for _, want := range []int{2, 0} {
		if written, err := r.putFiles(e, files); err != nil || len(written) != want {
			t.Fatalf("%v, %v", written, err)
		}
	}
	if _, err := r.restoreFiles(e); err != nil {
		t.Fatal(err)
	}
	if r.text("/etc/theirs") != "before" {
		t.Errorf("%q", r.text("/etc/theirs"))
	}
	if exists, err := r.exists("/etc/new"); exists || err != nil {
		t.Errorf("the folder is left: %v", err)
	}
}

func TestFolders(t *testing.T) {
	r, _, _ := newFake(t, linuxLayout)
	record := fakeRecord()
	e := &engine{steps: []Step{r.foldersStep()}, record: record}
	if _, err := e.install(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]fs.FileMode{"/etc/printscout": 0o755, "/var/lib/printscout": 0o700} {
		if info, err := os.Stat(filepath.Join(r.Root, path)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if err := os.Chmod(filepath.Join(r.Root, "/var/lib/printscout"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := e.install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(r.Root, "/var/lib/printscout")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("rights of others: %v, %v", info, err)
	}
	r.put(t, "/etc/printscout/policy.d/50-site.json", "{}")
	r.put(t, "/etc/printscout/config.json", "{}")
	r.put(t, "/var/lib/printscout/vault/x.job", "sealed")
	if _, err := r.undoFolders(record.find("folders")); err == nil || !strings.Contains(err.Error(), "it has parked jobs") {
		t.Errorf("parked jobs are removed by a failure: %v", err)
	}
	r.Purge = true
	if _, err := r.undoFolders(record.find("folders")); err != nil {
		t.Fatal(err)
	}
	if r.text("/etc/printscout/policy.d/50-site.json") != "{}" || r.text("/etc/printscout/config.json") != "" || r.text("/var/lib/printscout/vault/x.job") != "" {
		t.Error("purge removes a policy, or leaves something else")
	}
}

func TestStateElsewhereIsNotRemoved(t *testing.T) {
	r, _, _ := newFake(t, linuxLayout)
	r.put(t, "/home/x/file", "theirs")
	r.values.StateDir, r.Purge = "/home/x", true
	_, err := r.undoFolders(&Entry{})
	if err == nil || !strings.Contains(err.Error(), "/home/x, which is not removed") || r.text("/home/x/file") == "" {
		t.Errorf("%v", err)
	}
}

func TestSettings(t *testing.T) {
	r, _, _ := newFake(t, linuxLayout)
	r.put(t, "/etc/printscout/installer.json", `{"port": 9000, "LogLevel": "debug"}`)
	r.Set = map[string]json.RawMessage{"Port": jsonOf(t, 8000)}
	record := fakeRecord()
	e := &engine{steps: []Step{r.settingsStep()}, record: record}
	if _, err := e.install(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, err := r.readInstallerFile()
	if err != nil || len(kept) != 2 || string(kept["Port"]) != "8000" || !r.settingsChanged {
		t.Errorf("%v, %s", err, r.text("/etc/printscout/installer.json"))
	}
	done := &Result{Outcome: Complete}
	if err := e.uninstall(t.Context(), done, false); err != nil || !strings.Contains(r.text("/etc/printscout/installer.json"), `{"port": 9000`) {
		t.Errorf("%v, %s", err, r.text("/etc/printscout/installer.json"))
	}
}

func FuzzInstallerFile(f *testing.F) {
	f.Add([]byte(`{"Port": 9000}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := parseInstallerFile(raw)
		if err != nil {
			return
		}
		text, err := file.with(installerFile{"X": json.RawMessage("1")}).encode()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parseInstallerFile(text); err != nil || string(again["X"]) != "1" {
			t.Errorf("%v: %s", err, text)
		}
	})
}

// TestBundle: one that others could have read or put there is refused, and the
// original stays until the agent runs.
func TestBundle(t *testing.T) {
	r, _, agent := newFake(t, linuxLayout)
	r.put(t, "/var/lib/printscout/.keep", "")
	r.Bundle = filepath.Join(r.Root, "bundle.json")
	write := func(mode fs.FileMode) {
		if err := os.WriteFile(r.Bundle, []byte(`{"token": "x"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(r.Bundle, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620} {
		write(mode)
		if _, err := r.bundleStep().Do(t.Context(), &Entry{}); err == nil || !strings.Contains(hintOf(err), "revoke it") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	write(0o600)
	if _, err := r.bundleStep().Do(t.Context(), &Entry{}); err != nil || r.text(r.bundlePath()) == "" || r.text("/bundle.json") == "" {
		t.Fatalf("%v", err)
	}
	if did, err := r.bundleStep().Undo(t.Context(), &Entry{}); err != nil || did == "" || r.text(r.bundlePath()) != "" || r.text("/bundle.json") == "" {
		t.Errorf("undone: %q, %v", did, err)
	}
	agent.status.Enrolled, agent.status.Site = true, "Example"
	if did, err := r.awaitEnrollment(t.Context(), nil); err != nil || did != "joined Example" || r.text("/bundle.json") != "" {
		t.Errorf("%q, %v", did, err)
	}
	if err := os.Symlink("/etc/passwd", r.Bundle); err != nil {
		t.Fatal(err)
	}
	if _, err := r.readBundle(); err == nil || !strings.Contains(err.Error(), "is a link") {
		t.Errorf("a link: %v", err)
	}
}

func TestQueueLeadsTo(t *testing.T) {
	for uri, want := range map[string]bool{
		"ipp://localhost:8631/ipp/print":         true,
		"ipp://LOCALHOST.:8631/ipp/print/":       true,
		"ipp://127.0.0.1:8631/ipp/print/raster":  true,
		"http://[::1]:8631/ipp/print":            true,
		"ipp://localhost:8632/ipp/print":         false,
		"ipp://localhost:8631/ipp/printers":      false,
		"ipp://localhost.example:8631/ipp/print": false,
		"ipps://localhost:8631/ipp/print":        false,
		"socket://127.0.0.1:8631":                false,
		"":                                       false,
		"%":                                      false,
	} {
		if got := (Queue{URI: uri}).LeadsTo(8631); got != want {
			t.Errorf("%s: %v", uri, got)
		}
	}
}

// TestProbeOfTheWrongPerson: the page is discarded, and the error says whose it was.
func TestProbeOfTheWrongPerson(t *testing.T) {
	r, runner, agent := newFake(t, linuxLayout)
	r.NewID = func() string { return "ID" }
	agent.jobs = []control.Job{{ID: "7", Title: probeTitle + " ID", User: "mallory", State: "parked"}, {ID: "8", Title: "letter", State: "parked"}}
	runner.answer = func(c Command) (string, error) { return "request id is other (0 file(s))", nil }
	found, err := r.awaitProbe(t.Context(), probeTitle+" ID")
	if err != nil || found.ID != "7" {
		t.Fatalf("%+v, %v", found, err)
	}
	if err := checkProbe(found, Account{Name: "alice"}); err == nil || !strings.Contains(err.Error(), `alice printed arrived as "mallory"'s`) {
		t.Errorf("%v", err)
	}
	if err := r.discardProbe(context.Background(), found, ""); err != nil || len(agent.canceled) != 1 || agent.canceled[0] != "7" {
		t.Errorf("%v, %v", agent.canceled, err)
	}
}
