package directory

import (
	"fmt"
	"strings"
	"unicode"
)

const (
	passwordWords = 12 // of wordBits each: 132 bits
	passwordSize  = 2 * passwordWords
	maxPassword   = 1024
)

// spellPassword spells random bytes as words, one for the low bits of each two
// bytes.
func spellPassword(random []byte) string {
	chosen := make([]string, 0, passwordWords)
	for i := 0; i+1 < len(random); i += 2 {
		n := int(random[i])<<8 | int(random[i+1])
		chosen = append(chosen, words[n%(1<<wordBits)])
	}
	return strings.Join(chosen, " ")
}

// parsePassword returns a password as it was made, whatever capitals, spaces and
// dashes a person has typed. It returns ErrPassword, with the reason, for what
// cannot be a password; the error does not repeat any of its words.
func parsePassword(typed string) (string, error) {
	if len(typed) > maxPassword {
		return "", fmt.Errorf("%w: it is longer than any", ErrPassword)
	}
	fields := strings.FieldsFunc(strings.Map(lowerASCII, typed), isGap)
	if len(fields) != passwordWords {
		return "", fmt.Errorf("%w: the number of its words is %d, not %d", ErrPassword, len(fields), passwordWords)
	}
	for i, word := range fields {
		if !isWord(word) {
			return "", fmt.Errorf("%w: word %d is none that a password can have", ErrPassword, i+1)
		}
	}
	return strings.Join(fields, " "), nil
}

func isGap(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) }

// lowerASCII lowers only A to Z: words have no other letters.
func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
