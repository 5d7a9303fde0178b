//go:build linux && !race

package identity

import (
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestOnWindows runs the tests of this package as a program for Windows. Wine 8
// says of no connection of IPv6 whose it is, nor of the end that was accepted.
func TestOnWindows(t *testing.T) {
	w := peers.StartWine(t)
	w.TestPackage(t, ".", "-test.skip=/::1$|^TestOwnConnectionsAskedByTheClient$")
}
