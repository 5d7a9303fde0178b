package directory

import (
	_ "embed"
	"slices"
	"strings"
)

// wordList is the English list of BIP-39, in order (docs/dependencies.md).
//
//go:embed words.txt
var wordList string

var words = strings.Fields(wordList)

// wordBits is what one word of the list stands for: 2,048 are 11 bits.
const wordBits = 11

func isWord(s string) bool {
	_, found := slices.BinarySearch(words, s)
	return found
}
