package docinfo

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// nameMax is the length in bytes of the longest title or name.
const nameMax = 255

// cleanName makes a name from outside safe to show: UTF-8 (other text is read
// as Latin-1) without control characters, marks of direction and surrounding
// space, cut between two characters.
func cleanName(raw []byte) string {
	if len(raw) > 4*nameMax {
		raw = trimPartial(raw[:4*nameMax])
	}
	s := string(raw)
	if !utf8.Valid(raw) {
		s = decodeLatin1(raw)
	}
	s = strings.TrimSpace(strings.Map(visibleRune, s))
	for len(s) > nameMax {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// trimPartial removes an incomplete character at the end.
func trimPartial(raw []byte) []byte {
	for k := 1; k < utf8.UTFMax && k <= len(raw); k++ {
		if tail := raw[len(raw)-k:]; utf8.RuneStart(tail[0]) {
			if tail[0] >= utf8.RuneSelf && !utf8.FullRune(tail) {
				return raw[:len(raw)-k]
			}
			break
		}
	}
	return raw
}

func decodeLatin1(raw []byte) string {
	var b strings.Builder
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// visibleRune maps a character to itself, to a space, or to -1 to drop it.
func visibleRune(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
		return ' '
	case r == utf8.RuneError || unicode.Is(unicode.C, r): // controls, marks of direction, surrogates
		return -1
	}
	return r
}

// fromUTF16 converts big-endian UTF-16 to UTF-8.
func fromUTF16(raw []byte) []byte {
	raw = raw[:min(len(raw), 4*nameMax)]
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return []byte(string(utf16.Decode(units)))
}

// fromPostScript removes the parentheses of a string.
func fromPostScript(value []byte) []byte {
	if inner, ok := bytes.CutPrefix(value, []byte("(")); ok {
		return unescapeString(bytes.TrimSuffix(inner, []byte(")")))
	}
	return value
}

// noteName sets a name that is not set yet.
func noteName(to *string, raw []byte) {
	if *to == "" {
		*to = cleanName(raw)
	}
}
