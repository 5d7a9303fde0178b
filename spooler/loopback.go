package spooler

import (
	"context"
	"net"
	"os"

	"github.com/printscout/printscout/spooler/internal/loopback"
)

// Who says which program answers at an address of the printer's port.
type Who = loopback.Who

// Us is this printer, Somebody another program. Nobody means that the
// connection was refused, Unclear that the agent could not find out.
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

// TakenError is an ErrPortTaken with the address that is taken.
type TakenError = loopback.TakenError

// Listen binds 127.0.0.1 and, where the computer has IPv6, ::1, the same port
// on both; port 0 picks one that is free on both. While the port is in use no
// other socket can be bound to it on these addresses.
func Listen(port int) ([]net.Listener, error) { return loopback.Listen(port) }

// Inherit returns listeners of sockets that the service manager has bound for the
// printer, and closes the files. All must listen on a loopback address, at one
// port. Without files it returns no listeners.
func Inherit(files []*os.File) ([]net.Listener, error) { return loopback.Inherit(files) }

// Answers reports which program answers at 127.0.0.1, at ::1 where the computer
// has it, and at the addresses of localhost. It waits for Serve to begin; it
// returns the error of ctx, or an error when the printer ends.
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
