//go:build linux && !race

package installer

import (
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestOnWindows runs the tests of the Windows service as a program for Windows.
func TestOnWindows(t *testing.T) {
	peers.StartWine(t).TestPackage(t, ".", "-test.run=WindowsService|CommandLine")
}
