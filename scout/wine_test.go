//go:build linux && !race

package scout

import (
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestOnWindows runs what this package does with files (bundles, leaving), with its pipe and by
// events as a program for Windows.
func TestOnWindows(t *testing.T) {
	if testing.Short() {
		t.Skip("Wine takes a while to start")
	}
	peers.StartWine(t).TestPackage(t, ".", "-test.run=StateFolder|ThePipe|EventsLead|WhatEnded|WhatARelease|StatusIsSaid|GoodOrder|BundleFile|Unenroll|LeavingThat")
}
