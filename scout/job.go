package scout

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/spooler/docinfo"
	"github.com/printscout/printscout/vault"
)

// ticket is what was known of a job before its document came; it is sealed
// before the document.
type ticket struct {
	Title      string         `json:"title"`
	User       string         `json:"user"`
	Source     spooler.Source `json:"source"`         // of the user's name; "" is a claim
	Held       bool           `json:"held,omitempty"` // until the print queue lets it go
	Copies     int            `json:"copies"`
	Sides      string         `json:"sides"`
	Color      string         `json:"color"`
	Attributes []byte         `json:"attributes"`         // an encoded IPP message, for the delivery
	LeftOut    []string       `json:"left_out,omitempty"` // attributes that were asked for and ignored
	PIN        pin            `json:"pin,omitempty"`
	JobID      int            `json:"job_id"` // of the printer on loopback
	JobUUID    string         `json:"job_uuid"`
	Created    time.Time      `json:"created"`
	Expires    time.Time      `json:"expires"`
}

// note is what has happened to a job since it was parked. A job that nothing
// has happened to has none.
type note struct {
	State    State    `json:"state"`
	Reason   string   `json:"reason,omitempty"`  // a code word
	Message  string   `json:"message,omitempty"` // a sentence; while a release runs, what it waits for
	Printer  string   `json:"printer,omitempty"`
	Order    string   `json:"order,omitempty"`
	Printed  int      `json:"printed,omitempty"` // how many of several documents were printed
	Evidence []string `json:"evidence,omitempty"`
	// Held overrides the ticket: whether the print queue holds the job.
	Held *bool `json:"held,omitempty"`
	// Expires overrides the ticket, once the job's stay has begun anew.
	Expires *time.Time `json:"expires,omitempty"`
	// Info is what examining the documents found, nil before that.
	Info *docinfo.Info `json:"info,omitempty"`
	// Found lists the documents that were found, if there are several. Printed
	// counts these.
	Found []document `json:"found,omitempty"`
	// Tries counts the wrong PINs that were given, nil for none.
	Tries   *tries    `json:"tries,omitempty"`
	Changed time.Time `json:"changed"`
}

// job is one job of the table and guarded by the table's lock.
type job struct {
	id     uuid.UUID
	ticket ticket
	owner  string // the canonical name of the ticket's user, "" for no user
	parts  []part
	info   docinfo.Info // of all parts together
	layout layout
	note   note
	size   int64
	sealed int64
	cancel context.CancelCauseFunc // of the release that is running, else nil

	waitsFor string          // the word for what a running release waits for
	result   *control.Result // of the last release, since the agent was started
}

// readJob makes a job from what the vault keeps.
func readJob(v vault.Job) (*job, error) {
	j := &job{id: v.ID, size: v.Size, sealed: v.Sealed, note: note{State: Parked}}
	var s summary
	for what, part := range map[string]struct {
		raw []byte
		to  any
	}{
		"ticket":  {v.Metadata, &j.ticket},
		"summary": {v.Summary, &s},
		"note":    {v.Note, &j.note},
	} {
		if len(part.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(part.raw, part.to); err != nil {
			return nil, fmt.Errorf("reading the %s of job %s: %w", what, v.ID, err)
		}
	}
	var err error
	if j.parts, err = withSizes(s.Documents, v.Documents); err != nil {
		return nil, fmt.Errorf("reading the summary of job %s: %w", v.ID, err)
	}
	j.info = combinedInfo(j.parts, (&job{parts: j.parts}).documents())
	j.layout = layoutOf(j.ticket.Attributes)
	return j, nil
}

// documentInfo returns all that is known of what the document says about
// itself.
func (j *job) documentInfo() docinfo.Info {
	if j.note.Info != nil {
		return *j.note.Info
	}
	return j.info
}

// isHeld reports whether the print queue still keeps the job from being
// released.
func (j *job) isHeld() bool {
	if j.note.Held != nil {
		return *j.note.Held
	}
	return j.ticket.Held
}

// expiresAt returns when the job expires.
func (j *job) expiresAt() time.Time {
	if j.note.Expires != nil {
		return *j.note.Expires
	}
	return j.ticket.Expires
}

// userOf returns the name by which a person's jobs are known: a uid if the
// computer knows no name for it.
func userOf(p identity.Peer) string { return cmp.Or(p.Name, "#"+p.UID) }

// controlJob returns the job as the local API shows it.
func (j *job) controlJob() control.Job {
	said := j.documentInfo()
	return control.Job{
		ID:             j.id.String(),
		Title:          j.displayTitle(said),
		User:           j.ticket.User,
		UserSource:     string(cmp.Or(j.ticket.Source, spooler.Claimed)),
		State:          string(j.note.State),
		Documents:      len(j.documents()),
		Format:         j.info.Format,
		Pages:          said.Pages,
		PagesCertainty: cmp.Or(string(said.Certainty), "unknown"),
		Sheets:         j.sheetCount(),
		Copies:         j.copyCount(said),
		Sides:          cmp.Or(j.ticket.Sides, said.Sides),
		Color:          cmp.Or(j.ticket.Color, said.Color, docinfo.ColorUnknown),
		Media:          said.Media,
		Application:    cmp.Or(said.Application, said.Producer),
		Bytes:          j.size,
		Sealed:         j.sealed,
		Created:        j.ticket.Created,
		Expires:        j.expiresAt(),
		Reason:         j.reasonSentence(),
		ReasonWord:     j.reasonWord(),
		OnlyHere:       true, // no copies are made yet
		PINRequired:    len(j.ticket.PIN) > 0,
		Printer:        j.note.Printer,
		Evidence:       j.note.Evidence,
	}
}

// reasonSentence returns the sentence on why a job is in its state.
func (j *job) reasonSentence() string {
	if j.isHeld() {
		return "The job is held in the print queue, and can be released once it is let go there."
	}
	if j.note.State == Waiting {
		return waitingSentence
	}
	return cmp.Or(j.note.Message, j.concatenatedSentence())
}

// untitled is the title that the printer on loopback gives to a job without
// one.
const untitled = "Untitled"

// displayTitle returns the job's title, or the document's if the job has none.
func (j *job) displayTitle(said docinfo.Info) string {
	if j.ticket.Title == untitled {
		return cmp.Or(said.Title, untitled)
	}
	return j.ticket.Title
}

// copyCount returns the copies of the job, or else those that the document
// itself asks for; never both.
func (j *job) copyCount(said docinfo.Info) int {
	if j.ticket.Copies > 1 {
		return j.ticket.Copies
	}
	return max(1, said.Copies)
}
