//go:build linux && !race

package identity

import (
	"os"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestOnWindows runs the tests of this package as a program for Windows. Wine 8
// does not tell the process of IPv6 connections, nor of accepted ends.
func TestOnWindows(t *testing.T) {
	// Wine looks through every connection of the machine for each that it is
	// asked about: minutes beside other tests.
	if os.Geteuid() == 0 && !peers.Alone(t) {
		return
	}
	w := peers.StartWine(t)
	w.TestPackage(t, ".", "-test.skip=/::1$|^TestOwnConnectionsAskedByTheClient$")
}
