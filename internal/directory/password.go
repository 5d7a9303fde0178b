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

// spellPassword spells random bytes, one word for the low bits of each two.
func spellPassword(random []byte) string {
	chosen := make([]string, 0, passwordWords)
	for i := 0; i+1 < len(random); i += 2 {
		n := int(random[i])<<8 | int(random[i+1])
		chosen = append(chosen, words[n%(1<<wordBits)])
	}
	return strings.Join(chosen, " ")
}

// parsePassword undoes what people do to a password when they type it back:
// capitals, other or more spaces, dashes. What cannot be a password is told
// from a wrong one, without a word of it in the error: ErrPassword.
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

// lowerASCII is for A to Z alone: no word has another letter.
func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
