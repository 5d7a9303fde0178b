package spooler

import (
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/spooler/docinfo"
)

var errFormatNotOffered = refuse(goipp.StatusErrorDocumentFormatNotSupported,
	"The document has a format that is not accepted.").withReason("unsupported-document-format")

// formatOf returns the format of a document by its first piece, "" if it is not
// known.
func formatOf(head []byte) string {
	tap := docinfo.New()
	_, _ = tap.Write(head)
	return tap.Info().Format
}

// acceptsContent reports whether a document is accepted by its content; the
// name that its client gave it matters only where that was
// application/octet-stream. CUPS sends a file as it is, under any name, to a
// queue whose driver is not there yet; if refused, it says so at once, and
// converts the file the next time. Raw queues send printer languages without a
// name; those are accepted, since the printer of the release may understand
// them, but not a picture that should have been converted.
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
