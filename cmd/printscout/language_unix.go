//go:build unix

package main

import (
	"cmp"
	"os"
	"strings"
)

// systemLanguage returns the language of messages of the person's session
// (setlocale(3)), as a tag.
func systemLanguage() string {
	tag, _, _ := strings.Cut(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")), ".")
	tag, _, _ = strings.Cut(tag, "@")
	return tag
}
