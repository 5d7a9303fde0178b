package docinfo

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// media are the sizes that have a name (PWG 5101.1 §5), in 1/100 mm, with what
// PPD files and PJL, PCL 5 (ESC &l # A) and PCL XL (MediaSize) call them;
// -1 where a language has no number.
var media = []struct {
	name          string
	width, height int
	ppd           string
	pcl, pclxl    int
}{
	{"iso_a4_210x297mm", 21000, 29700, "A4", 26, 2},
	{"na_letter_8.5x11in", 21590, 27940, "LETTER", 2, 0},
	{"na_legal_8.5x14in", 21590, 35560, "LEGAL", 3, 1},
	{"na_ledger_11x17in", 27940, 43180, "LEDGER", 6, 4},
	{"na_executive_7.25x10.5in", 18415, 26670, "EXECUTIVE", 1, 3},
	{"na_invoice_5.5x8.5in", 13970, 21590, "STATEMENT", -1, -1},
	{"na_foolscap_8.5x13in", 21590, 33020, "FOLIO", -1, -1},
	{"na_number-10_4.125x9.5in", 10478, 24130, "COM10", 81, 6},
	{"na_monarch_3.875x7.5in", 9843, 19050, "MONARCH", 80, 7},
	{"iso_a3_297x420mm", 29700, 42000, "A3", 27, 5},
	{"iso_a5_148x210mm", 14800, 21000, "A5", 25, 16},
	{"iso_a6_105x148mm", 10500, 14800, "A6", 24, 17},
	{"iso_b5_176x250mm", 17600, 25000, "B5", 100, 12},
	{"iso_c5_162x229mm", 16200, 22900, "C5", 91, 8},
	{"iso_dl_110x220mm", 11000, 22000, "DL", 90, 9},
	{"jis_b4_257x364mm", 25700, 36400, "JISB4", 46, 10},
	{"jis_b5_182x257mm", 18200, 25700, "JISB5", 45, 11},
	{"jpn_hagaki_100x148mm", 10000, 14800, "JPOST", 71, 14},
	{"na_index-4x6_4x6in", 10160, 15240, "4X6", -1, -1},
	{"na_5x7_5x7in", 12700, 17780, "5X7", -1, -1},
}

// near is how far a size may be off, in 1/100 mm: rasters and Windows round.
const near = 150

// mediaOfSize names a size in 1/100 mm, upright or not; "" for one that is no
// sheet.
func mediaOfSize(width, height float64) string {
	if !(100 <= width && width < 1e6 && 100 <= height && height < 1e6) {
		return ""
	}
	for _, m := range media {
		if isNear(width, m.width) && isNear(height, m.height) || isNear(width, m.height) && isNear(height, m.width) {
			return m.name
		}
	}
	w, h := millimetres(width), millimetres(height)
	return fmt.Sprintf("custom_%sx%smm_%sx%smm", w, h, w, h)
}

// mediaOfPoints names a size in 1/72 inch.
func mediaOfPoints(width, height float64) string {
	return mediaOfSize(width*2540/72, height*2540/72)
}

func isNear(a float64, b int) bool { return math.Abs(a-float64(b)) <= near }

func millimetres(hundredths float64) string {
	return strconv.FormatFloat(math.Round(hundredths)/100, 'f', -1, 64)
}

// mediaOfName names what PPD files and PJL call so.
func mediaOfName(name string) string {
	name = strings.ToUpper(name)
	name = strings.TrimSuffix(strings.TrimSuffix(name, "ROTATED"), "SMALL")
	for _, m := range media {
		if m.ppd == name {
			return m.name
		}
	}
	return ""
}

func mediaOfPCL(n int) string {
	for _, m := range media {
		if m.pcl == n && n >= 0 {
			return m.name
		}
	}
	return ""
}

func mediaOfPCLXL(n int) string {
	for _, m := range media {
		if m.pclxl == n && n >= 0 {
			return m.name
		}
	}
	return ""
}

// isMediaName says whether a name is one of PWG 5101.1 §5 in form: class,
// name, size.
func isMediaName(name string) bool {
	parts := strings.Split(name, "_")
	return len(parts) == 3 && strings.Contains(parts[2], "x") &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}
