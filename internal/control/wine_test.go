//go:build linux && !race

package control

import (
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestOnWindows runs the tests of this package as a program for Windows.
func TestOnWindows(t *testing.T) {
	peers.StartWine(t).TestPackage(t, ".")
}
