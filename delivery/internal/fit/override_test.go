package fit

import (
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// TestOverridesGoWithTheirDocument asks for color on page 1 of the documents
// 2 and 3, and for other paper on page 2 of all.
func TestOverridesGoWithTheirDocument(t *testing.T) {
	color := goipp.Collection{ipp.Range("pages", 1, 1), ipp.Range("document-numbers", 2, 3), ipp.Keyword("print-color-mode", "color")}
	paper := goipp.Collection{ipp.Range("pages", 2, 2), ipp.Keyword("media", "na_letter_8.5x11in")}
	asked := Ticket{ipp.Keyword("sides", "one-sided"), ipp.Collections(overridesName, color, paper)}
	all := []string{"pages", "document-numbers", "media", "print-color-mode"}
	for name, c := range map[string]struct {
		number  int
		members []string // overrides-supported; nil: not there
		media   string   // media-supported
		want    string   // members of each override that goes along
		dropped string
	}{
		"first document":              {1, all, "na_letter_8.5x11in", "pages media", ""},
		"second document":             {2, all, "na_letter_8.5x11in", "pages print-color-mode, pages media", ""},
		"a printer without":           {2, nil, "na_letter_8.5x11in", "", "overrides"},
		"a printer without paper":     {2, []string{"pages", "print-color-mode"}, "na_letter_8.5x11in", "pages print-color-mode", "overrides"},
		"a printer with other papers": {2, all, "iso_a4_210x297mm", "pages print-color-mode", "overrides"},
	} {
		t.Run(name, func(t *testing.T) {
			i := goipp.Attributes{
				ipp.Keyword("sides-supported", "one-sided"), ipp.Keyword("print-color-mode-supported", "color"), ipp.Keyword("media-supported", c.media),
			}
			if c.members != nil {
				i.Add(ipp.Keyword("overrides-supported", c.members...))
			}
			f, err := asked.ForDocument(c.number).FitTo(i)
			if err != nil {
				t.Fatal(err)
			}
			kept, dropped := f.Attrs, f.dropped
			if strings.Join(dropped, " ") != c.dropped || ipp.String(kept, "sides") != "one-sided" {
				t.Errorf("kept %v, dropped %q", kept, dropped)
			}
			a, _ := ipp.Find(kept, overridesName)
			if got := memberNames(a); got != c.want {
				t.Errorf("overrides %q, want %q", got, c.want)
			}
		})
	}
}

func memberNames(a goipp.Attribute) string {
	var overrides []string
	for _, v := range a.Values {
		var names []string
		for _, m := range v.V.(goipp.Collection) {
			names = append(names, m.Name)
		}
		overrides = append(overrides, strings.Join(names, " "))
	}
	return strings.Join(overrides, ", ")
}
