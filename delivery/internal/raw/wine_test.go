//go:build linux && !race

package raw

import (
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// resets are the tests that want a connection reset. Wine 8 ends one in order
// while another thread reads from it, whatever SO_LINGER says.
const resets = "^(TestCanceledAtThePanelWhileItIsSent|TestPrinterThatTakesNothing|TestContextEnds|TestDocumentThatBreaks)$"

// resetBehind has its reset taken for a close in order in the same way.
const resetBehind = "^TestEvidence$/^reset_behind_the_last_byte$"

// closes are printers that close as soon as they have the last byte. Windows
// does not tell what is acknowledged, so that a close which is seen before the
// write returns is one that came early.
const closes = "^TestEvidence$/^(no_answer,_closes_at_once_behind_the_document|half_an_echo|half_a_line)$"

// TestOnWindows runs the tests of this package as a program for Windows.
func TestOnWindows(t *testing.T) {
	peers.StartWine(t).TestPackage(t, ".", "-test.skip="+resets+"|"+closes+"|"+resetBehind)
}
