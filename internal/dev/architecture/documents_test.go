package architecture

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/tray/local"
)

func document(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestEveryRouteIsInTheAttackSurface compares the tables that the servers
// answer by with docs/attack-surface.md, both ways.
func TestEveryRouteIsInTheAttackSurface(t *testing.T) {
	page := document(t, "docs/attack-surface.md")
	want := map[string]bool{}
	audited := map[bool]string{true: "yes", false: "no"}
	for _, r := range control.Routes() {
		want[fmt.Sprintf("| `%s %s` | %s | %s |", r.Method, r.Pattern, r.Who, audited[r.Audited])] = true
	}
	for _, r := range cloud.Routes() {
		want[fmt.Sprintf("| `%s %s` | %s |", r.Method, r.Pattern, r.Who)] = true
	}
	for _, r := range local.Routes() {
		want[fmt.Sprintf("| `%s /PATH/%s` | person |", r.Method, r.Path)] = true
	}
	for row := range want {
		if !strings.Contains(page, row) {
			t.Errorf("docs/attack-surface.md has no row %s", row)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `[A-Z]+ /[^`]*` \\| [a-z|]+ \\|(?: (?:yes|no) \\|)?").FindAllString(page, -1) {
		if !want[row] && !strings.Contains(row, "/ipp/") {
			t.Errorf("docs/attack-surface.md has a row for a route that is not there: %s", row)
		}
	}
}

// TestEveryListenerIsInTheAttackSurface wants each place in the code that
// listens to be named there.
func TestEveryListenerIsInTheAttackSurface(t *testing.T) {
	page := document(t, "docs/attack-surface.md")
	listening := regexp.MustCompile(`\b(net\.Listen(TCP|UDP|IP|Unix|Unixgram|Packet|MulticastUDP)?\(|tls\.Listen\(|winio\.ListenPipe\(|ListenConfig|ListenAndServe)`)
	for _, p := range list(t, "./...") {
		for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles) {
			path := filepath.Join(p.Dir, name)
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			code, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			rel, _ := filepath.Rel(root(t), path)
			if listening.Match(code) && !strings.Contains(page, "`"+filepath.ToSlash(rel)+"`") {
				t.Errorf("docs/attack-surface.md does not name %s, which listens", rel)
			}
		}
	}
}

// TestEveryDependencyHasItsReason compares both go.mod with docs/dependencies.md.
func TestEveryDependencyHasItsReason(t *testing.T) {
	page := document(t, "docs/dependencies.md")
	for _, line := range strings.Split(document(t, "go.mod")+document(t, "tools/go.mod"), "\n") {
		f := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(f) < 2 || !strings.Contains(f[0], ".") || !strings.HasPrefix(f[1], "v") || f[0] == module {
			continue
		}
		if !strings.Contains(page, "`"+f[0]+"`") {
			t.Errorf("docs/dependencies.md does not name %s", f[0])
		}
	}
}

// TestLinksLeadSomewhere follows the relative links of every document, to the
// headings that they name.
func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	err := filepath.WalkDir(root(t), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range link.FindAllStringSubmatch(string(b), -1) {
			to := path
			if m[1] != "" {
				to = filepath.Join(filepath.Dir(path), m[1])
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s, which is not there", path, m[1])
			} else if filepath.Ext(to) == ".md" && m[2] != "" && !slices.Contains(anchors(t, to), m[2]) {
				t.Errorf("%s links to %s%s, and there is no such heading", path, m[1], m[2])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// anchors returns the anchors of a document's headings, as GitHub makes them.
func anchors(t *testing.T, path string) (all []string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dropped := regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ +(.*)$`).FindAllStringSubmatch(string(b), -1) {
		all = append(all, "#"+strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}

// TestBadInputNamesTestsThatExist wants every test that docs/bad-input.md names.
func TestBadInputNamesTestsThatExist(t *testing.T) {
	var code strings.Builder
	for _, p := range list(t, "./...") {
		names, err := filepath.Glob(filepath.Join(p.Dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(b)
		}
	}
	for _, name := range regexp.MustCompile(`\bTest[A-Za-z]+`).FindAllString(document(t, "docs/bad-input.md"), -1) {
		if !strings.Contains(code.String(), "func "+name+"(t *testing.T)") {
			t.Errorf("docs/bad-input.md names %s, which is no test", name)
		}
	}
}
