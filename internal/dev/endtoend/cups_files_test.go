//go:build linux

package endtoend

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// files prints two files with one lp. CUPS before cupsSingleFile strings them
// together into one document; others send each as a document of its own. Both
// come out, either way.
func (q *queue) files(t *testing.T) {
	const title = "two files"
	q.cups.Run(t, "lp", "-d", "scout", "-t", title, shared(t, "document", leaflet(4)), shared(t, "document", leaflet(1)))
	j := q.parked(t, title)
	j.counted(t, 5, 1)
	if j.Documents != 2 {
		t.Errorf("%d documents: %+v", j.Documents, j)
	}
	before := len(q.printer.Jobs())
	r := q.scout("job", "release", j.ID, "--printer", "lobby", "--wait")
	if r.code != 0 {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	var got [][]string
	bytes := int64(0)
	for i, p := range q.printer.Jobs()[before:] {
		if !p.Whole || !strings.HasPrefix(p.Name, fmt.Sprintf("%s (%d/2)", title, i+1)) {
			t.Errorf("%+v", p)
		}
		bytes += p.Size
		got = append(got, leaves(t, p.File))
	}
	if bytes != j.Bytes || len(got) != 2 || strings.Join(got[0], ",") != "leaf 1,leaf 2,leaf 3,leaf 4" || !slices.Equal(got[1], []string{"leaf 1"}) {
		t.Errorf("%d of %d bytes came out: %q", bytes, j.Bytes, got)
	}
}
