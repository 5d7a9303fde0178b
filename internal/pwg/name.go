package pwg

import (
	"slices"
	"strings"
)

// Classes lists what self-describing names begin with: PWG 5101.1 §5.1.1. Custom
// sizes have the class Custom.
var Classes = []string{"asme", "iso", "jis", "jpn", "na", "oe", "om", "prc", "roc"}

// Custom is the class of custom sizes; CustomMin and CustomMax begin the names of
// the two ends of a range of them (PWG 5101.1 §5.1.3).
const (
	Custom    = "custom"
	CustomMin = "custom_min_"
	CustomMax = "custom_max_"
)

const nameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789.-"

// Name holds the parts of a self-describing name.
type Name struct {
	Class, Title string
	Size         Size
}

// ParseName reads a self-describing name that follows the standard: a known
// class, lower case.
func ParseName(name string) (Name, bool) {
	s, ok := SizeIn(name)
	parts := strings.Split(name, "_")
	if !ok || !IsName(name) || parts[1] == "" || parts[0] != Custom && !slices.Contains(Classes, parts[0]) {
		return Name{}, false
	}
	return Name{Class: parts[0], Title: parts[1], Size: s}, true
}

// IsName reports whether a name has the form of a self-describing one: class,
// name, size.
func IsName(name string) bool {
	parts := strings.Split(name, "_")
	return len(parts) == 3 && strings.Contains(parts[2], "x") && strings.Trim(name, nameCharacters+"_") == ""
}

const maxName = 255 // bytes of a keyword: RFC 8011 §5.1.4

// SizeOf returns the size of a paper by its self-describing name or an older
// one. A name that is an end of a range of custom sizes is not a paper.
func SizeOf(name string) (Size, bool) {
	name = strings.ToLower(name)
	if len(name) > maxName || strings.HasPrefix(name, CustomMin) || strings.HasPrefix(name, CustomMax) {
		return Size{}, false
	}
	if known, ok := olderNames[withoutColor(name)]; ok {
		name = known
	}
	return SizeIn(name)
}

// colors lists suffixes of older names (RFC 2911 appendix C) that do not change
// the size.
var colors = []string{"-white", "-colored", "-coloured", "-transparent"}

func withoutColor(name string) string {
	for _, c := range colors {
		if base, ok := strings.CutSuffix(name, c); ok {
			return base
		}
	}
	return name
}

// olderNames maps names that do not contain a size to the self-describing name
// of the paper they mean: names from RFC 2911 appendix C, PPD files and
// drivers. Plain B5 is not among them, since it is another size in Japan.
var olderNames = map[string]string{
	"a":                            "na_letter_8.5x11in",
	"b":                            "na_ledger_11x17in",
	"a3":                           "iso_a3_297x420mm",
	"a4":                           "iso_a4_210x297mm",
	"a5":                           "iso_a5_148x210mm",
	"a6":                           "iso_a6_105x148mm",
	"c5":                           "iso_c5_162x229mm",
	"c6":                           "iso_c6_114x162mm",
	"com10":                        "na_number-10_4.125x9.5in",
	"dl":                           "iso_dl_110x220mm",
	"env10":                        "na_number-10_4.125x9.5in",
	"envc5":                        "iso_c5_162x229mm",
	"envdl":                        "iso_dl_110x220mm",
	"envmonarch":                   "na_monarch_3.875x7.5in",
	"executive":                    "na_executive_7.25x10.5in",
	"folio":                        "om_folio_210x330mm",
	"invoice":                      "na_invoice_5.5x8.5in",
	"iso-a3":                       "iso_a3_297x420mm",
	"iso-a4":                       "iso_a4_210x297mm",
	"iso-a5":                       "iso_a5_148x210mm",
	"iso-a6":                       "iso_a6_105x148mm",
	"iso-b4":                       "iso_b4_250x353mm",
	"iso-b5":                       "iso_b5_176x250mm",
	"iso-b5-envelope":              "iso_b5_176x250mm",
	"iso-c4":                       "iso_c4_229x324mm",
	"iso-c4-envelope":              "iso_c4_229x324mm",
	"iso-c5":                       "iso_c5_162x229mm",
	"iso-c5-envelope":              "iso_c5_162x229mm",
	"iso-c6":                       "iso_c6_114x162mm",
	"iso-c6-envelope":              "iso_c6_114x162mm",
	"iso-designated-long":          "iso_dl_110x220mm",
	"iso-designated-long-envelope": "iso_dl_110x220mm",
	"jis-b4":                       "jis_b4_257x364mm",
	"jis-b5":                       "jis_b5_182x257mm",
	"ledger":                       "na_ledger_11x17in",
	"legal":                        "na_legal_8.5x14in",
	"letter":                       "na_letter_8.5x11in",
	"monarch-envelope":             "na_monarch_3.875x7.5in",
	"na-5x7":                       "na_5x7_5x7in",
	"na-8x10":                      "na_govt-letter_8x10in",
	"na-executive":                 "na_executive_7.25x10.5in",
	"na-invoice":                   "na_invoice_5.5x8.5in",
	"na-legal":                     "na_legal_8.5x14in",
	"na-letter":                    "na_letter_8.5x11in",
	"na-monarch-envelope":          "na_monarch_3.875x7.5in",
	"na-number-10-envelope":        "na_number-10_4.125x9.5in",
	"statement":                    "na_invoice_5.5x8.5in",
	"tabloid":                      "na_ledger_11x17in",
}
