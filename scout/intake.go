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

// intake is where the printer on loopback puts what it is sent.
type intake struct{ *Scout }

// Condition reports whether a job would be taken now.
func (s intake) Condition() spooler.Condition {
	if s.releasing.Err() != nil {
		return spooler.Condition{Reasons: []string{"shutdown"}, Message: "Print Scout is stopping. Print again in a moment."}
	}
	if e, _ := s.member.current(); e == nil {
		return spooler.Condition{Reasons: []string{"paused"}, Message: "This computer has not joined a site, so nothing could be released. Ask your administrator for a bundle and run: printscout enroll FILE"}
	}
	if err := s.vault.Room(); err != nil {
		return spooler.Condition{Reasons: []string{"spool-area-full-error"}, Message: noSpaceSentence}
	}
	if s.printerID.paused() {
		return spooler.Condition{Accepting: true, Paused: true, Reasons: []string{"paused"}, Message: pausedSentence}
	}
	return spooler.Condition{Accepting: true}
}

const noSpaceSentence = "The disk of this computer is too full to keep a document. Free some space and print again."

// Admit says what a job would be refused for, as far as that is known before
// its document has come.
func (s intake) Admit(user string, from spooler.Source, octets int64) error {
	set := s.cfg.Settings
	owner := quotaOwner(user, from)
	jobs, parked, all := s.table.sums(owner)
	coming, own, total := s.quota.of(owner)
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
		Created: t.Created, Expires: t.Created.Add(s.cfg.Settings.JobRetention),
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
		share.end()
		return nil, spaceError(err)
	}
	return &parking{scout: s.Scout, ticket: tk, share: share, Writer: w}, nil
}

func spaceError(err error) error {
	if errors.Is(err, vault.ErrNoSpace) {
		return &spooler.Refusal{Err: fmt.Errorf("%w: %w", spooler.ErrNoSpace, err), Message: noSpaceSentence}
	}
	return err
}

// parking is one job on its way into the vault, its documents one behind the
// other.
type parking struct {
	scout  *Scout
	ticket ticket
	share  *share
	parts  []part
	*vault.Writer
}

func (p *parking) Write(b []byte) (int, error) {
	if err := p.share.grow(len(b)); err != nil {
		return 0, err
	}
	n, err := p.Writer.Write(b)
	if err != nil {
		err = spaceError(err)
	}
	return n, err
}

// End is the end of a document.
func (p *parking) End(d spooler.Document) error {
	p.parts = append(p.parts, partOf(d, len(p.parts) == 0))
	return spaceError(p.EndDocument())
}

// Park returns once the job is sealed and on disk.
func (p *parking) Park() error {
	raw, err := json.Marshal(summary{Documents: p.parts})
	if err != nil {
		return fmt.Errorf("encoding what the documents say of themselves: %w", err)
	}
	kept, err := p.Commit(raw)
	if err != nil {
		return spaceError(err)
	}
	parts, err := withSizes(p.parts, kept.Documents)
	if err != nil {
		return err
	}
	s, j := p.scout, &job{id: kept.ID, ticket: p.ticket, parts: parts, layout: layoutOf(p.ticket.Attributes), size: kept.Size, sealed: kept.Sealed, note: note{State: Parked}}
	j.info = combined(parts, j.documents())
	s.log.Info("job parked", "job", j.id, "ipp_job", p.ticket.JobID, "bytes", j.size, "sealed_bytes", j.sealed, "documents", len(j.parts), "format", j.info.Format)
	s.table.add(j) // from here on it is the table's
	s.refused.taken(p.ticket.User, p.ticket.Title)
	p.share.end()
	s.expiry.wake()
	if isExamined(p.parts) {
		s.examiner.add(kept.ID)
	}
	s.tellChanged(kept.ID)
	return nil
}

// Abort removes what has come so far.
func (p *parking) Abort() {
	p.share.end()
	if err := p.Writer.Abort(); err != nil {
		p.scout.log.Error("a document that broke off could not be removed; the next start removes it", "job", p.ID(), "error", err)
	}
}

// past is what the printer on loopback answers of the jobs parked before this
// start.
func (s *Scout) past() (out []spooler.Past) {
	for _, j := range s.table.all(func(*job) bool { return true }) {
		out = append(out, spooler.Past{
			JobID: j.ticket.JobID, JobUUID: j.ticket.JobUUID,
			Title: j.ticket.Title, User: j.ticket.User, Created: j.ticket.Created, Parked: j.ticket.Created,
			Held: j.held(), Documents: pastDocuments(j.parts),
		})
	}
	return out
}

// Identify keeps what a client asked this printer to show, so that status
// shows it for a while.
func (s intake) Identify(i spooler.Identification) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.identified = identified{at: s.now(), message: pointedOutBy(i)}
}

// pointedOutBy is a sentence that nobody can take for the agent's own.
func pointedOutBy(i spooler.Identification) string {
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

// identified is the last time a client asked the printer to point itself out.
type identified struct {
	at      time.Time
	message string
}

// identifyTime is how long status shows it.
const identifyTime = time.Minute
