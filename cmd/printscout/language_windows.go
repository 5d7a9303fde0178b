package main

import (
	"strings"

	"golang.org/x/sys/windows"
)

// systemLanguage returns the languages that the person reads Windows in, as
// tags.
func systemLanguage() string {
	tags, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil {
		return ""
	}
	return strings.Join(tags, ",")
}
