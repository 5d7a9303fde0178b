package spooler

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/printscout/printscout/spooler/docinfo"
)

// Condition is whether jobs can be taken at present.
type Condition struct {
	Accepting bool
	// Reasons are printer-state-reasons (RFC 8011 §5.4.12); empty for none.
	Reasons []string
	// Message is a sentence for people, empty where there is nothing to say.
	Message string
	// Paused says that a Pauser was asked to pause, and not yet to resume.
	Paused bool
}

// Intake takes jobs. Its methods are called from many goroutines at once.
type Intake interface {
	// Condition is asked for each Get-Printer-Attributes and before a job is
	// taken; it must not wait for anything.
	Condition() Condition
	// Begin prepares for the documents of one job. The context is that of the
	// whole job: it ends when that is canceled or the printer ends, or after
	// Park or Abort has returned. ErrNoSpace, ErrQuota and ErrNotAccepting, best
	// within a Refusal, are answered as what they are.
	Begin(ctx context.Context, t Ticket) (Parking, error)
}

// Ticket is what is known of a job when its first document begins to come. All
// strings are free of control characters and bounded.
type Ticket struct {
	JobID   int
	JobUUID string // "urn:uuid:…", random
	Title   string // at most 255 bytes, never empty
	User    string // whose job it is, at most 255 bytes
	Source  Source // of that name
	Copies  int    // 1 where not asked
	Sides   string // keyword of sides as asked, "" unknown
	Color   string // keyword of print-color-mode as asked, "" unknown
	// Attributes are the job template attributes that were accepted, as the
	// job group of an encoded IPP message (RFC 8010).
	// job-hold-until is not among them: it is about this printer alone.
	Attributes []byte
	// LeftOut are the names of those that were not, as the client was told: they
	// or their values are not offered. At most 16, each at most 255 bytes.
	LeftOut []string
	Created time.Time
	// Held says that the job must not be released before Holder.Unhold; false
	// unless the Intake is a Holder.
	Held bool
	// Password is job-password, which a person must say at the release; empty
	// for none, and unless Config.Passwords is set. It is sealed with the rest
	// and shown to nobody.
	Password Password
}

// Parking takes the documents of one job, one after the other. An error of
// Write, End or Park ends the job; it is answered as an error of Begin is.
// Only one of its methods is called at a time.
type Parking interface {
	// Writer takes the bytes of a document, decompressed.
	io.Writer
	// End says that the document has come whole. What is written afterwards
	// is the next one's.
	End(Document) error
	// Park returns nil only when the documents are sealed and durable.
	Park() error
	// Abort leaves nothing of the documents behind. It is called exactly once
	// unless Park returned nil.
	Abort()
}

// Document is what is known of a document once it has come. All strings are
// free of control characters and bounded.
type Document struct {
	Name   string // document-name, at most 255 bytes; may be empty
	Format string // document-format as asked, application/octet-stream where it was not
	// Compression is what the document came in: none, gzip or deflate.
	Compression string
	Info        docinfo.Info
}

// Past is a job that was parked before this start, as far as its client's
// queue may ask for it.
type Past struct {
	JobID   int
	JobUUID string
	Title   string
	User    string
	Created time.Time
	Parked  time.Time
	Held    bool // parked with Ticket.Held, and not let go since

	Documents []PastDocument
}

// PastDocument is a document of a job that was parked before this start.
type PastDocument struct {
	Name   string
	Format string
	Bytes  int64 // decompressed
	Pages  *int  // nil where unknown
}

// Errors an Intake answers with.
var (
	// ErrNoSpace means that there is no space for the document: the disk is
	// full. The client is told
	// server-error-temporary-error.
	ErrNoSpace = errors.New("no space for the document")
	// ErrQuota means that the person who prints has used up what one person may,
	// or that the document is larger than a job may be. What the client is told
	// says exchange.keeping.
	ErrQuota = errors.New("over the quota")
	// ErrNotAccepting means that no jobs are taken at present. The client is
	// told server-error-not-accepting-jobs.
	ErrNotAccepting = errors.New("not accepting jobs")
)

// Refusal is an error of an Intake with a sentence for the person who prints.
type Refusal struct {
	Err     error  // ErrNoSpace, ErrQuota, ErrNotAccepting or any other
	Message string // a sentence; at most 255 bytes of it are told
}

func (r *Refusal) Error() string { return r.Err.Error() + ": " + r.Message }

func (r *Refusal) Unwrap() error { return r.Err }
