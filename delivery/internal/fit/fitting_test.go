package fit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

func sizeRangeAttr(x, y int) goipp.Attribute {
	return ipp.Collections("media-size", goipp.Collection{ipp.Integer("x-dimension", x), ipp.Integer("y-dimension", y)})
}

func mediaCol(members ...goipp.Attribute) goipp.Attribute {
	return ipp.Collections("media-col", members)
}

func sizesListed(sizes ...[2]int) goipp.Attribute {
	var all []goipp.Collection
	for _, s := range sizes {
		all = append(all, goipp.Collection{ipp.Integer("x-dimension", s[0]), ipp.Integer("y-dimension", s[1])})
	}
	return ipp.Collections("media-size-supported", all...)
}

// The printers of these tests, by what they list.
var fitted = map[string]goipp.Attributes{
	"office": {
		ipp.Range("copies-supported", 1, 99), ipp.Boolean("page-ranges-supported", true),
		ipp.Keyword("media-supported", "iso_a4_210x297mm", "na_letter_8.5x11in", "iso_a4_297x210mm", "custom_min_76x127mm", "custom_max_216x356mm"),
		ipp.Keyword("media-col-supported", "media-size", "media-source", "media-left-margin"),
		sizesListed([2]int{21000, 29700}, [2]int{21590, 27940}),
		ipp.Keyword("media-source-supported", "tray-1", "tray-2"), ipp.Integer("media-left-margin-supported", 423),
		ipp.Keyword("sides-supported", "one-sided", "two-sided-long-edge"),
		ipp.Keyword("print-color-mode-supported", "auto", "auto-monochrome"), ipp.Enum("print-quality-supported", 3, 5),
		ipp.Resolution("printer-resolution-supported", 300, 600, 1200), ipp.Enum("orientation-requested-supported", 3, 4),
		ipp.Enum("finishings-supported", 3, 4, 74), ipp.Integer("number-up-supported", 1, 2),
		ipp.Keyword("finishings-col-supported", "finishing-template"), ipp.Keyword("finishing-template-supported", "staple-top-left"),
		ipp.Keyword("job-sheets-supported", "none", "standard"), ipp.Keyword("job-sheets-default", "standard"),
	},
	"old": { // names of RFC 2911, no media-col
		ipp.Keyword("media-supported", "iso-a4", "na-letter", "iso-b5"), ipp.Keyword("sides-supported", "one-sided"),
		ipp.Keyword("print-color-mode-supported", "monochrome"), ipp.Enum("print-quality-supported", 4),
	},
	"collections": { // lists papers only by media-col
		ipp.Keyword("media-col-supported", "media-size", "media-type"), ipp.Keyword("media-type-supported", "stationery"),
		ipp.Collections("media-size-supported",
			goipp.Collection{ipp.Integer("x-dimension", 21000), ipp.Integer("y-dimension", 29700)},
			goipp.Collection{ipp.Range("x-dimension", 7600, 12000), ipp.Range("y-dimension", 12700, 20000)}),
	},
	"silent": {},
}

