package spooler

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Values of job-state (RFC 8011 §5.3.7).
const (
	jobPending    = 3
	jobHeld       = 4 // pending-held
	jobProcessing = 5
	jobCanceled   = 7
	jobAborted    = 8
	jobCompleted  = 9
)

// order is what a client asked for when it made a job.
type order struct {
	res          *resource // the printer it was sent to
	title, user  string
	from         Source // of the user's name
	copies       int
	sides, color string
	attrs        goipp.Attributes // job template attributes that are supported
	held         bool
	password     Password
	unsupported  goipp.Attributes
}

// read takes from the attributes what is told of by itself.
func (o *order) read() {
	o.copies = 1
	if n, ok := ipp.Int(o.attrs, "copies"); ok {
		o.copies = n
	}
	o.sides = ipp.String(o.attrs, "sides")
	o.color = ipp.String(o.attrs, "print-color-mode")
	until := ipp.String(o.attrs, holdUntil)
	o.held = until != "" && until != noHold
}

// document is how a client said that the document comes.
type document struct{ format, compression string }

// job is one job from its first request until it is forgotten.
type job struct {
	id      int
	uuid    string
	order   order // its attributes, and what is read of them, are guarded as below
	created time.Time
	octets  atomic.Int64 // come in so far, decompressed

	// The rest is guarded by the lock of jobs.

	state   int
	reasons []string
	message string
	doc     document
	docs    int // number-of-documents
	pages   *int
	started time.Time // the document began to come; zero if it has not
	ended   time.Time // zero while not
	sealing bool      // the document has come and is being made durable
	parked  bool      // the document is durable, and the job is held
	busy    bool      // a Holder is at work on the job
	// stop ends the coming of the document; nil while none comes.
	stop  context.CancelCauseFunc
	timer *time.Timer // to the end of the wait for a document; nil if there is none
}

func (j *job) isOpen() bool { return j.ended.IsZero() }
