package scout

import (
	"context"
	"net/netip"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/identity"
	"github.com/printscout/printscout/spooler"
)

// identify asks the kernel whose a connection to the printer is.
func (s *Scout) identify(ctx context.Context, local, remote netip.AddrPort) (spooler.Client, error) {
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

// rootAccount is bounded by nothing but what all have together: it could do
// anything else here, too, and prints for many.
const rootAccount = "0"

// accountOf asks the kernel what a connection to the printer counts under.
func (s *Scout) accountOf(ctx context.Context, local, remote netip.AddrPort) string {
	uid, err := identity.UIDOfTCP(ctx, local, remote)
	if err != nil || uid == rootAccount {
		return ""
	}
	return s.accounts.Of(uid)
}

// proven reports whether it is known whose a job is: by the kernel, or by a print
// queue that lets nobody print in another's name. A name that was only claimed
// gives nobody the right to have the job printed.
func (s *Scout) proven(j *job) bool {
	return j.ticket.Source == spooler.FromKernel || j.ticket.Source == spooler.FromSpooler && s.cfg.Settings.QueueChecksUsers
}

// mayRelease says why a caller may not have a job printed, nil if he may.
func (s *Scout) mayRelease(c control.Caller, j *job) error {
	switch {
	case s.printerID.paused():
		return &control.Error{Code: control.CodeConflict, Message: pausedSentence, Hint: "an administrator ends that by Resume-Printer: docs/capture.md"}
	case j.held():
		return &control.Error{Code: control.CodeConflict, Message: j.reason()}
	case s.waits(j):
		return s.errWaiting()
	case j.note.State == Uncertain:
		return &control.Error{
			Code: control.CodeConflict, Message: "it is not certain whether this job was printed: " + j.reason(),
			Hint: "look at the printer, then: printscout job resolve ID --printed or --print-again",
		}
	case !c.Admin && !s.proven(j):
		return &control.Error{
			Code:    control.CodeForbidden,
			Message: "the print queue only claims that this job is yours",
			Hint:    "an administrator can release it, or have the queue check names: docs/identity.md and the setting QueueChecksUsers",
		}
	}
	return nil
}
