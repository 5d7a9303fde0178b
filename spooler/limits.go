package spooler

import (
	"cmp"
	"time"

	"github.com/printscout/printscout/internal/ipp"
)

// Limits bounds what clients may cost. A field that is zero means the default
// in its comment.
type Limits struct {
	HeaderTimeout   time.Duration // for the HTTP header: 10 s
	MessageTimeout  time.Duration // for the IPP message without its document: 30 s
	ProgressTimeout time.Duration // between two pieces of a document: 60 s
	AnswerTimeout   time.Duration // for the client to read the response: 30 s
	IdleTimeout     time.Duration // for a connection without a request: 60 s
	LingerTimeout   time.Duration // for reading what follows an early response: 2 s
	// JobTimeout is multiple-operation-time-out, for a document after
	// Create-Job: 300 s. Clients are told whole seconds.
	JobTimeout time.Duration
	// EndTimeout is for documents in progress when Serve is to end: 10 s.
	EndTimeout time.Duration

	Connections        int // in all: 512
	AccountConnections int // of one account: 128
	UserAtOnce         int // requests of one account in progress: 128
	ListingsAtOnce     int // of these, responses that list jobs: 16

	IncomingJobs     int   // whose documents have not all arrived, in all: 1000
	UserIncomingJobs int   // of one user: 100
	EndedJobs        int   // kept in memory: 500
	Document         int64 // bytes, decompressed: 16 GiB
	// Ratio bounds decompressed over compressed size of a document over 16 MiB:
	// 200. Deflate reaches 1032; the emptiest raster that CUPS compresses stays
	// far below, since it is run-length coded first.
	Ratio int64
}

func (l Limits) withDefaults() Limits {
	return Limits{
		HeaderTimeout:   cmp.Or(l.HeaderTimeout, 10*time.Second),
		MessageTimeout:  cmp.Or(l.MessageTimeout, 30*time.Second),
		ProgressTimeout: cmp.Or(l.ProgressTimeout, time.Minute),
		AnswerTimeout:   cmp.Or(l.AnswerTimeout, 30*time.Second),
		IdleTimeout:     cmp.Or(l.IdleTimeout, time.Minute),
		LingerTimeout:   cmp.Or(l.LingerTimeout, 2*time.Second),
		JobTimeout:      cmp.Or(l.JobTimeout, 5*time.Minute),
		EndTimeout:      cmp.Or(l.EndTimeout, 10*time.Second),

		Connections:        cmp.Or(l.Connections, 512),
		AccountConnections: cmp.Or(l.AccountConnections, 128),
		UserAtOnce:         cmp.Or(l.UserAtOnce, 128),
		ListingsAtOnce:     cmp.Or(l.ListingsAtOnce, 16),

		IncomingJobs:     cmp.Or(l.IncomingJobs, 1000),
		UserIncomingJobs: cmp.Or(l.UserIncomingJobs, 100),
		EndedJobs:        cmp.Or(l.EndedJobs, 500),
		Ratio:            cmp.Or(l.Ratio, 200),
		Document:         cmp.Or(l.Document, 16<<30),
	}
}

const (
	// maxHeader is passed to net/http, which reads 4 KiB more before it responds
	// with 431: 16 KiB in all.
	maxHeader   = 12 << 10
	lingerBytes = 8 << 20
	ratioFrom   = 16 << 20
	readerSize  = 32 << 10
	copySize    = 256 << 10
	nameSize    = 255 // bytes of a name: RFC 8011 §5.1.3
	textSize    = 255 // bytes of a status-message: RFC 8011 §4.1.6.2
)

var messageLimits = ipp.RequestLimits
