//go:build linux && !race

package local

import (
	"os"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestOnWindows runs some tests of this package as a program for Windows: Wine
// takes long to say whose a connection is.
func TestOnWindows(t *testing.T) {
	// Beside other tests, whose connections Wine all looks through, for minutes.
	if os.Geteuid() == 0 && !peers.Alone(t) {
		return
	}
	peers.StartWine(t).TestPackage(t, ".", "-test.run", "^(TestTheWayInIsGoodOnce|TestTheFile.*|TestMyJobs|TestReleaseIsFollowed|TestFindQueue|TestOnlyTheAccounts.*|TestWeAre.*)$")
}
