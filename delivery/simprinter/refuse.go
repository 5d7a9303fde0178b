package simprinter

import (
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// compressionOf returns what a request says of its document's compression.
func compressionOf(m *goipp.Message) string {
	if c := ipp.String(m.Operation, "compression"); c != "" {
		return c
	}
	return "none"
}

// refusalStatus returns the status for a request that cannot be carried out as
// it is.
func (p *Printer) refusalStatus(m *goipp.Message) goipp.Status {
	op := goipp.Op(m.Code)
	format := ipp.String(m.Operation, "document-format")
	packed := compressionOf(m)
	switch {
	case !p.takesVersion(m.Version):
		return goipp.StatusErrorVersionNotSupported
	case len(m.Operation) < 2 || m.Operation[0].Name != "attributes-charset" || m.Operation[1].Name != "attributes-natural-language":
		return goipp.StatusErrorBadRequest
	case !slices.Contains(supportedOperations, op) || !slices.Contains(p.config.Operations, op):
		return goipp.StatusErrorOperationNotSupported
	case packed != "none" && (packed != "gzip" || !p.config.Gzip):
		return goipp.StatusErrorCompressionNotSupported
	case format != "" && op != goipp.OpGetPrinterAttributes && !slices.Contains(p.config.Formats, format):
		return goipp.StatusErrorDocumentFormatNotSupported
	}
	return goipp.StatusOk
}

// takesVersion reports whether the printer takes a version. A printer that
// lists 2.0 takes 2.1 and 2.2 for it, as RFC 8011 §4.1.8 asks.
func (p *Printer) takesVersion(v goipp.Version) bool {
	return slices.ContainsFunc(p.config.Versions, func(s string) bool {
		return s == v.String() || s == "2.0" && v.Major() == 2
	})
}
