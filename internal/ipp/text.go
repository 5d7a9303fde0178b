package ipp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes a string from outside fit to be shown, logged or sent on:
// control characters, marks that turn the direction of writing, and what is
// not UTF-8 are taken out; what is left is cut to at most limit bytes between
// two characters.
func Clean(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || isDirectionMark(r) {
			return -1
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

func isDirectionMark(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f ||
		r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
