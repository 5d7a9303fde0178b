package tray

import "strings"

// quoted returns a text as a string of AppleScript. What a document is called
// must not become a part of the script.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ").Replace(text) + `"`
}
