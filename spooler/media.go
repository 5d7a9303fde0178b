package spooler

import (
	"math"
	"strconv"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// margin is what is left free on each side, in 1/100 mm. What the printer will
// be is not known, so it is what nearly all of them need.
const margin = 423

// media are the sizes offered, by their self-describing names (PWG 5101.1 §5).
// The list is long since Windows puts A4 in the place of a size it does not
// find.
var media = []string{
	"iso_a4_210x297mm",
	"na_letter_8.5x11in",
	"na_legal_8.5x14in",
	"na_ledger_11x17in",
	"na_executive_7.25x10.5in",
	"na_invoice_5.5x8.5in",
	"na_foolscap_8.5x13in",
	"na_oficio_8.5x13.4in",
	"na_govt-letter_8x10in",
	"na_index-3x5_3x5in",
	"na_index-4x6_4x6in",
	"na_5x7_5x7in",
	"na_index-5x8_5x8in",
	"na_number-10_4.125x9.5in",
	"na_monarch_3.875x7.5in",
	"iso_a3_297x420mm",
	"iso_a5_148x210mm",
	"iso_a6_105x148mm",
	"iso_b4_250x353mm",
	"iso_b5_176x250mm",
	"iso_c4_229x324mm",
	"iso_c5_162x229mm",
	"iso_c6_114x162mm",
	"iso_dl_110x220mm",
	"iso_b6_125x176mm",
	"jis_b4_257x364mm",
	"jis_b5_182x257mm",
	"jis_b6_128x182mm",
	"jpn_hagaki_100x148mm",
	"jpn_oufuku_148x200mm",
	"jpn_chou3_120x235mm",
	"jpn_chou4_90x205mm",
	"jis_exec_216x330mm",
	"jpn_you4_105x235mm",
	"jpn_kaku2_240x332mm",
	"om_folio_210x330mm",
	"prc_32k_97x151mm",
	"om_small-photo_100x150mm",
}

var (
	mediaSources = []string{"auto"}
	mediaTypes   = []string{"auto", "stationery", "stationery-letterhead", "photographic", "cardstock", "envelope", "labels", "transparency"}
	mediaMembers = []string{"media-bottom-margin", "media-left-margin", "media-right-margin", "media-size", "media-size-name", "media-source", "media-top-margin", "media-type"}
)

// size is width and height in 1/100 mm.
type size struct{ x, y int }

// parseSize reads the size at the end of a self-describing name.
func parseSize(name string) (size, bool) {
	text := name[strings.LastIndexByte(name, '_')+1:]
	unit := 100.0
	text, metric := strings.CutSuffix(text, "mm")
	if !metric {
		var inches bool
		if text, inches = strings.CutSuffix(text, "in"); !inches {
			return size{}, false
		}
		unit = 2540
	}
	w, h, _ := strings.Cut(text, "x")
	x, okX := parseLength(w, unit)
	y, okY := parseLength(h, unit)
	return size{x, y}, okX && okY
}

func parseLength(text string, unit float64) (int, bool) {
	if strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	f *= unit
	return int(math.Round(f)), err == nil && f > 0 && f < 1<<30
}

// isWithin says whether a sheet is of a size between the two.
func (s size) isWithin(least, greatest size) bool {
	return s.x >= least.x && s.x <= greatest.x && s.y >= least.y && s.y <= greatest.y
}

// isNear says whether two sizes are one: Windows asks for A4 as 20999 by 29699.
func (s size) isNear(other size) bool {
	return max(s.x-other.x, other.x-s.x, s.y-other.y, other.y-s.y) <= tolerance
}

// tolerance is half a millimetre, as CUPS has it.
const tolerance = 50

func (s size) collection() goipp.Collection {
	return goipp.Collection{ipp.Integer("x-dimension", s.x), ipp.Integer("y-dimension", s.y)}
}

// mediaCol is a media-col of that size, with the margins all have.
func mediaCol(dimensions goipp.Collection) goipp.Collection {
	return goipp.Collection{
		ipp.Collections("media-size", dimensions),
		ipp.Integer("media-bottom-margin", margin),
		ipp.Integer("media-left-margin", margin),
		ipp.Integer("media-right-margin", margin),
		ipp.Integer("media-top-margin", margin),
	}
}
