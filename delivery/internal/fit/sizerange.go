package fit

import (
	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/pwg"
)

// sizeRange is a value of media-size-supported: from one size to another, the
// same if it is a single size.
type sizeRange struct{ least, greatest pwg.Size }

// nearestTo returns the nearest size within the range.
func (r sizeRange) nearestTo(s pwg.Size) pwg.Size {
	return pwg.Size{X: min(max(s.X, r.least.X), r.greatest.X), Y: min(max(s.Y, r.least.Y), r.greatest.Y)}
}

// readSize reads media-size or a value of media-size-supported; ok is false if
// it is not a size.
func readSize(v goipp.Value) (r sizeRange, ok bool) {
	c, _ := v.(goipp.Collection)
	x, okX := readExtent(goipp.Attributes(c), "x-dimension")
	y, okY := readExtent(goipp.Attributes(c), "y-dimension")
	return sizeRange{pwg.Size{X: x.Lower, Y: y.Lower}, pwg.Size{X: x.Upper, Y: y.Upper}}, okX && okY
}

func readExtent(attrs goipp.Attributes, name string) (goipp.Range, bool) {
	a, ok := ipp.Find(attrs, name)
	if !ok || len(a.Values) == 0 {
		return goipp.Range{}, false
	}
	var r goipp.Range
	switch v := a.Values[0].V.(type) {
	case goipp.Integer:
		r = goipp.Range{Lower: int(v), Upper: int(v)}
	case goipp.Range:
		r = v
	}
	return r, r.Lower > 0 && r.Lower <= r.Upper && r.Upper <= pwg.LargestSide
}
