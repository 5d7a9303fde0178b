package delivery

import (
	"math"
	"strconv"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// size is that of a paper, across and down, in 1/100 mm as media-size has it
// (PWG 5100.7 §6.3).
type size struct{ x, y int }

const (
	sameSize     = 100       // 1/100 mm: how far each side may be off
	largestSide  = 10_000_00 // 1/100 mm: 10 m, more than any printer's paper is long
	hundredthsIn = 2540      // 1/100 mm in an inch
	customMin    = "custom_min_"
	customMax    = "custom_max_"
	maxPaperName = 255 // bytes of a keyword (RFC 8011 §5.1.4)
)

// sizeOf is the size that a name of a paper tells or stands for. A name that
// is an end of a range of custom sizes is no paper.
func sizeOf(name string) (size, bool) {
	name = strings.ToLower(name)
	if len(name) > maxPaperName || strings.HasPrefix(name, customMin) || strings.HasPrefix(name, customMax) {
		return size{}, false
	}
	if known, ok := paperNames[withoutColour(name)]; ok {
		name = known
	}
	return sizeIn(name)
}

func withoutColour(name string) string {
	for _, c := range paperColours {
		if base, ok := strings.CutSuffix(name, c); ok {
			return base
		}
	}
	return name
}

// sizeIn reads the end of a self-describing name: class_name_WxHunit
// (PWG 5101.1 §5).
func sizeIn(name string) (size, bool) {
	if strings.Count(name, "_") != 2 {
		return size{}, false
	}
	dimensions, unit := name[strings.LastIndexByte(name, '_')+1:], 100.0
	var ok bool
	if dimensions, ok = strings.CutSuffix(dimensions, "mm"); !ok {
		unit = hundredthsIn
		if dimensions, ok = strings.CutSuffix(dimensions, "in"); !ok {
			return size{}, false
		}
	}
	x, y, _ := strings.Cut(dimensions, "x")
	s := size{side(x, unit), side(y, unit)}
	return s, s.x > 0 && s.y > 0
}

// side is one side in 1/100 mm, 0 for what is none.
func side(digits string, unit float64) int {
	if strings.Trim(digits, "0123456789.") != "" {
		return 0
	}
	n, err := strconv.ParseFloat(digits, 64)
	if n *= unit; err != nil || n > largestSide {
		return 0
	}
	return int(math.Round(n))
}

// off is how far apart the sides of two sizes are at most.
func (s size) off(other size) int {
	return max(abs(s.x-other.x), abs(s.y-other.y))
}

func abs(n int) int { return max(n, -n) }

func (s size) within(least, greatest size) bool {
	return s.x >= least.x && s.x <= greatest.x && s.y >= least.y && s.y <= greatest.y
}

// words are the size as people have it.
func (s size) words() string { return mm(s.x) + " x " + mm(s.y) + " mm" }

// customName is the self-describing name of a size that has none.
func (s size) customName() string {
	dimensions := mm(s.x) + "x" + mm(s.y) + "mm"
	return "custom_" + dimensions + "_" + dimensions
}

// mm is a length in millimetres without zeros at its end.
func mm(hundredths int) string {
	return strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64)
}

// collection is the size as a value of media-size.
func (s size) collection() goipp.Collection {
	return goipp.Collection{ipp.Integer("x-dimension", s.x), ipp.Integer("y-dimension", s.y)}
}

// sizeRange is a value of media-size-supported: from one size to another, the
// same where it is one size alone.
type sizeRange struct{ least, greatest size }

// nearest is the size within the range that is the nearest.
func (r sizeRange) nearest(s size) size {
	return size{min(max(s.x, r.least.x), r.greatest.x), min(max(s.y, r.least.y), r.greatest.y)}
}

// readSize reads media-size and what media-size-supported has of it; false
// where it is no size.
func readSize(v goipp.Value) (r sizeRange, ok bool) {
	c, _ := v.(goipp.Collection)
	x, okX := extent(goipp.Attributes(c), "x-dimension")
	y, okY := extent(goipp.Attributes(c), "y-dimension")
	return sizeRange{size{x.Lower, y.Lower}, size{x.Upper, y.Upper}}, okX && okY
}

func extent(attrs goipp.Attributes, name string) (goipp.Range, bool) {
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
	return r, r.Lower > 0 && r.Lower <= r.Upper && r.Upper <= largestSide
}
