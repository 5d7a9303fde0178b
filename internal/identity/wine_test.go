//go:build linux && !race

package identity

import (
	"os"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestOnWindows runs the tests of this package as a program for Windows. Wine 8
// says of no connection of IPv6 whose it is, nor of the end that was accepted.
func TestOnWindows(t *testing.T) {
	// Wine looks through every connection of the machine for each that it is
	// asked about: minutes beside other tests.
	if os.Geteuid() == 0 && !peers.Alone(t) {
		return
	}
	w := peers.StartWine(t)
	w.TestPackage(t, ".", "-test.skip=/::1$|^TestOwnConnectionsAskedByTheClient$")
}