func TestFitting(t *testing.T) {
	a4, source := sizeRangeAttr(21000, 29700), ipp.Keyword("media-source", "tray-2")
	for _, c := range []struct {
		printer string
		asked   goipp.Attribute
		want    string // as inWords has it; "" where nothing is sent
		said    string // within a sentence of the evidence; "" for no sentence at all
	}{
		{"office", ipp.Keyword("media", "iso_a4_210x297mm"), "media=iso_a4_210x297mm", ""},
		{"office", ipp.Keyword("media", "custom_sheet_209.5x296.1mm"), "media=iso_a4_210x297mm", "Printed with media iso_a4_210x297mm instead of media custom_sheet_209.5x296.1mm: the printer does not list media custom_sheet_209.5x296.1mm."},
		{"office", ipp.Keyword("media", "custom_sheet_211.01x297mm"), "media=custom_211.01x297mm_211.01x297mm", "instead of"},
		{"office", ipp.Keyword("media", "om_wide_297x210mm"), "media=iso_a4_297x210mm", "instead of"},
		{"office", ipp.Keyword("media", "na_letter_11x8.5in"), "", "Printed on the printer's usual paper: it does not list media na_letter_11x8.5in."},
		{"office", ipp.Keyword("media", "Letter"), "media=na_letter_8.5x11in", "instead of media Letter"},
		{"office", ipp.Keyword("media", "A4"), "media=iso_a4_210x297mm", "instead of media A4"},
		{"office", ipp.Keyword("media", "na-letter-white"), "media=na_letter_8.5x11in", "instead of"},
		{"office", ipp.Keyword("media", "iso_a5_148x210mm"), "media=custom_148x210mm_148x210mm", "instead of media iso_a5_148x210mm"},
		{"office", ipp.Keyword("media", "iso_a3_297x420mm"), "", "usual paper"},
		{"office", ipp.Keyword("media", "custom_min_76x127mm"), "media=custom_min_76x127mm", ""},
		{"office", ipp.Keyword("media", "custom_min_90x150mm"), "", "usual paper"},
		{"office", ipp.Keyword("media", "labels"), "", "usual paper"},
		{"office", mediaCol(a4, source), "media-col={media-size={x-dimension=21000 y-dimension=29700} media-source=tray-2}", ""},
		{"office", mediaCol(sizeRangeAttr(20950, 29650), ipp.Keyword("media-source", "tray-9"), ipp.Keyword("media-type", "labels")), "media-col={media-size={x-dimension=21000 y-dimension=29700}}", "media-col/media-source, media-col/media-type"},
		{"office", mediaCol(sizeRangeAttr(29700, 21000)), "media=iso_a4_297x210mm", "Printed with media iso_a4_297x210mm instead of media-col 297 x 210 mm"},
		{"office", mediaCol(ipp.Keyword("media-size-name", "na_letter_8.5x11in")), "media-col={media-size={x-dimension=21590 y-dimension=27940}}", ""},
		{"office", mediaCol(source), "media-col={media-source=tray-2}", ""},
		{"office", mediaCol(a4, ipp.Integer("media-left-margin", 0)), "media-col={media-size={x-dimension=21000 y-dimension=29700}}", "media-left-margin"},
		{"office", mediaCol(sizeRangeAttr(42000, 59400), source), "", "usual paper: it does not list media-col 420 x 594 mm."},
		{"office", mediaCol(ipp.Keyword("media-source", "tray-9")), "", "usual paper"},
		{"old", ipp.Keyword("media", "iso_a4_210x297mm"), "media=iso-a4", "Printed with media iso-a4 instead of media iso_a4_210x297mm"},
		{"old", mediaCol(sizeRangeAttr(21590, 27940), source), "media=na-letter", "media-col/media-source"},
		{"old", ipp.Keyword("media", "jis_b5_182x257mm"), "", "usual paper"},
		{"old", ipp.Keyword("media", "custom_edge_211x296mm"), "media=iso-a4", "instead of"},
		{"old", ipp.Keyword("media", "custom_edge_211.01x297mm"), "", "usual paper"},
		{"old", ipp.Keyword("media", "custom_edge_210x295.99mm"), "", "usual paper"},
		{"collections", ipp.Keyword("media", "iso_a4_210x297mm"), "media-col={media-size={x-dimension=21000 y-dimension=29700}}", "Printed with media-col 210 x 297 mm instead of media iso_a4_210x297mm"},
		{"collections", ipp.Keyword("media", "na_index-4x6_4x6in"), "media-col={media-size={x-dimension=10160 y-dimension=15240}}", "instead of"},
		{"collections", mediaCol(a4, ipp.Keyword("media-type", "stationery")), "media-col={media-size={x-dimension=21000 y-dimension=29700} media-type=stationery}", ""},
		{"silent", ipp.Keyword("media", "iso_a4_210x297mm"), "", "usual paper"},
		{"silent", mediaCol(a4), "", "usual paper"},

		{"office", ipp.Keyword("sides", "two-sided-long-edge"), "sides=two-sided-long-edge", ""},
		{"office", ipp.Keyword("sides", "two-sided-short-edge"), "sides=one-sided", "Printed with sides one-sided instead of two-sided-short-edge: the printer does not list two-sided-short-edge."},
		{"old", ipp.Keyword("sides", "two-sided-long-edge"), "sides=one-sided", "instead of"},
		{"silent", ipp.Keyword("sides", "two-sided-long-edge"), "", "Left out, because the printer does not list it: sides."},
		{"office", ipp.Keyword("print-color-mode", "color"), "print-color-mode=auto", "instead of color"},
		{"office", ipp.Keyword("print-color-mode", "monochrome"), "print-color-mode=auto-monochrome", "instead of monochrome"},
		{"office", ipp.Keyword("print-color-mode", "bi-level"), "print-color-mode=auto-monochrome", "instead of bi-level"},
		{"old", ipp.Keyword("print-color-mode", "auto-monochrome"), "print-color-mode=monochrome", "instead of"},
		{"old", ipp.Keyword("print-color-mode", "color"), "", "Left out"},
		{"office", ipp.Enum("print-quality", 4), "print-quality=5", "instead of 4"},
		{"old", ipp.Enum("print-quality", 3), "print-quality=4", "instead of 3"},
		{"office", ipp.Resolution("printer-resolution", 600), "printer-resolution=600x600dpi", ""},
		{"office", ipp.Resolution("printer-resolution", 720), "printer-resolution=600x600dpi", "instead of 720x720dpi"},
		{"office", ipp.Resolution("printer-resolution", 900), "printer-resolution=1200x1200dpi", "instead of"},
		{"office", goipp.MakeAttr("printer-resolution", goipp.TagResolution, goipp.Resolution{Xres: 236, Yres: 236, Units: goipp.UnitsDpcm}), "printer-resolution=600x600dpi", "instead of"},
		{"office", ipp.Enum("orientation-requested", 5), "orientation-requested=4", "instead of 5"},
		{"office", ipp.Enum("orientation-requested", 7), "", "Left out"},
		{"office", ipp.Enum("finishings", 20), "finishings=4", "Printed with finishings 4 instead of 20: the printer does not list 20."},
		{"office", ipp.Enum("finishings", 20, 28, 70, 93), "finishings=4", "Left out, because the printer does not list it: finishings."},
		{"office", ipp.Enum("finishings", 5), "finishings=74", "instead of 5"},
		{"office", ipp.Collections("finishings-col", goipp.Collection{ipp.Keyword("finishing-template", "staple-top-left")}), "finishings-col={finishing-template=staple-top-left}", ""},
		{"office", ipp.Collections("finishings-col", goipp.Collection{ipp.Keyword("finishing-template", "punch-top-left")}), "", "finishings-col"},
		{"office", ipp.Collections("finishings-col", goipp.Collection{ipp.Keyword("stitching-method", "auto")}), "", "finishings-col"},
		{"office", ipp.Integer("number-up", 2), "number-up=2", ""},
		{"office", ipp.Integer("number-up", 4), "", "Left out, because the printer does not list it: number-up."},
		{"silent", ipp.Integer("number-up", 1), "", ""},
		{"office", ipp.Range("page-ranges", 2, 3), "page-ranges=2-3", ""},
		{"silent", ipp.Range("page-ranges", 1, 1<<31-1), "", ""},
		{"silent", ipp.Integer("copies", 1), "", ""},
		{"office", ipp.Keyword("job-sheets", "standard"), "job-sheets=standard", ""},
		{"office", ipp.Keyword("job-hold-until", "indefinite"), "", "Left out, because the printer does not list it: job-hold-until."},
	} {
		name := fmt.Sprintf("%s: %s", c.printer, inWords(goipp.Attributes{c.asked}))
		f, err := Ticket{c.asked}.FitTo(fitted[c.printer])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := strings.TrimSpace(strings.TrimSuffix(inWords(f.Attrs), "job-sheets=none"))
		said := strings.Join(f.Sentences(), "\n")
		if got != c.want || !strings.Contains(said, c.said) || c.said == "" && said != "" {
			t.Errorf("%s:\n sent %s, want %s\n said %q, want %q", name, got, c.want, said, c.said)
		}
	}
}

