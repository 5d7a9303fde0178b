package directory

import (
	"strings"
	"unicode"
)

const (
	passwordAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford's base32
	passwordLength   = 30                                 // 5 bits each: 150 bits
	passwordGroup    = 5
	maxPassword      = 1024
)

// passwordOf spells random bytes, one character for the low 5 bits of each.
func passwordOf(random []byte) string {
	var b strings.Builder
	for i, r := range random {
		if i > 0 && i%passwordGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(passwordAlphabet[int(r)%len(passwordAlphabet)])
	}
	return b.String()
}

// plainPassword undoes what people do to a password when they type it back:
// lower case, other groups, O for 0, I or L for 1.
func plainPassword(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r):
			return -1
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		}
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, typed)
}
