package delivery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

const octetStream = "application/octet-stream"

// checkReady returns why a printer cannot take a document now, nil if it can.
func (i printerInfo) checkReady(name string) error {
	switch {
	case i.spoolFull():
		return &failure{reason: outcome.ReasonBusy, message: busyMessage(name)}
	case i.stopped() && len(i.blockingReasons()) > 0:
		return &failure{reason: outcome.ReasonStopped, message: fmt.Sprintf("Printer %s is stopped: %s.", name, i.stopWords())}
	case !i.accepting():
		return &failure{reason: outcome.ReasonNotAccepting, message: fmt.Sprintf("Printer %s is not accepting jobs.", name)}
	}
	return nil
}

func (i printerInfo) stopWords() string {
	reasons := strings.Join(i.blockingReasons(), ", ")
	if m := strings.TrimRight(i.message(), ". "); m != "" {
		return m + " (" + reasons + ")"
	}
	return reasons
}

// formatFor returns the document-format to send a document as.
func (i printerInfo) formatFor(p directory.Printer, format string) (string, error) {
	taken := p.Formats
	if len(taken) == 0 {
		taken = ipp.Strings(i.attrs, "document-format-supported")
	}
	return chooseFormat(p.Name, taken, format)
}

// chooseFormat returns which of the formats that the printer takes a document
// is sent as.
func chooseFormat(name string, taken []string, format string) (string, error) {
	format = bareFormat(format)
	if format == "" {
		format = octetStream
	}
	if slices.ContainsFunc(taken, func(t string) bool { return bareFormat(t) == format }) {
		return format, nil
	}
	what := "documents of an unknown format"
	if format != octetStream {
		what = ipp.Clean(format, 127)
	}
	return "", &failure{reason: outcome.ReasonFormat, message: fmt.Sprintf("Printer %s does not print %s.", name, what)}
}

// bareFormat returns a media type in lower case and without parameters.
func bareFormat(format string) string {
	format, _, _ = strings.Cut(format, ";")
	return strings.ToLower(strings.TrimSpace(format))
}
