package spooler

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"
)

// TestTheDocumentSaysWhatIsDone holds docs/capture.md to the code.
func TestTheDocumentSaysWhatIsDone(t *testing.T) {
	b, err := os.ReadFile("../docs/capture.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	rows := regexp.MustCompile(`(?m)^\| [A-Z][A-Za-z-]+ (0x[0-9A-F]{2}) \|`).FindAllStringSubmatch(text, -1)
	if len(rows) != len(operations) {
		t.Errorf("%d operations are described, there are %d", len(rows), len(operations))
	}
	described := map[string]bool{}
	for _, row := range rows {
		described[row[1]] = true
	}
	for op := range operations {
		if !described[fmt.Sprintf("0x%02X", int(op))] {
			t.Errorf("%s is not described", op)
		}
	}
	for name := range new(capabilities).allTemplates() {
		if !strings.Contains(text, name) {
			t.Errorf("%s is not described", name)
		}
	}
	for _, format := range documentFormats {
		if !strings.Contains(text, format) {
			t.Errorf("%s is not described", format)
		}
	}
	for _, s := range []goipp.Status{
		errCanceled.status, errStorageFailed.status, errPrinterEnded.status, errDocumentCutOff.status, errDocumentStalled.status, errCompressionDamaged.status,
		errNoDocumentArrived.status, errNoDocument.status, errHasAllDocuments.status, errTooManyDocuments.status, refusalOfIntake(ErrNoSpace).status, refusalOfIntake(ErrQuota).status, refusalOfIntake(ErrNotAccepting).status,
	} {
		if !strings.Contains(text, s.String()) {
			t.Errorf("%s is not described", s)
		}
	}
}
