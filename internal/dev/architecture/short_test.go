package architecture

import (
	"regexp"
	"strings"
	"testing"
)

// TestOnlyMakeShortLeavesOut wants what must hold before a change lands, and
// every other target, to run the tests without -short.
func TestOnlyMakeShortLeavesOut(t *testing.T) {
	for _, name := range []string{".ci/run", ".ci/gotest", ".ci/fuzz"} {
		if strings.Contains(document(t, name), "-short") {
			t.Errorf("%s leaves tests out", name)
		}
	}
	short := regexp.MustCompile(`(?m)^short:\n(\t.*\n)+`)
	makefile := document(t, "Makefile")
	if recipe := short.FindString(makefile); !strings.Contains(recipe, "test -short") {
		t.Errorf("make short runs %q", recipe)
	}
	if rest := short.ReplaceAllString(makefile, ""); strings.Contains(rest, "-short") {
		t.Error("another target than short leaves tests out")
	}
	for _, step := range []string{"make lint", "make test", "make race"} {
		if !strings.Contains(document(t, ".ci/run"), "\n"+step+"\n") {
			t.Errorf(".ci/run does not run %s", step)
		}
	}
}
