//go:build !race

package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

const testEpoch = 1795837807 // 2026-11-28 03:50:07 UTC

// apkVersion is the grammar of versions in Alpine's documentation.
var apkVersion = regexp.MustCompile(`^\d+(\.\d+)*[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*$`)

func TestVersions(t *testing.T) {
	for _, c := range []struct{ describe, debian, alpine string }{
		{"v1.2.3", "1.2.3", "1.2.3"},
		{"1.2.3", "1.2.3", "1.2.3"},
		{"v1.2.3-rc.1", "1.2.3~rc1", "1.2.3_rc1"},
		{"v1.2.3-rc1", "1.2.3~rc1", "1.2.3_rc1"},
		{"v1.2.3-beta", "1.2.3~beta", "1.2.3_beta"},
		{"v1.2.3-4-g0abcdef", "1.2.3+4.0abcdef", "1.2.3_p4"},
		{"v1.2.3-rc.1-4-g0abcdef-dirty", "1.2.3~rc1+4.0abcdef+dirty", "1.2.3_rc1_p4"},
		{"0abcdef", "0.1.0~alpha20261128035007.0abcdef", "0.1.0_alpha20261128035007"},
		{"0abcdef-dirty", "0.1.0~alpha20261128035007.0abcdef+dirty", "0.1.0_alpha20261128035007"},
	} {
		v, err := parseVersion(c.describe, testEpoch)
		if err != nil {
			t.Error(err)
		}
		if v.of("deb") != c.debian || v.of("rpm") != c.debian || v.of("apk") != c.alpine {
			t.Errorf("%s: deb %s, apk %s, want %s, %s", c.describe, v.debian(), v.alpine(), c.debian, c.alpine)
		}
		if !apkVersion.MatchString(v.alpine()) {
			t.Errorf("%s is not a version of apk", v.alpine())
		}
	}
	for _, bad := range []string{"", "unknown", "v1.2", "v1.2.3-preview", "v1.2.3 ", "v1.2.3~rc1", "v1.2.3-rc.1;id", "$(id)"} {
		if v, err := parseVersion(bad, testEpoch); err == nil || !strings.Contains(err.Error(), "v1.2.3") {
			t.Errorf("%q is the version %s, %v", bad, v, err)
		}
	}
}

// TestVersionsSortAsTheyWereBuilt asks dpkg and rpm themselves.
func TestVersionsSortAsTheyWereBuilt(t *testing.T) {
	dpkg, rpm := peers.Need(t, "dpkg"), peers.Need(t, "rpm")
	built := []struct {
		describe string
		epoch    int64
	}{
		{"fffffff", testEpoch}, {"0abcdef", testEpoch + 1}, {"v0.1.0-beta", 0}, {"v0.1.0-rc.1", 0}, {"v0.1.0-rc.1-3-g0abcdef", 0},
		{"v0.1.0-rc.2", 0}, {"v0.1.0-rc.10", 0}, {"v0.1.0", 0}, {"v0.1.0-9-g0abcdef", 0}, {"v0.1.0-10-gfffffff", 0}, {"v0.1.1", 0},
	}
	for i := range built[1:] {
		var v [2]version
		for k := range v {
			var err error
			if v[k], err = parseVersion(built[i+k].describe, built[i+k].epoch); err != nil {
				t.Fatal(err)
			}
		}
		if err := exec.Command(dpkg, "--compare-versions", v[0].debian(), "lt", v[1].debian()).Run(); err != nil {
			t.Errorf("dpkg: %s is not before %s: %v", v[0], v[1], err)
		}
		out, err := exec.Command(rpm, "--eval", fmt.Sprintf(`%%{lua:print(rpm.vercmp("%s", "%s"))}`, v[0], v[1])).Output()
		if err != nil || strings.TrimSpace(string(out)) != "-1" {
			t.Errorf("rpm: %s compared with %s: %s, %v", v[0], v[1], out, err)
		}
	}
}
