package spooler

import (
	"context"
	"net"

	"github.com/printscout/printscout/spooler/internal/loopback"
)

// Who is who answers at an address of the printer's port.
type Who = loopback.Who

// Us is this printer. Somebody is another program, Nobody refuses the
// connection; Unclear is where it could not be found out.
const (
	Us       = loopback.Us
	Somebody = loopback.Somebody
	Nobody   = loopback.Nobody
	Unclear  = loopback.Unclear
)

// Answer says who answers where print clients look for the printer.
type Answer = loopback.Answer

// ErrPortTaken means that another program listens on the port.
var ErrPortTaken = loopback.ErrPortTaken

// TakenError is an ErrPortTaken that says where.
type TakenError = loopback.TakenError

// Listen binds 127.0.0.1 and, where the computer has IPv6, ::1, the same port
// on both; port 0 picks one that is free on both. No other socket can be bound
// to the port on these addresses while it is in use.
func Listen(port int) ([]net.Listener, error) { return loopback.Listen(port) }

// Answers returns who answers at 127.0.0.1, at ::1 where the computer has it,
// and at what localhost stands for. It waits for Serve to begin; the error is
// that of ctx, or that the printer ends.
func (p *Printer) Answers(ctx context.Context) ([]Answer, error) {
	answers, err := p.selfCheck.Answers(ctx)
	p.mu.Lock()
	ending := p.ending
	p.mu.Unlock()
	if ending {
		return nil, errEnding
	}
	return answers, err
}
