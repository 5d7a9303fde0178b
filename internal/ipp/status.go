package ipp

import (
	"fmt"

	"github.com/OpenPrinting/goipp"
)

// StatusError is a response with an unsuccessful status.
type StatusError struct {
	Op      goipp.Op
	Status  goipp.Status
	Message string // the printer's status-message, cleaned; may be empty
}

func (e *StatusError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("%s: %s", e.Op, e.Status)
	}
	return fmt.Sprintf("%s: %s: %s", e.Op, e.Status, e.Message)
}

// OK reports whether a status is a successful one, 0x0000–0x00ff (RFC 8011
// §B.1.1).
func OK(s goipp.Status) bool { return s < 0x0100 }

// HTTPError is a response that is not IPP; the HTTP status says why.
type HTTPError struct {
	Code   int
	Status string // as the peer wrote it
	// Location is the target of a redirection as the peer wrote it; else empty.
	Location string
}

func (e *HTTPError) Error() string { return "http status " + e.Status }
