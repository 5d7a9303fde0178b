//go:build unix

package settings

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUntrustedPolicy wants a policy that others could have written, or that
// cannot be read, to be reported and not used.
func TestUntrustedPolicy(t *testing.T) {
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir, file string)
		want  string // "": it is used
	}{
		"as it should be": {func(*testing.T, string, string) {}, ""},
		"a link to a trusted file": {func(t *testing.T, dir, file string) {
			must(t, os.Rename(file, dir+"/../real"))
			must(t, os.Symlink("../real", file))
		}, ""},
		"the folder is such a link": {func(t *testing.T, dir, _ string) {
			must(t, os.Rename(dir, dir+"-real"))
			must(t, os.Symlink(dir+"-real", dir))
		}, ""},
		"written by all":            {func(t *testing.T, _, file string) { must(t, os.Chmod(file, 0o666)) }, "may be written by others (mode 0666)"},
		"written by a group":        {func(t *testing.T, _, file string) { must(t, os.Chmod(file, 0o664)) }, "may be written by others"},
		"the folder written by all": {func(t *testing.T, dir, _ string) { must(t, os.Chmod(dir, 0o777)) }, "may be written by others"},
		"the folder above it":       {func(t *testing.T, dir, _ string) { must(t, os.Chmod(filepath.Dir(dir), 0o777)) }, "may be written by others"},
		"too large":                 {func(t *testing.T, _, file string) { must(t, os.WriteFile(file, make([]byte, maxFile+1), 0o644)) }, "is larger than"},
		"not JSON":                  {func(t *testing.T, _, file string) { must(t, os.WriteFile(file, []byte("Port = 1"), 0o644)) }, "it is not a JSON object"},
		"a folder":                  {func(t *testing.T, _, file string) { must(t, os.Remove(file)); must(t, os.Mkdir(file, 0o755)) }, "is not a regular file"},
		"a link to a folder for all": {func(t *testing.T, dir, file string) {
			open := filepath.Join(filepath.Dir(dir), "open")
			must(t, errors.Join(os.Mkdir(open, 0o755), os.Chmod(open, 0o777), os.Rename(file, open+"/x"), os.Symlink(open+"/x", file)))
		}, "may be written by others"},
		"a link to a file for all": {func(t *testing.T, dir, file string) {
			real := filepath.Join(filepath.Dir(dir), "real")
			must(t, errors.Join(os.Rename(file, real), os.Chmod(real, 0o666), os.Symlink(real, file)))
		}, "may be written by others"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSources(t)
			writePolicyFolder(t, s, map[string]any{"Port": 1})
			dir := s.PolicyFolder
			c.spoil(t, dir, filepath.Join(dir, "10-test.json"))
			got := load(t, s)
			if used := got.Port == 1; used != (c.want == "") || used != (len(got.PolicyFailures()) == 0) {
				t.Errorf("port %d, %q", got.Port, got.Warnings)
			}
			if c.want == "" {
				return
			}
			wantProblem(t, got, "policy", c.want)
			if got.Site != NoSite || got.LeaveSite {
				t.Errorf("an unreadable policy allows any site")
			}
		})
	}
}

// TestForeignPolicy wants a file of another account not to be used.
func TestForeignPolicy(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	for what, path := range map[string]func(*Sources) string{
		"file":   func(s *Sources) string { return filepath.Join(s.PolicyFolder, "10-test.json") },
		"folder": func(s *Sources) string { return s.PolicyFolder },
		"link": func(s *Sources) string {
			link := filepath.Join(s.PolicyFolder, "20-link.json")
			if err := os.Symlink("10-test.json", link); err != nil {
				t.Fatal(err)
			}
			return link
		},
	} {
		s := newSources(t)
		writePolicyFolder(t, s, map[string]any{"Port": 1})
		writeInstallerFile(t, s, map[string]any{"UserJobs": 7})
		if err := os.Lchown(path(s), 12345, 12345); err != nil {
			t.Fatal(err)
		}
		got := load(t, s)
		if len(got.PolicyFailures()) != 1 || !strings.Contains(got.Warnings[0], "does not belong to root") || got.UserJobs != 7 {
			t.Errorf("%s: port %d, %q", what, got.Port, got.Warnings)
		}
	}
}

// TestPolicyFilesMerge reads several files in the order of their names.
func TestPolicyFilesMerge(t *testing.T) {
	s := newSources(t)
	writePolicyFolder(t, s, map[string]any{"Port": 1, "UserJobs": 1, "MinFreeMB": 1})
	writeJSON(t, filepath.Join(s.PolicyFolder, "20.json"), map[string]any{"PORT": 2, "MinFreeMB": "x"})
	writeJSON(t, filepath.Join(s.PolicyFolder, "05.json"), map[string]any{"UserJobs": 5, "LogLevel": "debug"})
	for _, ignored := range []string{"30.json.rpmsave", "40.json~", ".50.json", "README"} {
		writeFile(t, filepath.Join(s.PolicyFolder, ignored), []byte("x"))
	}
	got := load(t, s)
	if got.Port != 2 || got.UserJobs != 1 || got.LogLevel != "debug" || got.MinFreeMB != 256 {
		t.Errorf("%+v", got.Values)
	}
	wantProblem(t, got, "MinFreeMB is not used", "20.json")
	for i := range maxPolicyFiles {
		writeJSON(t, filepath.Join(s.PolicyFolder, "n"+strings.Repeat("n", i%100)+string(rune('a'+i/100))+".json"), nil)
	}
	if got := load(t, s); got.Port == 2 || len(got.PolicyFailures()) != 1 {
		t.Errorf("too many files: port %d, %q", got.Port, got.Warnings)
	}
}

// TestOneBadPolicyFileLeavesTheOthers wants the other files to stay in force,
// and a site that they pin.
func TestOneBadPolicyFileLeavesTheOthers(t *testing.T) {
	const site = "psf1:5zzjwufgeypnjomvlg27a4g6ueofohhtop44kwrnn6qoyv5un25q"
	s := newSources(t)
	writePolicyFolder(t, s, map[string]any{"Port": 1, "Site": site})
	writeFile(t, filepath.Join(s.PolicyFolder, "20.json"), []byte("{"))
	got := load(t, s)
	if got.Port != 1 || got.Site != site || got.LeaveSite || len(got.PolicyFailures()) != 1 {
		t.Errorf("%d, %q, %q", got.Port, got.Site, got.Warnings)
	}
}

// TestPolicyIsNotOfTheEnvironment wants no variable of the environment to move
// the policy: a user could set it.
func TestPolicyIsNotOfTheEnvironment(t *testing.T) {
	before := Computer("")
	for _, name := range []string{"PRINTSCOUT_POLICY_DIR", "PRINTSCOUT_POLICY", "XDG_CONFIG_DIRS", "CONFIGURATION_DIRECTORY"} {
		t.Setenv(name, t.TempDir())
	}
	if after := Computer(""); after.PolicyFolder != before.PolicyFolder || after.InstallerFile != before.InstallerFile || after.PolicyPlist != before.PolicyPlist {
		t.Errorf("%+v", after)
	}
}
