package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/OpenPrinting/goipp"
	"github.com/google/uuid"

	"github.com/printscout/printscout/internal/ipp"
)

// jobAttributes are requested for a job.
var jobAttributes = []string{
	"job-id", "job-name", "job-state", "job-state-reasons", "job-state-message",
	"job-uuid", "job-originating-user-name", "time-at-creation", "job-printer-up-time", "job-impressions-completed", "job-media-sheets-completed", "job-k-octets", "job-k-octets-processed",
}

// jobStatus is what the printer says of a job.
type jobStatus struct {
	id      int
	name    string
	user    string // job-originating-user-name
	uuid    string
	created int // time-at-creation, on the printer's clock (RFC 8011 §5.3.14.1); 0 if not given
	upTime  int // job-printer-up-time (RFC 8011 §5.3.14.4), the clock's time now; 0 if not given
	state   int
	reasons []string
	message string
	pages   *int // impressions, else sheets
	most    *int // the greater of the two
	octets  int  // of the document that it counts, in units of 1024; 0 if it counts none
}

func readJobStatus(attrs goipp.Attributes) jobStatus {
	j := jobStatus{
		name:    ipp.Clean(ipp.String(attrs, "job-name"), 255),
		user:    ipp.Clean(ipp.String(attrs, "job-originating-user-name"), 255),
		uuid:    jobUUID(attrs),
		reasons: cleanReasons(attrs, "job-state-reasons"),
		message: ipp.Clean(ipp.String(attrs, "job-state-message"), 255),
	}
	j.id, _ = ipp.Int(attrs, "job-id")
	j.state, _ = ipp.Int(attrs, "job-state")
	j.created, _ = ipp.Int(attrs, "time-at-creation")
	j.upTime, _ = ipp.Int(attrs, "job-printer-up-time")
	for _, name := range []string{"job-k-octets", "job-k-octets-processed"} {
		n, _ := ipp.Int(attrs, name)
		j.octets = max(j.octets, n)
	}
	for _, name := range []string{"job-impressions-completed", "job-media-sheets-completed"} {
		n, ok := ipp.Int(attrs, name)
		if !ok || n < 0 {
			continue
		}
		if j.pages == nil {
			j.pages = &n
		}
		if j.most == nil || n > *j.most {
			j.most = &n
		}
	}
	return j
}

// jobUUID returns job-uuid (PWG 5100.13 §5.5.3), "" if there is none. A value
// that is not a UUID also tells jobs apart, but it is the printer's text and
// goes into the journal: its hash is returned instead.
func jobUUID(attrs goipp.Attributes) string {
	said := strings.ToLower(ipp.String(attrs, "job-uuid"))
	if said == "" {
		return ""
	}
	if id, err := uuid.Parse(said); err == nil {
		return id.URN()
	}
	sum := sha256.Sum256([]byte(said))
	return "hash:" + hex.EncodeToString(sum[:16])
}

// ended reports whether the state is final.
func (j jobStatus) ended() bool {
	return j.state == ipp.JobCanceled || j.state == ipp.JobAborted || j.state == ipp.JobCompleted
}

// nothingPrinted reports whether the job was given up and the printer counts
// that nothing of it came out.
func (j jobStatus) nothingPrinted() bool {
	return (j.state == ipp.JobCanceled || j.state == ipp.JobAborted) && j.most != nil && *j.most == 0
}

// countsBytes reports whether the printer counts as many bytes as the document
// has.
func (j jobStatus) countsBytes(size int64) bool { return j.octets > 0 && int64(j.octets)*1024 >= size }

// byPerson reports whether the printer names a person who canceled the job
// (RFC 8011 §5.3.8).
func (j jobStatus) byPerson() bool {
	return j.hasReason("job-canceled-by-user") || j.hasReason("job-canceled-by-operator") || j.hasReason("job-canceled-at-device")
}

// isIncoming reports whether the printer still waits for the document. A
// printer that counts pages has it, whatever reasons it keeps.
func (j jobStatus) isIncoming() bool {
	return (j.hasReason("job-incoming") || j.hasReason("job-data-insufficient")) && (j.most == nil || *j.most == 0)
}

// countsMoreThan reports whether more of a job is counted than before.
func (j jobStatus) countsMoreThan(before jobStatus) bool {
	return j.octets > before.octets || j.most != nil && *j.most > 0 && (before.most == nil || *j.most > *before.most)
}

func (j jobStatus) hasReason(reason string) bool {
	for _, r := range j.reasons {
		if r == reason {
			return true
		}
	}
	return false
}

func (j jobStatus) stateName() string {
	if n := ipp.JobStateNames[j.state]; n != "" {
		return n
	}
	return fmt.Sprintf("state %d", j.state)
}

// stateWords returns the job's state in the printer's words.
func (j jobStatus) stateWords() string {
	var b strings.Builder
	b.WriteString(j.stateName())
	if len(j.reasons) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(j.reasons, ", "))
	}
	if j.message != "" {
		fmt.Fprintf(&b, ": %s", j.message)
	}
	return b.String()
}

// fetchJob asks for one job. An error answer that has the job's state counts
// as an answer.
func (s *session) fetchJob(ctx context.Context, user string, id int) (jobStatus, error) {
	m := s.newRequest(goipp.OpGetJobAttributes)
	m.Operation.Add(ipp.Integer("job-id", id))
	m.Operation.Add(ipp.Name("requesting-user-name", user))
	m.Operation.Add(ipp.Keyword("requested-attributes", jobAttributes...))
	a, err := s.sendRequest(ctx, m)
	if err != nil && !tellsOfJob(a) {
		return jobStatus{}, err
	}
	j := readJobStatus(a.Job)
	if j.id != 0 && j.id != id {
		return jobStatus{}, fmt.Errorf("asking for job %d: %w: the answer is job %d", id, ipp.ErrMalformed, j.id)
	}
	j.id = id
	return j, nil
}

// tellsOfJob reports whether an answer, an error too, has the state of a job.
func tellsOfJob(a *goipp.Message) bool {
	if a == nil {
		return false
	}
	_, ok := ipp.Int(a.Job, "job-state")
	return ok
}

// fetchJobs asks for the jobs that have ended ("completed"), or for those that
// have not.
func (s *session) fetchJobs(ctx context.Context, user, which string) ([]jobStatus, error) {
	m := s.newRequest(goipp.OpGetJobs)
	m.Operation.Add(ipp.Name("requesting-user-name", user))
	m.Operation.Add(ipp.Keyword("which-jobs", which))
	m.Operation.Add(ipp.Keyword("requested-attributes", jobAttributes...))
	a, err := s.sendRequest(ctx, m)
	if err != nil {
		return nil, err
	}
	var out []jobStatus
	for _, g := range a.AttrGroups() {
		if j := readJobStatus(g.Attrs); g.Tag == goipp.TagJobGroup && j.id > 0 {
			out = append(out, j)
		}
	}
	return out, nil
}

// cancelJob asks the printer to cancel a job.
func (s *session) cancelJob(ctx context.Context, user string, id int) error {
	m := s.newRequest(goipp.OpCancelJob)
	m.Operation.Add(ipp.Integer("job-id", id))
	m.Operation.Add(ipp.Name("requesting-user-name", user))
	_, err := s.sendRequest(ctx, m)
	return err
}
