// Package control is the local API between the agent and the command line
// (and the tray): HTTP and JSON on a unix domain socket, on
// Windows on a named pipe.
//
// It owns the routes, who may call each of them, and the types on the wire.
// Who calls is told by the kernel. It knows nothing of how jobs are kept or
// printed: that is behind the Agent it is given.
package control

import (
	"encoding/json"
	"time"

	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/outcome"
)

// Job is a job as people and scripts see it.
type Job struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	User  string `json:"user"`
	// UserSource is kernel, spooler or claimed: docs/identity.md.
	UserSource string `json:"user_source"`
	State      string `json:"state"`
	// Documents is how many are printed, each by itself: those of the job, and
	// of one that is several files strung together each file.
	Documents int `json:"documents"`
	// Format is by content, where that says nothing as the app called it;
	// multipart/mixed for several documents of different formats.
	Format string `json:"format"`
	// Pages is nil while unknown.
	Pages          *int   `json:"pages"`
	PagesCertainty string `json:"pages_certainty"` // exact, estimated, unknown
	// Sheets is how many the job needs with its sides, number-up, page ranges
	// and copies (RFC 8011 §5.3.17.3), nil while unknown.
	Sheets      *int      `json:"sheets"`
	Copies      int       `json:"copies"`
	Sides       string    `json:"sides"`
	Color       string    `json:"color"`       // as asked for, else as the document says; unknown
	Media       string    `json:"media"`       // PWG 5101.1 name, "" while unknown
	Application string    `json:"application"` // that made the document, "" while unknown
	Bytes       int64     `json:"bytes"`       // of the document
	Sealed      int64     `json:"sealed"`      // of the file it is kept in
	Created     time.Time `json:"created"`
	Expires     time.Time `json:"expires"`
	PINRequired bool      `json:"pin_required"`      // its release needs the PIN it was printed with
	Reason      string    `json:"reason"`            // a sentence, "" where there is nothing to say
	ReasonWord  string    `json:"reason_word"`       // docs/reasons.md; "" where the sentence has no word
	OnlyHere    bool      `json:"only_here"`         // no copy of it is anywhere but on this computer
	Printer     string    `json:"printer,omitempty"` // the last one it was released at
	Evidence    []string  `json:"evidence,omitempty"`
}

// Result is what became of the release of one job. Its state is Releasing while
// that goes on.
type Result struct {
	Job     string `json:"job"`
	Printer string `json:"printer"`
	outcome.Result
	// Message and Evidence are sentences for the job's owner: they may repeat
	// what a printer says of the job.
	Message  string   `json:"message"`
	Evidence []string `json:"evidence"`
}

// Refused is the state of a Job that was not taken: a line that says so, and
// nothing of the document.
const Refused = "refused"

// Releasing is the state of a Result whose release goes on.
const Releasing = "releasing"

// Resolution is what a person says of a job whose fate is uncertain.
type Resolution struct {
	Said string `json:"said"` // Printed or PrintAgain
}

// What a person may say.
const (
	Printed    = "printed"     // it came out
	PrintAgain = "print-again" // it did not: it is parked, to be released again
)

// Release is a request to print jobs.
type Release struct {
	Jobs    []string `json:"jobs,omitempty"`
	All     bool     `json:"all,omitempty"` // every parked job of the caller; an administrator's: everybody's
	Printer string   `json:"printer"`
	// PIN is what jobs that were printed with one need; of no meaning to others.
	PIN []byte `json:"pin,omitempty"`
}

// Progress is how far a Release has come.
type Progress struct {
	ID      string   `json:"id"`
	Done    bool     `json:"done"`
	Results []Result `json:"results"`
}

// Printer is an entry of the site's directory.
type Printer struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Location string   `json:"location"`
	URIs     []string `json:"uris"`
	Pinned   bool     `json:"pinned"`
	Floor    string   `json:"floor"`

	// What the entry holds the printer to; directory.Printer says what it means.
	Pin     string          `json:"pin,omitempty"`
	Formats []string        `json:"formats,omitempty"`
	UUID    string          `json:"uuid,omitempty"`
	Serial  string          `json:"serial,omitempty"`
	OldTLS  bool            `json:"old_tls,omitempty"`
	SNMP    *directory.SNMP `json:"snmp,omitempty"`

	Last *Seen `json:"last,omitempty"` // where anything is known
}

// Answer says who answers where print clients look for the printer.
type Answer struct {
	Name    string `json:"name"` // as clients call it: 127.0.0.1, ::1, localhost
	Address string `json:"address"`
	Who     string `json:"who"`               // us, somebody, nobody, unclear
	Message string `json:"message,omitempty"` // a sentence, where it is not us
}

