package spooler

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/printscout/printscout/spooler/docinfo"
)

// Condition says whether jobs are accepted at present, and why not.
type Condition struct {
	Accepting bool
	// Reasons holds printer-state-reasons (RFC 8011 §5.4.12); empty for none.
	Reasons []string
	// Message is a sentence for people; may be empty.
	Message string
	// Paused is true from when a Pauser pauses until it resumes.
	Paused bool
}

// Intake accepts jobs. Its methods are called from many goroutines at once.
type Intake interface {
	// Condition is called for each Get-Printer-Attributes and before a job is
	// accepted; it must not wait for anything.
	Condition() Condition
	// Begin prepares for the documents of one job. The context spans the whole
	// job: it ends when the job is canceled, when the printer ends, or after
	// Park or Abort has returned. ErrNoSpace, ErrQuota and ErrNotAccepting, best
	// within a Refusal, each have a status of their own.
	Begin(ctx context.Context, t Ticket) (Parking, error)
}

// Ticket is what is known of a job when its first document begins to arrive.
// All strings are free of control characters and bounded.
type Ticket struct {
	JobID   int
	JobUUID string // "urn:uuid:…", random
	Title   string // at most 255 bytes, never empty
	User    string // whose job it is, at most 255 bytes
	Source  Source // of that name
	Copies  int    // 1 where not requested
	Sides   string // keyword of sides as requested, "" unknown
	Color   string // keyword of print-color-mode as requested, "" unknown
	// Attributes holds the job template attributes that were accepted, as the
	// job group of an encoded IPP message (RFC 8010). job-hold-until is left
	// out: it concerns only this printer.
	Attributes []byte
	// LeftOut holds the names of those that were not accepted, because they or
	// their values are not supported; the client was told. At most 16, each at
	// most 255 bytes.
	LeftOut []string
	Created time.Time
	// Held means that the job must not be released before Holder.Unhold; false
	// unless the Intake is a Holder.
	Held bool
	// Password is job-password, which a person must enter at the release; empty
	// for none, and unless Config.Passwords is set. It is sealed with the rest
	// and never shown.
	Password Password
}

// Parking stores the documents of one job, one after the other. An error of
// Write, End or Park ends the job; the client is told as for an error of Begin.
// Only one of its methods is called at a time.
type Parking interface {
	// Writer receives the bytes of a document, decompressed.
	io.Writer
	// End completes a document. What is written afterwards belongs to the next.
	End(Document) error
	// Park succeeds only when the documents are sealed and durable. message is a
	// sentence for whoever looks at the job in the print queue, as
	// job-state-message; "" for nothing.
	Park() (message string, err error)
	// Abort removes all of the documents. It is called exactly once unless Park
	// returned nil.
	Abort()
}

// Document is what is known of a document once it has arrived. All strings are
// free of control characters and bounded.
type Document struct {
	Name   string // document-name, at most 255 bytes; may be empty
	Format string // document-format as requested, else application/octet-stream
	// Compression is how the document was sent: none, gzip or deflate.
	Compression string
	Info        docinfo.Info
}

// Past is a job that was parked before this start, for the client's queue that
// may ask for it.
type Past struct {
	JobID   int
	JobUUID string
	Title   string
	User    string
	Created time.Time
	Parked  time.Time
	Held    bool // parked with Ticket.Held, and not unheld since

	Documents []PastDocument
}

// PastDocument is a document of a job that was parked before this start.
type PastDocument struct {
	Name   string
	Format string
	Bytes  int64 // decompressed
	Pages  *int  // nil where unknown
}

// Errors of an Intake.
var (
	// ErrNoSpace means that the disk is full. The client is told
	// server-error-temporary-error.
	ErrNoSpace = errors.New("no space for the document")
	// ErrQuota means that the person's quota is used up, or that the document is
	// larger than a job may be. For the status see withStatusForCUPS.
	ErrQuota = errors.New("over the quota")
	// ErrNotAccepting means that no jobs are accepted at present. The client is
	// told server-error-not-accepting-jobs.
	ErrNotAccepting = errors.New("not accepting jobs")
)

// Refusal is an error of an Intake with a sentence for the person who printed.
type Refusal struct {
	Err     error  // ErrNoSpace, ErrQuota, ErrNotAccepting or any other
	Message string // a sentence; cut at 255 bytes
}

func (r *Refusal) Error() string { return r.Err.Error() + ": " + r.Message }

func (r *Refusal) Unwrap() error { return r.Err }
