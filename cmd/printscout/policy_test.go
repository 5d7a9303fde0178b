package main

import (
	"os"

	"github.com/printscout/printscout/internal/settings"
)

// A transcript that sets TEST_POLICY reads its policy from that folder. The
// program itself knows no such variable.
func init() {
	folder := os.Getenv("TEST_POLICY")
	if folder == "" {
		return
	}
	settingsSources = func(file string) settings.Sources {
		s := settings.Computer(file)
		s.PolicyFolder, s.Owner = folder, os.Getuid()
		return s
	}
}
