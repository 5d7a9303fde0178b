package spooler

import (
	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// mediaMargin is the width of each unprinted edge in 1/100 mm. The printer is not
// known yet, so this is what nearly all printers need.
const mediaMargin = 423

// knownMedia lists the sizes offered, by their self-describing names (PWG 5101.1
// §5). The list is long because Windows replaces a size that it does not find
// with A4.
var knownMedia = []string{
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

// mediaCol returns a media-col of that size with the common margins.
func mediaCol(dimensions goipp.Collection) goipp.Collection {
	return goipp.Collection{
		ipp.Collections("media-size", dimensions),
		ipp.Integer("media-bottom-margin", mediaMargin),
		ipp.Integer("media-left-margin", mediaMargin),
		ipp.Integer("media-right-margin", mediaMargin),
		ipp.Integer("media-top-margin", mediaMargin),
	}
}
