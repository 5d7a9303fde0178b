package spooler

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// jobRequest is what a client asked for when it created a job.
type jobRequest struct {
	res          *resource // the printer that it was sent to
	title, user  string
	source       Source // of the user's name
	allowance    string // key under which the job is counted while it arrives and once it has ended
	copies       int
	sides, color string
	attrs        goipp.Attributes // the job template attributes that are supported
	held         bool
	password     Password
	unsupported  goipp.Attributes
}

// updateFields sets the fields that repeat an attribute.
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

// documentRequest is how a client described a document before sending it.
type documentRequest struct{ name, format, compression string }

// jobDocument is a document of a job, from its first byte on. Its number is its
// index in the job plus 1.
type jobDocument struct {
	documentRequest
	octets atomic.Int64 // received so far, decompressed

	// The rest is guarded by the lock of jobs.

	pages          *int
	started, ended time.Time // ended is zero while it arrives
}

// job is one job from its first request until it is forgotten.
type job struct {
	id      int
	uuid    string
	request jobRequest // its attributes and the fields read from them are guarded as below
	created time.Time

	// The rest is guarded by the lock of jobs.

	state     int
	reasons   []string
	message   string
	documents []*jobDocument
	receiving bool      // the last of documents is arriving
	last      bool      // the client has said that no other follows
	started   time.Time // when the first document began; zero before
	ended     time.Time // zero before
	sealing   bool      // the documents have arrived and are being made durable
	counted   bool      // in the counts of incoming jobs
	parked    bool      // the documents are durable, and the job is held or pending
	busy      bool      // a call of the Holder for the job is in progress
	// ctx is the context of the Parking, from the first document on; stop ends it.
	ctx     context.Context
	stop    context.CancelCauseFunc
	parking Parking     // between two documents; while one arrives its receiver has it
	timer   *time.Timer // ends the wait for a document; nil if not waiting
}

func (j *job) isOpen() bool { return j.ended.IsZero() }

// totalOctets returns the size of all documents. The lock is held.
func (j *job) totalOctets() (n int64) {
	for _, d := range j.documents {
		n += d.octets.Load()
	}
	return n
}

// totalPages returns the pages of all documents, nil unless known for each. The
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
