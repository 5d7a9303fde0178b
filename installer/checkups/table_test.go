package checkups

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestTableIsThePage compares the checkups with the table of docs/doctor.md, both
// ways and in the same order, with their systems.
func TestTableIsThePage(t *testing.T) {
	b, err := os.ReadFile("../../docs/doctor.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(b), "\n## Checkups of a computer\n")
	page, _, _ = strings.Cut(page, "\n## ")
	var rows, want []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|[^|]+\\| ([A-Za-z, ]+) \\|").FindAllStringSubmatch(page, -1) {
		rows = append(rows, m[1]+": "+m[2])
	}
	names := strings.NewReplacer("linux", "Linux", "darwin", "macOS", "windows", "Windows")
	for _, row := range Table() {
		systems := "all"
		if row.Systems != nil {
			systems = names.Replace(strings.Join(row.Systems, ", "))
		}
		want = append(want, row.ID+": "+systems)
		if row.Title == "" || row.look == nil {
			t.Errorf("%s has no title, or does nothing", row.ID)
		}
	}
	if !slices.Equal(rows, want) {
		t.Errorf("docs/doctor.md has\n%s\nthe code has\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}
