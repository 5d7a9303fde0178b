package simprinter

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"github.com/OpenPrinting/goipp"
)

// Config configures a printer. Dir is needed, everything else has a default.
type Config struct {
	Name string `json:"-"` // printer-name; "Software Printer"
	// Dir gets one file per printed document, NNNN-<title>.<ext>, mode 0600.
	// It is made, mode 0700, if it is not there.
	Dir string `json:"-"`

	// What the printer is.

	Formats []string `json:"formats"` // document-format-supported; PDF, JPEG, PWG and Apple raster
	// Operations are what operations-supported lists; nil is everything. What
	// is not listed is refused.
	Operations []goipp.Op `json:"-"`
	// Attributes replace or add printer attributes by name.
	Attributes goipp.Attributes `json:"-"`
	UUID       string           `json:"uuid"`     // of printer-uuid, without urn:uuid:; "" makes one
	Serial     string           `json:"serial"`   // serial number; "" is made of the uuid
	Path       string           `json:"path"`     // where it answers; "/ipp/print"
	Versions   []string         `json:"versions"` // of IPP that it takes; 1.1 and 2.0
	// Gzip takes documents that are compressed by gzip.
	Gzip bool `json:"gzip"`
	// ManyDocuments takes several documents in a job.
	ManyDocuments bool `json:"many_documents"`

	// How it is reached.

	Port    int  `json:"-"`        // of the IPPS listener; 0 is any free one
	NoTLS   bool `json:"no_tls"`   // no IPPS listener
	NoPlain bool `json:"no_plain"` // no IPP listener
	// Certificate is the one shown over IPPS; nil makes one as TLS says.
	Certificate *tls.Certificate `json:"-"`
	TLS         TLS              `json:"tls"`
	Raw         *Raw             `json:"raw"` // nil has no RAW listener
	HTTP        HTTP             `json:"http"`
	Sleep       Sleep            `json:"sleep"`
	Swap        Swap             `json:"swap"`

	// How it prints.

	// Delay is how long a document that has come prints.
	Delay time.Duration `json:"-"`
	// SingleJob answers server-error-busy while a job has not ended.
	SingleJob bool `json:"single_job"`
	// KeepCut prints a document that broke off as if it were whole, as
	// ippeveprinter does; otherwise such a job is aborted.
	KeepCut bool `json:"keep_cut"`
	// NoOctets leaves job-k-octets out of what the printer says of jobs.
	NoOctets bool `json:"no_octets"`
	// JobNames is what it says of a job's name: "" the one it was given, "none"
	// nothing, "fixed" its own, "upper" in capitals, "cut" the first 40 bytes of
	// it. All but the first leave job-uuid out too.
	JobNames string `json:"job_names"`
	// NoHistory knows nothing of a job that has ended.
	NoHistory bool `json:"no_history"`
	// History is how long a job that has ended is known; 0 is always.
	History Duration `json:"history"`

	// Echo is put into every text that the printer says: messages of jobs, of
	// answers and of its state, its display, what it answers by PJL, reason
	// phrases and bodies of HTTP. So a printer repeats what it was told of a job.
	Echo string `json:"-"`

	// What goes wrong from the start; each may be set later too.

	Faults    map[goipp.Op]Fault `json:"-"`
	Fate      Fate               `json:"fate"`
	Condition Condition          `json:"condition"`
	Wire      Wire               `json:"wire"`

	// After is the clock for every wait of the printer; nil is time.After.
	// Tests set their own.
	After func(time.Duration) <-chan time.Time `json:"-"`
	Log   *slog.Logger                         `json:"-"` // nil discards
}

// HTTP is how the printer speaks HTTP.
type HTTP struct {
	// Answers is how answers go out: "" with Content-Length, "chunked", or
	// "1.0": by HTTP/1.0, the connection closed after it; such a printer also
	// refuses a chunked request, by 411.
	Answers string `json:"answers"`
	// Expect is what becomes of Expect: 100-continue: "" is answered when the
	// document is wanted, "refuse" by 417, "never" not at all: the printer
	// waits for the document, and then takes it.
	Expect string `json:"expect"`
	// ExpectAfter is how late it is answered.
	ExpectAfter Duration `json:"expect_after"`
	// Upgrade answers 426 to everything that comes without TLS (RFC 2817 §4.2).
	Upgrade bool `json:"upgrade"`
}

// Sleep is how a printer sleeps until a connection wakes it.
type Sleep struct {
	// For is how long it takes to wake up after the first connection; 0 does
	// not sleep. Printer.Wake wakes it at once.
	For Duration `json:"for"`
	// Refuse resets connections while it wakes up; otherwise they are taken
	// and answered when it is awake.
	Refuse bool `json:"refuse"`
}

// Swap replaces the printer by another one at the same address.
type Swap struct {
	After    int  `json:"after"`    // that many connections by IPP and IPPS; 0 is never
	Identity bool `json:"identity"` // uuid and serial number too, and its jobs; else only the certificate
}

// Condition is what the printer says of itself, whatever its jobs do. The zero
// value is a printer without problems.
type Condition struct {
	State   int      `json:"state"`   // printer-state; 0 is idle (3) or processing (4) by its jobs
	Reasons []string `json:"reasons"` // printer-state-reasons; none
	Message string   `json:"message"` // printer-state-message
	Refuses bool     `json:"refuses"` // printer-is-accepting-jobs is false, and it takes none
}

// Duration is a time.Duration that is text in JSON, such as "18s".
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is not a duration", b)
	}
	*d = Duration(v)
	return nil
}
