//go:build linux

package endtoend

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"testing"
)

// formats prints one document of each kind. CUPS sends a JPEG as it is, and
// what it is told to send raw; of all else it makes a PDF of its own, even of a
// PDF.
func (q *queue) formats(t *testing.T) {
	for name, c := range map[string]struct {
		doc    []byte
		option string
		format string
		pages  int
		text   string // of the last page
		same   bool   // CUPS sends the file as it is
	}{
		"pdf":        {doc: leaflet(3), format: "application/pdf", pages: 3, text: "leaf 3"},
		"raw pdf":    {doc: leaflet(3), option: "raw", format: "application/pdf", pages: 3, text: "leaf 3", same: true},
		"jpeg":       {doc: jpegPicture(), format: "image/jpeg", pages: 1, same: true},
		"png":        {doc: pngPicture(), format: "application/pdf", pages: 1},
		"postscript": {doc: psLeaflet(2), format: "application/pdf", pages: 2, text: "leaf 2"},
		"text":       {doc: []byte("leaf 1\n\fleaf 2\n"), format: "application/pdf", pages: 2}, // its font does not say what the glyphs mean
	} {
		t.Run(name, func(t *testing.T) {
			var options []string
			if c.option != "" {
				options = []string{"-o", c.option}
			}
			j := q.lp(t, "format "+name, c.doc, options...)
			j.counted(t, c.pages, 1)
			if j.Format != c.format || j.User != "root" || j.UserSource != "spooler" {
				t.Errorf("parked as %+v", j)
			}
			got, out := q.release(t, j)
			if bytes.Equal(out, c.doc) != c.same {
				t.Errorf("the printer got what was printed: %v; %d bytes of %d", !c.same, len(out), len(c.doc))
			}
			if c.format != "application/pdf" {
				return
			}
			if pages := leaves(t, got.File); len(pages) != c.pages || !strings.Contains(pages[len(pages)-1], c.text) {
				t.Errorf("the printer got pages that say %q", pages)
			}
		})
	}
	q.empty(t, "scout")
}

// options asks for what a print dialogue has. Copies and sides are the
// printer's to do and go there with the job; a choice of pages and pages
// several to a side are done by CUPS (pdftopdf), so that what is parked is the
// result and the printer must not be asked for it again.
func (q *queue) options(t *testing.T) {
	for i, c := range []struct {
		lp     []string
		copies int
		sides  string
		pages  []string // what they say
	}{
		{lp: []string{"-n", "3"}, copies: 3, pages: []string{"leaf 1", "leaf 2", "leaf 3", "leaf 4"}},
		{lp: []string{"-o", "sides=two-sided-long-edge"}, sides: "two-sided-long-edge", pages: []string{"leaf 1", "leaf 2", "leaf 3", "leaf 4"}},
		{lp: []string{"-o", "sides=two-sided-short-edge"}, sides: "two-sided-short-edge", pages: []string{"leaf 1", "leaf 2", "leaf 3", "leaf 4"}},
		{lp: []string{"-o", "page-ranges=2-3"}, pages: []string{"leaf 2", "leaf 3"}},
		{lp: []string{"-P", "2-3"}, pages: []string{"leaf 2", "leaf 3"}},
		{lp: []string{"-o", "number-up=2"}, pages: []string{"leaf 1 leaf 2", "leaf 3 leaf 4"}},
		{lp: []string{"-n", "2", "-P", "2", "-o", "number-up=2", "-o", "sides=two-sided-long-edge"},
			copies: 2, sides: "two-sided-long-edge", pages: []string{"leaf 3 leaf 4"}},
	} {
		t.Run(strings.Join(c.lp, " "), func(t *testing.T) {
			j := q.lp(t, fmt.Sprint("option ", i), leaflet(4), c.lp...)
			j.counted(t, len(c.pages), max(c.copies, 1))
			if want := cmp.Or(c.sides, "one-sided"); j.Sides != want {
				t.Errorf("sides %s, wanted %s", j.Sides, want)
			}
			got, _ := q.release(t, j)
			if pages := leaves(t, got.File); fmt.Sprint(pages) != fmt.Sprint(c.pages) {
				t.Errorf("the printer got pages that say %q, not %q", pages, c.pages)
			}
			for _, a := range got.Attributes {
				if strings.HasPrefix(a.Name, "page-") || strings.HasPrefix(a.Name, "number-up") {
					t.Errorf("the printer is asked for %s=%s again", a.Name, a.Values)
				}
			}
		})
	}
	t.Run("copies of a picture", func(t *testing.T) {
		j := q.lp(t, "copies of a picture", jpegPicture(), "-n", "3")
		j.counted(t, 1, 3)
		q.release(t, j)
	})
	q.empty(t, "scout")
}
