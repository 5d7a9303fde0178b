package main

import (
	"testing"

	"github.com/printscout/printscout/internal/dev/clitest"
)

// TestTranscripts runs what people and scripts type, and wants what they see.
func TestTranscripts(t *testing.T) {
	clitest.RunScripts(t, "testdata/script", map[string]string{"RAW_PRINTER": rawPrinter(t, "PCL", "PDF")})
}
