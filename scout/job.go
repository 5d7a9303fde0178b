package scout

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/spooler/docinfo"
	"github.com/printscout/printscout/vault"
)

// ticket is what was known of a job before its document came; it is sealed in
// front of the document.
type ticket struct {
	Title      string    `json:"title"`
	User       string    `json:"user"`
	Format     string    `json:"format"` // as the client called it
	Copies     int       `json:"copies"`
	Sides      string    `json:"sides"`
	Color      string    `json:"color"`
	Attributes []byte    `json:"attributes"` // an encoded IPP message, for the delivery
	JobID      int       `json:"job_id"`     // of the printer on loopback
	JobUUID    string    `json:"job_uuid"`
	Created    time.Time `json:"created"`
	Expires    time.Time `json:"expires"`
}

// note is what has happened to a job since it was parked. A job that nothing
// has happened to has none.
type note struct {
	State    State     `json:"state"`
	Reason   string    `json:"reason,omitempty"`  // a code word
	Message  string    `json:"message,omitempty"` // a sentence
	Printer  string    `json:"printer,omitempty"`
	Order    string    `json:"order,omitempty"`
	Sending  bool      `json:"sending,omitempty"` // a first byte may have gone out
	Evidence []string  `json:"evidence,omitempty"`
	Changed  time.Time `json:"changed"`
}

// job is one job of the table; the table's lock guards it.
type job struct {
	id     uuid.UUID
	ticket ticket
	info   docinfo.Info
	note   note
	size   int64
	sealed int64
	cancel context.CancelCauseFunc // of the release that goes on, else nil
}

// readJob makes a job of what the vault keeps.
func readJob(v vault.Job) (*job, error) {
	j := &job{id: v.ID, size: v.Size, sealed: v.Sealed, note: note{State: Parked}}
	for what, part := range map[string]struct {
		raw []byte
		to  any
	}{
		"ticket":  {v.Metadata, &j.ticket},
		"summary": {v.Summary, &j.info},
		"note":    {v.Note, &j.note},
	} {
		if len(part.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(part.raw, part.to); err != nil {
			return nil, fmt.Errorf("reading the %s of job %s: %w", what, v.ID, err)
		}
	}
	return j, nil
}

func (j *job) format() string { return cmp.Or(j.info.Format, j.ticket.Format) }

// ownedBy says whether a caller may see and touch the job.
func (j *job) ownedBy(c control.Caller) bool {
	return c.Admin || c.Name != "" && c.Name == j.ticket.User
}

// view is the job as people see it.
func (j *job) view() control.Job {
	return control.Job{
		ID:             j.id.String(),
		Title:          j.ticket.Title,
		User:           j.ticket.User,
		State:          string(j.note.State),
		Format:         j.format(),
		Pages:          j.info.Pages,
		PagesCertainty: cmp.Or(string(j.info.Certainty), "unknown"),
		Copies:         max(1, j.ticket.Copies),
		Sides:          j.ticket.Sides,
		Color:          j.ticket.Color,
		Bytes:          j.size,
		Sealed:         j.sealed,
		Created:        j.ticket.Created,
		Expires:        j.ticket.Expires,
		Reason:         j.note.Message,
		Printer:        j.note.Printer,
		Evidence:       j.note.Evidence,
	}
}
