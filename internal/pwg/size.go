package pwg

import (
	"math"
	"strconv"
	"strings"
)

// Size is the size of a paper, across and down, in 1/100 mm as in media-size
// (PWG 5100.7 §6.3).
type Size struct{ X, Y int }

// How far each side of two sizes may differ, in 1/100 mm, for them to be the
// same paper.
const (
	// NearAsked is for sizes in requests of print clients: Windows requests A4 as
	// 20999 by 29699. Half a millimeter, as in CUPS.
	NearAsked = 50
	// NearListed is for sizes that printers list.
	NearListed = 100
	// NearMeasured is for sizes computed from a document's pixels or points.
	NearMeasured = 150
)

// LargestSide is longer than any printer's paper, in 1/100 mm: 10 m.
const LargestSide = 1_000_000

// LeastSheet and GreatestSheet bound the papers that may be offered: 1 cm to 2 m
// on each side.
var LeastSheet, GreatestSheet = Size{1000, 1000}, Size{200_000, 200_000}

const hundredthsOfInch = 2540 // 1/100 mm in an inch

// Off returns the greater difference between the sides of two sizes.
func (s Size) Off(other Size) int {
	return max(s.X-other.X, other.X-s.X, s.Y-other.Y, other.Y-s.Y)
}

// IsWithin reports whether a size is between two others.
func (s Size) IsWithin(least, greatest Size) bool {
	return s.X >= least.X && s.X <= greatest.X && s.Y >= least.Y && s.Y <= greatest.Y
}

// Turned returns the size of the same paper lying on its side.
func (s Size) Turned() Size { return Size{s.Y, s.X} }

// Words returns the size as people write it.
func (s Size) Words() string { return Millimeters(s.X) + " x " + Millimeters(s.Y) + " mm" }

// CustomName returns the self-describing name of a size without any other name.
func (s Size) CustomName() string {
	dimensions := Millimeters(s.X) + "x" + Millimeters(s.Y) + "mm"
	return "custom_" + dimensions + "_" + dimensions
}

// Millimeters formats a length in 1/100 mm as a number of millimeters without
// trailing zeros.
func Millimeters(hundredths int) string {
	return strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64)
}

// SizeIn reads the size at the end of a self-describing name,
// class_name_WxHunit (PWG 5101.1 §5). It reports false for other names, and for
// a side over LargestSide.
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

// parseSide returns one side in 1/100 mm, 0 if it is not a number.
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
