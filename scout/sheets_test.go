package scout

import (
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/spooler/docinfo"
)

func TestSheets(t *testing.T) {
	pages := func(n int) docinfo.Info { return docinfo.Info{Pages: new(n), Certainty: docinfo.Exact} }
	duplex := func(n int) docinfo.Info {
		i := pages(n)
		i.Sides = docinfo.TwoSidedLongEdge
		return i
	}
	for name, c := range map[string]struct {
		sides  string
		copies int
		attrs  []goipp.Attribute
		docs   []docinfo.Info
		want   int // -1 not known
	}{
		"both sides as asked":         {docinfo.TwoSidedLongEdge, 1, nil, []docinfo.Info{pages(4)}, 2},
		"an odd page":                 {docinfo.TwoSidedShortEdge, 1, nil, []docinfo.Info{pages(5)}, 3},
		"one side":                    {docinfo.OneSided, 1, nil, []docinfo.Info{pages(4)}, 4},
		"one side goes before":        {docinfo.OneSided, 1, nil, []docinfo.Info{duplex(4)}, 4},
		"both sides by the document":  {"", 1, nil, []docinfo.Info{duplex(4)}, 2},
		"sides not known":             {"", 1, nil, []docinfo.Info{pages(4)}, -1},
		"one page":                    {"", 1, nil, []docinfo.Info{pages(1)}, 1},
		"pages not known":             {docinfo.OneSided, 1, nil, []docinfo.Info{{Certainty: docinfo.Unknown}}, -1},
		"copies":                      {docinfo.TwoSidedLongEdge, 3, nil, []docinfo.Info{pages(5)}, 9},
		"copies of the document":      {docinfo.OneSided, 1, nil, []docinfo.Info{{Pages: new(2), Copies: 4}}, 8},
		"copies are not multiplied":   {docinfo.OneSided, 3, nil, []docinfo.Info{{Pages: new(2), Copies: 4}}, 6},
		"four on a side":              {docinfo.OneSided, 1, []goipp.Attribute{ipp.Integer("number-up", 4)}, []docinfo.Info{pages(9)}, 3},
		"four on each of both sides":  {docinfo.TwoSidedLongEdge, 2, []goipp.Attribute{ipp.Integer("number-up", 4)}, []docinfo.Info{pages(9)}, 4},
		"all of them on one side":     {"", 1, []goipp.Attribute{ipp.Integer("number-up", 16)}, []docinfo.Info{pages(9)}, 1},
		"some pages":                  {docinfo.OneSided, 1, []goipp.Attribute{pageRanges(2, 3, 7, 99)}, []docinfo.Info{pages(9)}, 5},
		"pages that are not there":    {docinfo.OneSided, 1, []goipp.Attribute{pageRanges(20, 30)}, []docinfo.Info{pages(9)}, 0},
		"each document begins anew":   {docinfo.TwoSidedLongEdge, 2, nil, []docinfo.Info{pages(3), pages(1)}, 6},
		"one of them not known":       {docinfo.TwoSidedLongEdge, 1, nil, []docinfo.Info{pages(3), {}}, -1},
		"documents of different kind": {"", 1, nil, []docinfo.Info{duplex(3), pages(1)}, 3},
	} {
		j := job{ticket: ticket{Sides: c.sides, Copies: c.copies, Attributes: encodeAttributes(t, c.attrs...)}}
		j.layout = layoutOf(j.ticket.Attributes)
		for i, d := range c.docs {
			j.parts = append(j.parts, part{})
			j.note.Found = append(j.note.Found, document{Part: i, Info: d})
		}
		j.note.Info = new(combinedInfo(j.parts, j.note.Found))
		got := -1
		if n := j.controlJob().Sheets; n != nil {
			got = *n
		}
		if got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func pageRanges(bounds ...int) goipp.Attribute {
	a := ipp.Range("page-ranges", bounds[0], bounds[1])
	for ; len(bounds) > 2; bounds = bounds[2:] {
		a.Values = append(a.Values, ipp.Range("", bounds[2], bounds[3]).Values...)
	}
	return a
}

func encodeAttributes(t *testing.T, attrs ...goipp.Attribute) []byte {
	t.Helper()
	m := ipp.NewRequest(goipp.DefaultVersion, goipp.OpPrintJob, "ipp://localhost/")
	for _, a := range attrs {
		m.Job.Add(a)
	}
	b, err := m.EncodeBytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestLayoutThatCannotBeRead is all pages, one on a side.
func TestLayoutThatCannotBeRead(t *testing.T) {
	for _, raw := range []string{"", "x", "\x02\x00\x00\x02\x00\x00\x00\x01\x02\x21\x00\x09number-up\x00\x04\x00\x00\x00\x04"} {
		if l := layoutOf([]byte(raw)); l.sideCount(7) != 7 {
			t.Errorf("%q: %+v", raw, l)
		}
	}
}
