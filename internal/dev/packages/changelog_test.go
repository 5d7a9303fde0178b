//go:build !race

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

func TestDebianChangelog(t *testing.T) {
	current, err := parseVersion("v1.1.0-2-g0abcdef", testEpoch)
	if err != nil {
		t.Fatal(err)
	}
	text := "# Changelog\n\n## Unreleased\n\n- One thing that is long enough to be broken up, since lines end at\n  eighty characters.\n\nFixed:\n\n- Another.\n\n## 1.0.0 - 2026-10-01\n\n- The first.\n\n## 0.9.0\n"
	got, err := debianChangelog("printscout", current, time.Unix(testEpoch, 0).UTC(), text)
	if err != nil {
		t.Fatal(err)
	}
	want := `printscout (1.1.0+2.0abcdef) unstable; urgency=medium

  * One thing that is long enough to be broken up, since lines end at eighty
    characters.
  * Another.

 -- ` + maintainer + `  Sat, 28 Nov 2026 03:50:07 +0000

printscout (1.0.0) unstable; urgency=medium

  * The first.

 -- ` + maintainer + `  Thu, 01 Oct 2026 00:00:00 +0000
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, bad := range []string{"", "# Changelog\n\n## Unreleased\n", "## 1.0.0 - 2026-13-01\n\n- x\n"} {
		if got, err := debianChangelog("printscout", current, time.Unix(testEpoch, 0), bad); err == nil {
			t.Errorf("%q becomes %q", bad, got)
		}
	}
}

// TestChangelogIsReadByDebian has Debian's own reader read what becomes of our
// CHANGELOG.md.
func TestChangelogIsReadByDebian(t *testing.T) {
	reader := peers.Need(t, "dpkg-parsechangelog")
	text, err := os.ReadFile(filepath.Join(repository, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	current, err := parseVersion("v1.1.0", testEpoch)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := debianChangelog("printscout", current, time.Unix(testEpoch, 0), string(text))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "changelog")
	if err := os.WriteFile(path, changes, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(reader, "--all", "--file", path).CombinedOutput()
	if err != nil || strings.Contains(string(out), "warning") || !strings.Contains(string(out), "Version: 1.1.0\n") {
		t.Errorf("%v\n%s", err, out)
	}
}
