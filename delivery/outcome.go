package delivery

import (
	"time"

	"github.com/printscout/printscout/internal/directory"
)

// State is how a delivery ended.
type State string

// The states. NotSent: nothing can have come out, the job may be released
// again. Uncertain: something may have come out; only a person decides to
// print again.
const (
	Delivered State = "delivered"
	NotSent   State = "not_sent"
	Uncertain State = "uncertain"
	Canceled  State = "canceled"
)

// The reasons an outcome can have; docs/delivery.md says when.
const (
	ReasonUnreachable   = "printer-unreachable"
	ReasonNoAddress     = "no-address"
	ReasonPlain         = "plain-forbidden"
	ReasonNoTLS         = "tls-not-spoken"
	ReasonWrongPath     = "wrong-path"
	ReasonPinMismatch   = "pin-mismatch"
	ReasonPinMissing    = "pin-missing"
	ReasonUntrusted     = "certificate-untrusted"
	ReasonLogin         = "login-refused"
	ReasonTLSRequired   = "tls-required"
	ReasonBusy          = "busy"
	ReasonNotAccepting  = "not-accepting"
	ReasonStopped       = "printer-stopped"
	ReasonAnother       = "another-printer"
	ReasonInterrupted   = "interrupted"
	ReasonFormat        = "format-not-supported"
	ReasonCopies        = "copies-not-supported"
	ReasonPages         = "page-ranges-not-supported"
	ReasonRefused       = "refused"
	ReasonUnreadable    = "document-unreadable"
	ReasonJournal       = "journal-failed"
	ReasonNoAnswer      = "no-answer"
	ReasonConnection    = "connection-lost"
	ReasonAborted       = "aborted-by-printer"
	ReasonAtPrinter     = "canceled-at-printer"
	ReasonCanceled      = "canceled"
	ReasonTooLate       = "canceled-too-late"
	ReasonForgotten     = "job-forgotten"
	ReasonWithErrors    = "completed-with-errors"
	ReasonMissing       = "pages-missing"
	ReasonGarbled       = "answer-unreadable"
	ReasonLeft          = "left-to-printer" // by ErrLeave: Resume takes it up
	ReasonStillPrinting = "still-printing"
)

// The evidence levels of IPP.
const (
	EvidenceNone    = "I0" // no document byte went out, or the printer said nothing of the document
	EvidenceTaken   = "I1" // the printer answered that it took the document
	EvidenceState   = "I2" // the printer named the state the job ended in
	EvidenceCounted = "I3" // and the number of impressions or sheets
)

// Outcome is what became of a delivery.
type Outcome struct {
	State    State
	Reason   string          // a code word; empty when delivered as asked
	Message  string          // a sentence for a person
	Protocol string          // ipps, ipp or raw; empty where no printer was reached
	Grade    directory.Grade // of the way that was used; empty where no printer was reached
	// EvidenceLevel is one of the levels above.
	EvidenceLevel string
	// Evidence are sentences, with the printer's own words cleaned and cut.
	Evidence []string
	// PagesPrinted is job-impressions-completed, else
	// job-media-sheets-completed (RFC 8011 §5.3.18), nil where the printer gave neither.
	PagesPrinted *int
	FirstByte    time.Duration // from the call to the first document byte; 0 where none went out
	Total        time.Duration // from the call to the return
}
