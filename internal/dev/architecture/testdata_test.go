package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSharedTestdataIsAtTheTop wants files that tests of several packages read
// to lie in the testdata of the repository: no test reads another package's.
func TestSharedTestdataIsAtTheTop(t *testing.T) {
	above := regexp.MustCompile(`"((?:\.\./)+[^"]*testdata[^"]*)"`)
	for _, p := range list(t, "./...") {
		tests, err := filepath.Glob(filepath.Join(p.Dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range tests {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range above.FindAllStringSubmatch(string(source), -1) {
				path, err := filepath.Rel(root(t), filepath.Join(p.Dir, m[1]))
				if err != nil || !strings.HasPrefix(filepath.ToSlash(path), "testdata/") {
					t.Errorf("%s reads %s", file, path)
				}
			}
		}
	}
}
