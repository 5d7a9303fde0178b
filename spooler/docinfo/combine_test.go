package docinfo

import (
	"reflect"
	"testing"
)

func TestCombine(t *testing.T) {
	one := Info{Format: FormatPDF, Pages: new(3), Certainty: Exact, Color: InMonochrome, Sides: TwoSidedLongEdge, Copies: 2, Media: "a", Title: "first"}
	for name, c := range map[string]struct {
		docs []Info
		want Info
	}{
		"none": {nil, Info{Certainty: Unknown, Color: ColorUnknown}},
		"one":  {[]Info{one}, one},
		"alike": {[]Info{one, one}, Info{
			Format: FormatPDF, Pages: new(6), Certainty: Exact, Color: InMonochrome,
			Sides: TwoSidedLongEdge, Copies: 2, Media: "a", Title: "first"}},
		"one of which is not known": {[]Info{one, {Certainty: Unknown}}, Info{
			Format: FormatMixed, Certainty: Unknown, Color: ColorUnknown, Media: "a", Title: "first"}},
		"one of which is in color": {[]Info{{Certainty: Unknown, Media: "b"}, {Format: FormatJPEG, Pages: new(1), Certainty: Exact, Color: InColor, Title: "x"}}, Info{
			Format: FormatMixed, Certainty: Unknown, Color: InColor, Media: "b", Title: "x"}},
		"one of which is estimated": {[]Info{one, {Format: FormatPDF, Pages: new(1), Certainty: Estimated, Color: InMonochrome}}, Info{
			Format: FormatPDF, Pages: new(4), Certainty: Estimated, Color: InMonochrome, Media: "a", Title: "first"}},
	} {
		if got := Combine(c.docs); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
