package scout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/vault"
)

// intake implements spooler.Intake: it takes what is sent to the printer on
// loopback.
type intake struct{ *Scout }

// Condition returns whether a job would be accepted now, and why not.
func (s intake) Condition() spooler.Condition {
	if s.releasing.Err() != nil {
		return spooler.Condition{Reasons: []string{"shutdown"}, Message: "Print Scout is stopping. Print again in a moment."}
	}
	if e, _ := s.membership.current(); e == nil {
		return spooler.Condition{Reasons: []string{"paused"}, Message: "This computer has not joined a site, so nothing could be released. Ask your administrator for a bundle and run: printscout enroll FILE"}
	}
	if err := s.vault.CheckSpace(); err != nil {
		return spooler.Condition{Reasons: []string{"spool-area-full-error"}, Message: noSpaceSentence}
	}
	if s.printerID.isPaused() {
		return spooler.Condition{Accepting: true, Paused: true, Reasons: []string{"paused"}, Message: pausedSentence}
	}
	return spooler.Condition{Accepting: true}
}

const noSpaceSentence = "The disk of this computer is too full to keep a document. Free some space and print again."

// Admit returns the refusal of a job as far as that is known before its
// document has come, nil for none.
func (s intake) Admit(user string, from spooler.Source, octets int64) error {
	set := s.liveSettings()
	owner := quotaOwner(user, from)
	jobs, parked, all := s.table.quotaSums(owner)
	coming, own, total := s.quota.inTransit(owner)
	if most := set.UserJobs; most > 0 && jobs+coming >= most {
		return tooManyJobs(most)
	}
	if most := int64(set.MaxJobMB) << 20; most > 0 && octets > most {
		return overQuota(jobTooLarge, set.MaxJobMB)
	}
	least := max(octets, 1)
	if most := int64(set.TotalQuotaMB) << 20; most > 0 && all+total+least > most {
		return overTotal(set.TotalQuotaMB)
	}
	if most := int64(set.UserQuotaMB) << 20; most > 0 && parked+own+least > most {
		return overQuota(shareUsedUp, set.UserQuotaMB)
	}
	return nil
}

// Begin opens a sealed file for the documents of a job.
func (s intake) Begin(_ context.Context, t spooler.Ticket) (spooler.Parking, error) {
	tk := ticket{
		Title: t.Title, User: t.User, Source: t.Source, Held: t.Held,
		Copies: t.Copies, Sides: t.Sides, Color: t.Color, Attributes: t.Attributes, LeftOut: t.LeftOut,
		PIN:   pin(t.Password),
		JobID: t.JobID, JobUUID: t.JobUUID,
		Created: t.Created, Expires: t.Created.Add(s.liveSettings().JobRetention),
	}
	raw, err := json.Marshal(tk)
	if err != nil {
		return nil, fmt.Errorf("encoding what is known of the job: %w", err)
	}
	share, err := s.openShare(quotaOwner(t.User, t.Source))
	if err != nil {
		return nil, err
	}
	w, err := s.vault.Create(raw)
	if err != nil {
		share.endJob()
		return nil, spaceError(err)
	}
	return &incomingJob{scout: s.Scout, ticket: tk, share: share, Writer: w}, nil
}

func spaceError(err error) error {
	if errors.Is(err, vault.ErrNoSpace) {
		return &spooler.Refusal{Err: fmt.Errorf("%w: %w", spooler.ErrNoSpace, err), Message: noSpaceSentence}
	}
	return err
}

// incomingJob is a job on its way into the vault, its documents one after
// another.
type incomingJob struct {
	scout  *Scout
	ticket ticket
	share  *quotaShare
	parts  []part
	*vault.Writer
}

func (p *incomingJob) Write(b []byte) (int, error) {
	if err := p.share.addBytes(len(b)); err != nil {
		return 0, err
	}
	n, err := p.Writer.Write(b)
	if err != nil {
		err = spaceError(err)
	}
	return n, err
}

// End ends a document.
func (p *incomingJob) End(d spooler.Document) error {
	p.parts = append(p.parts, newPart(d, len(p.parts) == 0))
	return spaceError(p.EndDocument())
}

// Park returns once the job is sealed and on disk, with what its owner has to do
// before it can be released.
func (p *incomingJob) Park() (message string, err error) {
	raw, err := json.Marshal(summary{Documents: p.parts})
	if err != nil {
		return "", fmt.Errorf("encoding what the documents say of themselves: %w", err)
	}
	kept, err := p.Commit(raw)
	if err != nil {
		return "", spaceError(err)
	}
	parts, err := withSizes(p.parts, kept.Documents)
	if err != nil {
		return "", err
	}
	s, j := p.scout, &job{id: kept.ID, ticket: p.ticket, parts: parts, layout: layoutOf(p.ticket.Attributes), size: kept.Size, sealed: kept.Sealed, note: note{State: Parked}}
	j.info = combinedInfo(parts, j.documents())
	s.log.Info("job parked", "job", j.id, "ipp_job", p.ticket.JobID, "bytes", j.size, "sealed_bytes", j.sealed, "documents", len(j.parts), "format", j.info.Format)
	if s.mustWait(j) {
		message = waitingSentence
	}
	s.table.addParked(j) // from here on it is the table's
	s.refused.dropPrintedAgain(p.ticket.User, p.ticket.Title)
	p.share.endJob()
	s.expiry.wake()
	if isExamined(p.parts) {
		s.examiner.enqueue(kept.ID)
	}
	s.tellChanged(kept.ID)
	return message, nil
}

// Abort removes what has come so far.
func (p *incomingJob) Abort() {
	p.share.endJob()
	if err := p.Writer.Abort(); err != nil {
		p.scout.log.Error("a document that broke off could not be removed; the next start removes it", "job", p.ID(), "error", err)
	}
}

// pastJobs returns what the printer on loopback answers about jobs that were
// parked before this start.
func (s *Scout) pastJobs() (out []spooler.Past) {
	for _, j := range s.table.matchingJobs(func(*job) bool { return true }) {
		out = append(out, spooler.Past{
			JobID: j.ticket.JobID, JobUUID: j.ticket.JobUUID,
			Title: j.ticket.Title, User: j.ticket.User, Created: j.ticket.Created, Parked: j.ticket.Created,
			Held: j.isHeld(), Documents: pastDocuments(j.parts),
		})
	}
	return out
}

// Identify keeps what a client asked this printer to show, so that status
// shows it for a while.
func (s intake) Identify(i spooler.Identification) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identified = identifyRequest{at: s.now(), message: identifySentence(i)}
	s.hub.statusChanged()
}

// identifySentence returns what status shows, as a sentence that cannot be
// mistaken for the agent's own.
func identifySentence(i spooler.Identification) string {
	who := i.User
	switch {
	case who == "":
		who = "A program of an account that is not known"
	case i.Source != spooler.FromKernel:
		who = fmt.Sprintf("A program that calls its user %q", who)
	}
	if i.Message == "" {
		return who + " asked this printer to point itself out."
	}
	return fmt.Sprintf("%s asked this printer to show: %q", who, i.Message)
}

// identifyRequest is the last Identify-Printer request of a client.
type identifyRequest struct {
	at      time.Time
	message string
}

// identifyTime is how long status shows it.
const identifyTime = time.Minute
