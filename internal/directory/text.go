package directory

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unclean has the characters that can hide, reorder or imitate text on a terminal
// or panel. The list is part of the format: with the tables of package unicode,
// scouts built with different versions of Go would disagree.
var unclean = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0000, Hi: 0x001f, Stride: 1},
		{Lo: 0x007f, Hi: 0x00a0, Stride: 1},
		{Lo: 0x00ad, Hi: 0x00ad, Stride: 1},
		{Lo: 0x034f, Hi: 0x034f, Stride: 1},
		{Lo: 0x061c, Hi: 0x061c, Stride: 1},
		{Lo: 0x115f, Hi: 0x1160, Stride: 1},
		{Lo: 0x1680, Hi: 0x1680, Stride: 1},
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1},
		{Lo: 0x180b, Hi: 0x180f, Stride: 1},
		{Lo: 0x2000, Hi: 0x200f, Stride: 1},
		{Lo: 0x2028, Hi: 0x202f, Stride: 1},
		{Lo: 0x205f, Hi: 0x206f, Stride: 1},
		{Lo: 0x3000, Hi: 0x3000, Stride: 1},
		{Lo: 0x3164, Hi: 0x3164, Stride: 1},
		{Lo: 0xd800, Hi: 0xf8ff, Stride: 1},
		{Lo: 0xfdd0, Hi: 0xfdef, Stride: 1},
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1},
		{Lo: 0xfeff, Hi: 0xfeff, Stride: 1},
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1},
		{Lo: 0xfff0, Hi: 0xffff, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1bca0, Hi: 0x1bca3, Stride: 1},
		{Lo: 0x1d173, Hi: 0x1d17a, Stride: 1},
		{Lo: 0x1fffe, Hi: 0x1ffff, Stride: 1},
		{Lo: 0x2fffe, Hi: 0x2ffff, Stride: 1},
		{Lo: 0x3fffe, Hi: 0x10ffff, Stride: 1},
	},
	LatinOffset: 3,
}

// checkText refuses text that is too long or has unclean characters; what names it
// in the error.
func checkText(what, text string, limit int) error {
	if len(text) > limit {
		return malformed("%s is longer than %d bytes", what, limit)
	}
	if !utf8.ValidString(text) {
		return malformed("%s is not UTF-8", what)
	}
	if strings.Trim(text, " ") != text {
		return malformed("%s starts or ends with a space", what)
	}
	for _, r := range text {
		if unicode.Is(unclean, r) {
			return malformed("%s has the character %U in it", what, r)
		}
	}
	return nil
}

func checkName(what, name string) error {
	if name == "" {
		return malformed("%s is empty", what)
	}
	return checkText(what, name, maxName)
}

// foldKey returns equal keys for exactly the strings that strings.EqualFold
// considers equal.
func foldKey(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, s)
}
