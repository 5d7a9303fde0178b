//go:build linux && !race

package raw

import (
	"testing"

	"github.com/printscout/printscout/internal/peers"
)

// resets are the tests that want a connection reset. Wine 8 ends one in order
// while another thread reads from it, whatever SO_LINGER says.
const resets = "^(TestCanceledAtThePanelWhileItIsSent|TestPrinterThatTakesNothing|TestContextEnds|TestDocumentThatBreaks)$"

// TestOnWindows runs the tests of this package as a program for Windows.
func TestOnWindows(t *testing.T) { peers.StartWine(t).TestPackage(t, ".", "-test.skip="+resets) }
