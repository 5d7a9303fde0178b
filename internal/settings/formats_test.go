package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"howett.net/plist"
)

// format puts values into the sources of one system, as that system has them.
type format struct {
	name string
	// policy and installer write a source; nil values: the source is not there.
	policy    func(t *testing.T, s *Sources, values map[string]any)
	installer func(t *testing.T, s *Sources, values map[string]any)
}

// formats are those of the three systems. The registry of Linux and macOS is a
// map; on Windows it is the real one (formats_windows_test.go).
func formats(t *testing.T) []format {
	all := []format{{"registry", writePolicyKey, writeInstallerKey}}
	if runtime.GOOS != "windows" { // where files are not trusted
		all = append(all,
			format{"files", writePolicyFolder, writeInstallerFile},
			format{"managed preferences", writePolicyPlist, writeInstallerFile})
	}
	return all
}

// newSources returns sources below a folder of the test, where nothing is yet.
// Its files are trusted.
func newSources(t *testing.T) *Sources {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return &Sources{File: filepath.Join(dir, "config.json"), Owner: os.Getuid()}
}

func (s *Sources) dir() string { return filepath.Dir(s.File) }

func writeFile(t *testing.T, path string, raw []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, raw, 0o644)); err != nil {
		t.Fatal(err)
	}
}

func writeJSON(t *testing.T, path string, values map[string]any) {
	t.Helper()
	raw, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, raw)
}

func writePolicyFolder(t *testing.T, s *Sources, values map[string]any) {
	s.PolicyFolder = filepath.Join(s.dir(), "policy.d")
	if values != nil {
		writeJSON(t, filepath.Join(s.PolicyFolder, "10-test.json"), values)
	}
}

func writeInstallerFile(t *testing.T, s *Sources, values map[string]any) {
	s.InstallerFile = InstallerFile(s.File)
	if values != nil {
		writeJSON(t, s.InstallerFile, values)
	}
}

func writePolicyPlist(t *testing.T, s *Sources, values map[string]any) {
	s.PolicyPlist = filepath.Join(s.dir(), "com.printscout.agent.plist")
	if values == nil {
		return
	}
	raw, err := plist.Marshal(values, plist.XMLFormat)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, s.PolicyPlist, raw)
}

// entriesOf returns values as the registry has them.
func entriesOf(values map[string]any) (entries []registryEntry) {
	for name, value := range values {
		e := registryEntry{name: name}
		switch v := value.(type) {
		case string:
			e.kind, e.text = regSZ, v
		case int:
			e.kind, e.number = regDWORD, uint64(v)
		case bool:
			e.kind = regDWORD
			if v {
				e.number = 1
			}
		case []string:
			e.kind, e.list = regMultiSZ, v
		default:
			panic(fmt.Sprintf("%T", value))
		}
		entries = append(entries, e)
	}
	return entries
}

// fakeKeys is a registry for tests on other systems.
type fakeKeys map[string][]registryEntry

func (f fakeKeys) write(s *Sources, path string, values map[string]any) {
	if values != nil {
		before := s.readKey
		s.readKey = func(asked string) ([]registryEntry, error) {
			if asked == path {
				return entriesOf(values), nil
			}
			if before != nil {
				return before(asked)
			}
			return nil, nil
		}
	}
}

func load(t *testing.T, s *Sources) *Settings {
	t.Helper()
	got, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// wantProblem wants one problem, that contains all of the words.
func wantProblem(t *testing.T, s *Settings, words ...string) {
	t.Helper()
	if len(s.Warnings) != 1 {
		t.Errorf("problems: %q, want one with %q", s.Warnings, words)
		return
	}
	for _, w := range words {
		if !strings.Contains(s.Warnings[0], w) {
			t.Errorf("the problem is %q, want %q in it", s.Warnings[0], w)
		}
	}
}
