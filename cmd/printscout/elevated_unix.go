//go:build unix

package main

import "strings"

// elevatedHint returns the command that an administrator types.
func elevatedHint(args []string) string { return "run it as root: sudo " + quoteWords(args) }

// quoteWords joins words so that a shell reads the same ones.
func quoteWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = w
		if w == "" || strings.ContainsAny(w, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
