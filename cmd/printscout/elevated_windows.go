package main

import (
	"strings"

	"golang.org/x/sys/windows"
)

// elevatedHint returns the command that an administrator types.
func elevatedHint(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = windows.EscapeArg(a)
	}
	return "run it in a terminal that was started as administrator: " + strings.Join(quoted, " ")
}