// Us is the Who of an Answer that is this agent's.
const Us = "us"

// Status is how the agent is.
type Status struct {
	Version  string    `json:"version"`
	Started  time.Time `json:"started"`
	Enrolled bool      `json:"enrolled"`
	Scout    string    `json:"scout,omitempty"`
	Site     string    `json:"site,omitempty"`
	// SiteEpoch and SiteFingerprint are of the keys of the site that this
	// computer goes by.
	SiteEpoch       uint32 `json:"site_epoch,omitempty"`
	SiteFingerprint string `json:"site_fingerprint,omitempty"`
	Server          string `json:"server,omitempty"`
	// ServerPin is the pin of the server's CA, "" where the system's roots decide.
	ServerPin string    `json:"server_pin,omitempty"`
	Connected bool      `json:"connected"`
	Since     time.Time `json:"since,omitzero"`
	// Pending is whether the server takes no jobs of this computer, since its
	// administrator has not approved it yet.
	Pending bool `json:"pending"`
	// BundleState says what is with the file of the setting BundleFile, in a word
	// of docs/enrollment.md, "" where there is nothing to say; Bundle is the
	// sentence.
	BundleState string `json:"bundle_state,omitempty"`
	Bundle      string `json:"bundle,omitempty"`
	// LastError is why there is no connection, or what is wrong with the server
	// that the agent is connected to.
	LastError         string `json:"last_error,omitempty"`
	DirectoryRevision uint64 `json:"directory_revision"`
	Printers          int    `json:"printers"`
	PrinterURI        string `json:"printer_uri"` // where apps print: the first of PrinterURIs
	// PrinterURIs are all printers on loopback.
	PrinterURIs []string `json:"printer_uris"`
	// Answers are of the moment that the status is asked.
	Answers   []Answer `json:"answers,omitempty"`
	Accepting bool     `json:"accepting"`
	Message   string   `json:"message,omitempty"`
	// Identify is what a print client asked this printer to show a moment ago.
	Identify string `json:"identify,omitempty"`
	Jobs     int    `json:"jobs"`  // of the caller, or everybody's for an administrator
	Bytes    int64  `json:"bytes"` // of their sealed files
	// Waiting is how many of these jobs wait, WaitingFor for what: registration.
	Waiting    int    `json:"waiting"`
	WaitingFor string `json:"waiting_for,omitempty"`
	// Registration is the setting: off, self or administrator.
	Registration string `json:"registration"`
	Registered   bool   `json:"registered"` // the caller
	Damaged      int    `json:"damaged"`
	// KeysAtRest is how the agent's own secrets rest, in a word of
	// docs/keystore.md: file, sealed-file, dpapi, keychain.
	KeysAtRest string   `json:"keys_at_rest"`
	Warnings   []string `json:"warnings,omitempty"`
	// ManagedBy is the organization that manages this computer, and Pinned how many
	// settings its policy decides on.
	ManagedBy string `json:"managed_by,omitempty"`
	Pinned    int    `json:"pinned_settings,omitempty"`
	// PendingRestart names the settings that take effect at the next start.
	PendingRestart []string `json:"pending_restart,omitempty"`
	// SettingsChanged is the last change of settings while the agent ran.
	SettingsChanged *SettingsChange `json:"settings_changed,omitempty"`
}

// Enrollment asks the agent to join a site.
type Enrollment struct {
	// Name is what the site calls this computer; "" lets the agent choose one
	// that says nothing.
	Name   string          `json:"name,omitempty"`
	Bundle json.RawMessage `json:"bundle"`
}

// Enrolled is the answer to an Enrollment.
type Enrolled struct {
	Scout  string `json:"scout"`
	Site   string `json:"site"`
	Server string `json:"server"`
	// Pending is whether the site's administrator has to approve the computer
	// before the server takes its jobs.
	Pending bool `json:"pending"`
}

// Leaving asks the agent to leave its site.
type Leaving struct {
	// Jobs is KeepJobs or DiscardJobs; "" if there must be none.
	Jobs string `json:"jobs,omitempty"`
}

// What may become of the parked jobs of a computer that leaves its site.
const (
	KeepJobs    = "keep"    // they stay parked, until the computer joins a site or they expire
	DiscardJobs = "discard" // they are destroyed
)

// Left is the answer to a Leaving.
type Left struct {
	Scout  string `json:"scout"`
	Site   string `json:"site"`
	Server string `json:"server"`
	// ServerTold is whether the server has said that it no longer knows this
	// computer.
	ServerTold bool `json:"server_told"`
	Kept       int  `json:"jobs_kept"`
	Discarded  int  `json:"jobs_discarded"`
}
