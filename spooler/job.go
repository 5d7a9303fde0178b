package spooler

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// jobRequest is what a client asked for when it made a job.
type jobRequest struct {
	res          *resource // the printer it was sent to
	title, user  string
	source       Source // of the user's name
	allowance    string // what the job counts under while it comes, and once it has ended
	copies       int
	sides, color string
	attrs        goipp.Attributes // job template attributes that are supported
	held         bool
	password     Password
	unsupported  goipp.Attributes
}

// updateFields takes from the attributes what is told of by itself.
func (o *jobRequest) updateFields() {
	o.copies = 1
	if n, ok := ipp.Int(o.attrs, "copies"); ok {
		o.copies = n
	}
	o.sides = ipp.String(o.attrs, "sides")
	o.color = ipp.String(o.attrs, "print-color-mode")
	until := ipp.String(o.attrs, holdUntil)
	o.held = until != "" && until != noHold
}

// documentRequest is how a client said that a document comes.
type documentRequest struct{ name, format, compression string }

// jobDocument is a document of a job, from its first byte on. Its number is its place
// among them, from 1.
type jobDocument struct {
	documentRequest
	octets atomic.Int64 // come in so far, decompressed

	// The rest is guarded by the lock of jobs.

	pages          *int
	started, ended time.Time // ended is zero while it comes
}

// job is one job from its first request until it is forgotten.
type job struct {
	id      int
	uuid    string
	request jobRequest // its attributes, and what is read of them, are guarded as below
	created time.Time

	// The rest is guarded by the lock of jobs.

	state     int
	reasons   []string
	message   string
	documents []*jobDocument
	receiving bool      // the last of them
	last      bool      // nothing comes after it: its client has said so meanwhile
	started   time.Time // the first document began to come; zero if it has not
	ended     time.Time // zero while not
	sealing   bool      // the documents have come and are being made durable
	counted   bool      // among those whose documents have not all come
	parked    bool      // the documents are durable, and the job is held
	busy      bool      // a Holder is at work on the job
	// ctx is that of the Parking, from the first document on; stop ends it.
	ctx     context.Context
	stop    context.CancelCauseFunc
	parking Parking     // between two documents; who takes one has it then
	timer   *time.Timer // to the end of the wait for a document; nil if there is none
}

func (j *job) isOpen() bool { return j.ended.IsZero() }

// totalOctets are those of all documents. The lock is held.
func (j *job) totalOctets() (n int64) {
	for _, d := range j.documents {
		n += d.octets.Load()
	}
	return n
}

// totalPages are those of all documents, nil where they are not known of each. The
// lock is held.
func (j *job) totalPages() *int {
	n := 0
	for _, d := range j.documents {
		if d.pages == nil {
			return nil
		}
		n += *d.pages
	}
	if len(j.documents) == 0 {
		return nil
	}
	return &n
}
