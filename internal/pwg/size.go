package pwg

import (
	"math"
	"strconv"
	"strings"
)

// Size is that of a paper, across and down, in 1/100 mm as media-size has it
// (PWG 5100.7 §6.3).
type Size struct{ X, Y int }

// How far each side of two sizes may be apart, in 1/100 mm, for them to be one
// paper.
const (
	// NearAsked is for what print clients ask for: Windows asks for A4 as 20999
	// by 29699. Half a millimeter, as CUPS has it.
	NearAsked = 50
	// NearListed is for what printers list.
	NearListed = 100
	// NearMeasured is for what a document's pixels or points come to.
	NearMeasured = 150
)

// LargestSide is longer than any printer's paper, in 1/100 mm: 10 m.
const LargestSide = 1_000_000

// LeastSheet and GreatestSheet bound the papers that are offered: 1 cm to 2 m
// each way.
var LeastSheet, GreatestSheet = Size{1000, 1000}, Size{200_000, 200_000}

const hundredthsOfInch = 2540 // 1/100 mm in an inch

// Off returns how far apart the sides of two sizes are at most.
func (s Size) Off(other Size) int {
	return max(s.X-other.X, other.X-s.X, s.Y-other.Y, other.Y-s.Y)
}

// IsWithin reports whether a size is between two others.
func (s Size) IsWithin(least, greatest Size) bool {
	return s.X >= least.X && s.X <= greatest.X && s.Y >= least.Y && s.Y <= greatest.Y
}

// Turned returns the size of the same paper lying on its side.
func (s Size) Turned() Size { return Size{s.Y, s.X} }

// Words returns the size as people have it.
func (s Size) Words() string { return Millimeters(s.X) + " x " + Millimeters(s.Y) + " mm" }

// CustomName returns the self-describing name of a size that has no other.
func (s Size) CustomName() string {
	dimensions := Millimeters(s.X) + "x" + Millimeters(s.Y) + "mm"
	return "custom_" + dimensions + "_" + dimensions
}

// Millimeters returns a length in 1/100 mm as a number of millimeters without
// zeros at its end.
func Millimeters(hundredths int) string {
	return strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64)
}

// SizeIn reads the end of a self-describing name, class_name_WxHunit
// (PWG 5101.1 §5); false for what is none, and for a side over LargestSide.
func SizeIn(name string) (Size, bool) {
	if strings.Count(name, "_") != 2 {
		return Size{}, false
	}
	dimensions, unit := name[strings.LastIndexByte(name, '_')+1:], 100.0
	var ok bool
	if dimensions, ok = strings.CutSuffix(dimensions, "mm"); !ok {
		unit = hundredthsOfInch
		if dimensions, ok = strings.CutSuffix(dimensions, "in"); !ok {
			return Size{}, false
		}
	}
	x, y, _ := strings.Cut(dimensions, "x")
	s := Size{parseSide(x, unit), parseSide(y, unit)}
	return s, s.X > 0 && s.Y > 0
}

// parseSide returns one side in 1/100 mm, 0 for what is none.
func parseSide(digits string, unit float64) int {
	if strings.Trim(digits, "0123456789.") != "" {
		return 0
	}
	n, err := strconv.ParseFloat(digits, 64)
	if n *= unit; err != nil || n > LargestSide {
		return 0
	}
	return int(math.Round(n))
}