// inWords returns attributes in one line.
func inWords(attrs goipp.Attributes) string {
	var out []string
	for _, a := range attrs {
		var values []string
		for _, v := range a.Values {
			if c, ok := v.V.(goipp.Collection); ok {
				values = append(values, "{"+inWords(goipp.Attributes(c))+"}")
			} else {
				values = append(values, v.V.String())
			}
		}
		out = append(out, a.Name+"="+strings.Join(values, ","))
	}
	return strings.Join(out, " ")
}

func TestWhatIsNeverLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		printer string
		asked   Ticket
		copies  int // 0 where it is about pages
	}{
		"copies":             {"silent", Ticket{ipp.Integer("copies", 2)}, 2},
		"too many copies":    {"office", Ticket{ipp.Integer("copies", 100)}, 100},
		"page ranges":        {"silent", Ticket{ipp.Range("page-ranges", 2, 3)}, 0},
		"pages from 2":       {"old", Ticket{ipp.Range("page-ranges", 2, 1<<31-1)}, 0},
		"pages to 2":         {"old", Ticket{ipp.Range("page-ranges", 1, 2)}, 0},
		"something as pages": {"office", Ticket{ipp.Keyword("page-ranges", "all")}, 0},
	} {
		_, err := c.asked.FitTo(fitted[c.printer])
		refused, ok := errors.AsType[*CopiesError](err)
		if c.copies == 0 && !errors.Is(err, ErrPages) || c.copies > 0 && (!ok || refused.Copies != c.copies) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Only one of media and media-col goes out, whichever comes first.
func TestOnePaper(t *testing.T) {
	media, col, other := ipp.Keyword("media", "na_letter_8.5x11in"), mediaCol(sizeRangeAttr(21000, 29700)), mediaCol(sizeRangeAttr(84100, 118900))
	for name, c := range map[string]struct {
		asked Ticket
		want  string
	}{
		"media first":         {Ticket{media, col}, "media-col"},
		"media-col first":     {Ticket{col, media}, "media-col"},
		"media-col not there": {Ticket{other, media}, "media"},
		"media twice":         {Ticket{media, media}, "media"},
	} {
		f, err := c.asked.FitTo(fitted["office"])
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range f.Attrs {
			if strings.HasPrefix(a.Name, "media") {
				got = append(got, a.Name)
			}
		}
		if !slices.Equal(got, []string{c.want}) || strings.Contains(strings.Join(f.notes, ""), "usual paper") {
			t.Errorf("%s: %v, %q", name, got, f.notes)
		}
	}
	f, err := Ticket{ipp.Keyword("media", "A4"), ipp.Keyword("media", "A4")}.FitTo(fitted["collections"])
	if err != nil || inWords(f.Attrs) != "media-col={media-size={x-dimension=21000 y-dimension=29700}}" {
		t.Errorf("%v, %v", f.Attrs, err)
	}
}

func TestBanner(t *testing.T) {
	for name, c := range map[string]struct {
		sheets, usual []string
		want          string
	}{
		"a banner by itself":     {[]string{"none", "standard"}, []string{"standard"}, "none"},
		"none by itself":         {[]string{"none", "standard"}, []string{"none"}, ""},
		"a banner whatever":      {[]string{"standard"}, []string{"standard"}, ""},
		"it does not say":        {[]string{"none", "standard"}, nil, ""},
		"it says nothing at all": {nil, nil, ""},
	} {
		i := goipp.Attributes{ipp.Keyword("job-sheets-supported", c.sheets...), ipp.Keyword("job-sheets-default", c.usual...)}
		f, err := Ticket{}.FitTo(i)
		if got := ipp.String(f.Attrs, "job-sheets"); err != nil || got != c.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestCopiesOfTheDocument(t *testing.T) {
	for _, c := range []struct {
		asked, own int // copies of the ticket, 0 for none; of the document
		want       int // copies that go out as an attribute, 0 for none
		refused    bool
	}{
		{0, 0, 0, false}, {3, 0, 3, false}, {3, 1, 3, false}, {1, 1, 1, false},
		{3, 3, 0, false}, {1, 3, 0, false}, {0, 3, 0, false},
		{2, 3, 0, true}, {3, 2, 0, true},
	} {
		var asked Ticket
		if c.asked > 0 {
			asked = Ticket{ipp.Integer("copies", c.asked)}
		}
		left, err := asked.WithoutCopies(c.own)
		n, _ := ipp.Int(goipp.Attributes(left), "copies")
		if (err != nil) != c.refused || n != c.want {
			t.Errorf("%d asked, the document %d: %v, %v", c.asked, c.own, left, err)
		}
	}
}

// TestCopiesByRaw: what a document says of its copies, and what is asked.
func TestCopiesByRaw(t *testing.T) {
	for _, c := range []struct{ asked, own, around int }{ // around is -1 where it is refused
		{0, 0, 1}, {1, 0, 1}, {3, 0, 3},
		{0, 1, 1}, {1, 1, 1}, {3, 1, -1},
		{0, 3, 1}, {1, 3, 1}, {3, 3, 1}, {2, 3, -1},
	} {
		var asked Ticket
		if c.asked > 0 {
			asked = Ticket{ipp.Integer("copies", c.asked), ipp.Keyword("sides", "one-sided")}
		}
		got, err := asked.ByRaw(c.own)
		_, refused := errors.AsType[*CopiesError](err)
		switch {
		case err != nil && !refused || refused != (c.around < 0):
			t.Errorf("%+v: %v", c, err)
		case !refused && got.Copies() != c.around:
			t.Errorf("%+v: %d copies asked for around it", c, got.Copies())
		case !refused && c.asked > 0 && !slices.ContainsFunc(got, func(a goipp.Attribute) bool { return strings.HasPrefix(a.Name, "sides") }):
			t.Errorf("%+v: more than copies was left out", c)
		}
	}
}
