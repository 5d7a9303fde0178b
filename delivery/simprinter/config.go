package simprinter

import (
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/OpenPrinting/goipp"
)

// Config is what a printer starts with. Dir is needed, all else has a default.
type Config struct {
	Name string // printer-name; "Software Printer"
	// Dir gets one file per printed document, NNNN-<title>.<ext>, mode 0600.
	// It is made, mode 0700, if it is not there.
	Dir     string
	Formats []string // document-format-supported; PDF, JPEG, PWG and Apple raster
	// Operations are what operations-supported lists; nil is everything. What
	// is not listed is refused.
	Operations []goipp.Op
	// Attributes replace or add printer attributes by name.
	Attributes goipp.Attributes
	// Certificate is the one shown over IPPS; nil makes one.
	Certificate *tls.Certificate
	NoTLS       bool // no IPPS listener
	NoPlain     bool // no IPP listener
	// Delay is how long a document that has come prints.
	Delay time.Duration
	// SingleJob answers server-error-busy while a job has not ended.
	SingleJob bool
	// KeepCut prints a document that broke off as if it were whole, as
	// ippeveprinter does; otherwise such a job is aborted.
	KeepCut bool
	// NoOctets leaves job-k-octets out of what the printer says of jobs.
	NoOctets bool
	// OnlyIPP11 refuses version 2.0.
	OnlyIPP11 bool
	Log       *slog.Logger // nil discards
}

// Fault is what goes wrong with an operation. The zero value is no fault.
type Fault struct {
	// Status is answered instead of carrying the operation out.
	Status  goipp.Status
	Message string // status-message with it
	// HTTP is an HTTP status answered instead of an IPP message.
	HTTP int
	// Silent never answers; what comes is taken and the operation not carried out.
	Silent bool
	// After makes Status, HTTP and Silent happen after the operation has been
	// carried out, the document printed.
	After bool
	// CutAfter resets the connection after that many document bytes, if above 0.
	CutAfter int64
	// StallAfter stops reading after that many document bytes, if above 0.
	StallAfter int64
	// ResetAtEnd carries the operation out and resets the connection instead
	// of answering.
	ResetAtEnd bool
	// Times is how often it happens; 0 is always.
	Times int
	// Hook runs before the operation is looked at, Done once it has been
	// carried out, before it is answered.
	Hook, Done func()
}

// Fate is what becomes of jobs whose document has come.
type Fate struct {
	State       int      // job-state to end in; 0 is completed (9)
	Reasons     []string // job-state-reasons at the end
	Message     string   // job-state-message at the end
	Impressions *int     // job-impressions-completed at the end; nil counts pages of PDFs
	NoCount     bool     // no job-impressions-completed at all
	Never       bool     // stays processing
	Forget      bool     // the printer knows nothing of the job once its document has come
	NoCancel    bool     // Cancel-Job is refused
}
