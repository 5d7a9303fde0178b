package pwg

import (
	"fmt"
	"math"
	"strings"
)

// Paper is a paper that printer languages have a name or number for.
type Paper struct {
	Name string // self-describing: PWG 5101.1 §5
	PPD  string // what PPD files and PJL call it, in upper case
	// PJL is true where printers agree on that name, so that it may be sent.
	PJL        bool
	PCL, PCLXL int // ESC &l # A; MediaSize. -1 where the language has no number
}

// Papers lists the papers that more than one language knows, the most common
// first.
var Papers = []Paper{
	{"iso_a4_210x297mm", "A4", true, 26, 2},
	{"na_letter_8.5x11in", "LETTER", true, 2, 0},
	{"na_legal_8.5x14in", "LEGAL", true, 3, 1},
	{"na_ledger_11x17in", "LEDGER", true, 6, 4},
	{"na_executive_7.25x10.5in", "EXECUTIVE", true, 1, 3},
	{"na_invoice_5.5x8.5in", "STATEMENT", false, -1, -1},
	{"na_foolscap_8.5x13in", "FOLIO", false, -1, -1},
	{"na_number-10_4.125x9.5in", "COM10", true, 81, 6},
	{"na_monarch_3.875x7.5in", "MONARCH", true, 80, 7},
	{"iso_a3_297x420mm", "A3", true, 27, 5},
	{"iso_a5_148x210mm", "A5", true, 25, 16},
	{"iso_a6_105x148mm", "A6", true, 24, 17},
	{"iso_b5_176x250mm", "B5", true, 100, 12},
	{"iso_c5_162x229mm", "C5", true, 91, 8},
	{"iso_dl_110x220mm", "DL", true, 90, 9},
	{"jis_b4_257x364mm", "JISB4", true, 46, 10},
	{"jis_b5_182x257mm", "JISB5", true, 45, 11},
	{"jpn_hagaki_100x148mm", "JPOST", true, 71, 14},
	{"na_index-4x6_4x6in", "4X6", false, -1, -1},
	{"na_5x7_5x7in", "5X7", false, -1, -1},
}

// Size returns the paper's size, which is part of its name.
func (p Paper) Size() Size {
	s, _ := SizeIn(p.Name)
	return s
}

// OfSize returns the name for a measured size in 1/100 mm, upright or not; a
// custom name if no paper fits, and "" for what cannot be a sheet.
func OfSize(width, height float64) string {
	if !(100 <= width && width < LargestSide && 100 <= height && height < LargestSide) {
		return ""
	}
	for _, p := range Papers {
		if s := p.Size(); isNearMeasured(width, height, s) || isNearMeasured(width, height, s.Turned()) {
			return p.Name
		}
	}
	w, h := Millimeters(int(math.Round(width))), Millimeters(int(math.Round(height)))
	return fmt.Sprintf("custom_%sx%smm_%sx%smm", w, h, w, h)
}

func isNearMeasured(width, height float64, s Size) bool {
	return math.Abs(width-float64(s.X)) <= NearMeasured && math.Abs(height-float64(s.Y)) <= NearMeasured
}

// OfPPD returns the name of a paper by its name in PPD files and PJL, "" where
// it is not known.
func OfPPD(name string) string {
	name = strings.ToUpper(name)
	name = strings.TrimSuffix(strings.TrimSuffix(name, "ROTATED"), "SMALL")
	return findPaperName(func(p Paper) bool { return p.PPD == name })
}

// OfPCL returns the name of a paper by its number in PCL 5, "" where it is not
// known.
func OfPCL(n int) string { return findPaperName(func(p Paper) bool { return n >= 0 && p.PCL == n }) }

// OfPCLXL returns the name of a paper by its number in PCL XL, "" where it is
// not known.
func OfPCLXL(n int) string {
	return findPaperName(func(p Paper) bool { return n >= 0 && p.PCLXL == n })
}

// PJLName returns the name of a paper that printers agree on in PJL, "" where
// there is none.
func PJLName(name string) string {
	for _, p := range Papers {
		if p.Name == name && p.PJL {
			return p.PPD
		}
	}
	return ""
}

func findPaperName(is func(Paper) bool) string {
	for _, p := range Papers {
		if is(p) {
			return p.Name
		}
	}
	return ""
}
