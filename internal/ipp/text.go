package ipp

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// windows1252 maps 0x80 to 0x9f to the characters of Windows-1252, where
// Latin-1 has controls; 0 for none.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

// DecodeText reads text that is not UTF-8, though IPP requires it, as
// Windows-1252, which includes Latin-1: that is what faulty clients send.
func DecodeText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		switch r := rune(c); {
		case c < 0x80 || c >= 0xa0:
			b.WriteRune(r)
		case windows1252[c-0x80] != 0:
			b.WriteRune(windows1252[c-0x80])
		}
	}
	return b.String()
}

// Clean makes a string from outside safe to show, log or send on: it removes
// control characters, marks that change the writing direction and what is not
// UTF-8, and cuts the rest to at most limit bytes between two characters.
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
