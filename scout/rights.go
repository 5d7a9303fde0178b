package scout

import (
	"context"
	"net/netip"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/spooler"
)

// identifyClient asks the kernel which account a connection to the printer
// belongs to.
func (s *Scout) identifyClient(ctx context.Context, local, remote netip.AddrPort) (spooler.Client, error) {
	p, err := identity.OfTCP(ctx, local, remote)
	if err != nil {
		return spooler.Client{}, err
	}
	client := spooler.Client{Name: userOf(p.Peer), Admin: p.Admin, Spooler: p.Spooler, Vouches: p.Vouches}
	if account := s.accounts.Learn(p.Peer); account != rootAccount && !p.Spooler {
		client.Account = account
	}
	return client, nil
}

// rootAccount is limited only by what all accounts have together: it could do
// anything else here, too, and prints for many.
const rootAccount = "0"

// accountOf asks the kernel under which account a connection to the printer is
// counted.
func (s *Scout) accountOf(ctx context.Context, local, remote netip.AddrPort) string {
	uid, err := identity.UIDOfTCP(ctx, local, remote)
	if err != nil || uid == rootAccount {
		return ""
	}
	return s.accounts.Of(uid)
}

// isOwnerProven reports whether the owner of a job is proven: by the kernel,
// or by a print queue that does not let anyone print in another's name. A name
// that was only claimed does not give the right to have the job printed.
func (s *Scout) isOwnerProven(j *job) bool {
	return j.ticket.Source == spooler.FromKernel || j.ticket.Source == spooler.FromSpooler && s.liveSettings().QueueChecksUsers
}

// controlJob returns the job as the local API shows it, with why a parked one can
// be released by an administrator only.
func (s *Scout) controlJob(j *job) control.Job {
	v := j.controlJob()
	if j.note.State == Parked && v.Reason == "" && !s.isOwnerProven(j) {
		v.ReasonWord, v.Reason = outcome.ReasonOwnerClaimed, outcome.Sentence(outcome.ReasonOwnerClaimed)
	}
	return v
}

// mayRelease returns why a caller may not have a job printed, nil if they may.
func (s *Scout) mayRelease(c control.Caller, j *job) error {
	switch {
	case s.printerID.isPaused():
		return &control.Error{Code: control.CodeConflict, Message: pausedSentence, Hint: "an administrator ends that by Resume-Printer: docs/capture.md"}
	case j.isHeld():
		return &control.Error{Code: control.CodeConflict, Message: j.reasonSentence()}
	case s.mustWait(j):
		return s.errWaiting()
	case j.note.State == Uncertain:
		return &control.Error{
			Code: control.CodeConflict, Message: "it is not certain whether this job was printed: " + j.reasonSentence(),
			Hint: "look at the printer, then: printscout job resolve ID --printed or --print-again",
		}
	case !c.Admin && !s.isOwnerProven(j):
		return &control.Error{
			Code:    control.CodeForbidden,
			Message: "the print queue only claims that this job is yours",
			Hint:    "an administrator can release it, or have the queue check names: docs/identity.md and the setting QueueChecksUsers",
		}
	}
	return nil
}
