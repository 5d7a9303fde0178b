package fit

import (
	"math"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// settingRule is how the values of a job template attribute are fitted to
// those of NAME-supported.
type settingRule struct {
	// lists reports whether a value is supported.
	lists func(supported goipp.Attribute, v goipp.Value) bool
	// instead returns a supported value in place of one that is not, nil
	// if there is none; it is itself nil if there are no substitutes.
	instead func(supported goipp.Attribute, v goipp.Value) goipp.Value
}

// settingRules are the job template attributes that may be sent to a printer;
// media, media-col and overrides have rules of their own.
var settingRules = map[string]settingRule{
	"copies":                     {lists: listsNumber},
	"sides":                      {listsValue, firstSubstitute},
	"print-color-mode":           {listsValue, firstSubstitute},
	"print-quality":              {listsNumber, nearestEnum},
	"print-scaling":              {lists: listsValue},
	"print-content-optimize":     {lists: listsValue},
	"print-rendering-intent":     {lists: listsValue},
	"printer-resolution":         {listsValue, nearestResolution},
	"orientation-requested":      {listsNumber, firstSubstitute},
	"page-ranges":                {lists: listsRanges},
	"number-up":                  {lists: listsNumber},
	"finishings":                 {listsNumber, firstSubstitute},
	"output-bin":                 {lists: listsValue},
	"multiple-document-handling": {lists: listsValue},
	"job-sheets":                 {lists: listsValue},
}

// listsNumber reports whether an integer or enum is one of the values or in
// one of the ranges.
func listsNumber(supported goipp.Attribute, v goipp.Value) bool {
	n, ok := v.(goipp.Integer)
	return ok && ipp.HasInt(goipp.Attributes{supported}, supported.Name, int(n))
}

// listsValue reports whether a value is one of the values.
func listsValue(supported goipp.Attribute, v goipp.Value) bool {
	for _, s := range supported.Values {
		if goipp.ValueEqual(s.V, v) {
			return true
		}
	}
	return false
}

// listsMembers reports whether all members of a collection are listed (PWG
// 5100.7 §6.3).
func listsMembers(supported goipp.Attribute, v goipp.Value) bool {
	c, ok := v.(goipp.Collection)
	names := ipp.Strings(goipp.Attributes{supported}, supported.Name)
	return ok && !slices.ContainsFunc(c, func(a goipp.Attribute) bool { return !slices.Contains(names, a.Name) })
}

// listsRanges reports whether the value is a range and the printer supports
// ranges at all.
func listsRanges(supported goipp.Attribute, v goipp.Value) bool {
	_, is := v.(goipp.Range)
	b, ok := ipp.Bool(goipp.Attributes{supported}, supported.Name)
	return is && ok && b
}

// firstSubstitute returns the first supported value of the tables in
// substitutes.go.
func firstSubstitute(supported goipp.Attribute, v goipp.Value) goipp.Value {
	name := strings.TrimSuffix(supported.Name, "-supported")
	switch v := v.(type) {
	case goipp.String:
		for _, s := range keywordSubstitutes[name][string(v)] {
			if listsValue(supported, goipp.String(s)) {
				return goipp.String(s)
			}
		}
	case goipp.Integer:
		for _, n := range enumSubstitutes[name][int(v)] {
			if listsNumber(supported, goipp.Integer(n)) {
				return goipp.Integer(n)
			}
		}
	}
	return nil
}

// nearestEnum returns the nearest supported number, of two the greater.
func nearestEnum(supported goipp.Attribute, v goipp.Value) goipp.Value {
	n, ok := v.(goipp.Integer)
	if !ok {
		return nil
	}
	return nearestValue(supported, func(s goipp.Value) (distance, rank float64, ok bool) {
		i, ok := s.(goipp.Integer)
		return math.Abs(float64(i) - float64(n)), float64(i), ok
	})
}

// nearestResolution returns the nearest supported resolution, of two the
// finer.
func nearestResolution(supported goipp.Attribute, v goipp.Value) goipp.Value {
	r, ok := v.(goipp.Resolution)
	if !ok {
		return nil
	}
	x, y := dotsPerInch(r)
	return nearestValue(supported, func(s goipp.Value) (distance, rank float64, ok bool) {
		r, ok := s.(goipp.Resolution)
		sx, sy := dotsPerInch(r)
		return math.Abs(sx-x) + math.Abs(sy-y), sx + sy, ok
	})
}

// dotsPerInch returns a resolution in dots per inch, across and along.
func dotsPerInch(r goipp.Resolution) (x, y float64) {
	x, y = float64(r.Xres), float64(r.Yres)
	if r.Units == goipp.UnitsDpcm {
		return x * 2.54, y * 2.54
	}
	return x, y
}

// nearestValue returns the supported value of the least distance, of several
// the one of the greatest rank; nil if none can be measured.
func nearestValue(supported goipp.Attribute, measure func(goipp.Value) (distance, rank float64, ok bool)) (best goipp.Value) {
	var least, highest float64
	for _, s := range supported.Values {
		d, r, ok := measure(s.V)
		if ok && (best == nil || d < least || d == least && r > highest) {
			best, least, highest = s.V, d, r
		}
	}
	return best
}
