package spooler

import (
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/spooler/docinfo"
)

var errContent = refuse(goipp.StatusErrorDocumentFormatNotSupported,
	"The document is of a format that is not taken.").withReason("unsupported-document-format")

// formatOf tells the format by the first piece of a document, "" for one that
// is not known.
func formatOf(head []byte) string {
	tap := docinfo.New()
	_, _ = tap.Write(head)
	return tap.Info().Format
}

// acceptsContent decides by content whether a document is taken; what its client
// called it matters only where that was "find out yourself". CUPS sends a file
// as it is, under any name, to a queue whose driver is not there yet; refused,
// it says so at once, and converts it the next time. Raw queues send the
// languages of printers without a name, and those may be what the printer of
// the release takes; a picture that was to be converted is not.
func (r *resource) acceptsContent(named, content string) bool {
	switch {
	case slices.Contains(r.formats, content):
		return true
	case content == "":
		return slices.Contains(r.formats, formatOctet)
	case named == formatOctet:
		return !strings.HasPrefix(content, "image/")
	}
	return false
}
