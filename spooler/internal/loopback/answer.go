package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// Who says which program answers at an address of the printer's port.
type Who string

// Us is this printer, Somebody another program. Nobody means that the
// connection was refused, Unclear that the answer could not be found out.
const (
	Us       Who = "us"
	Somebody Who = "somebody"
	Nobody   Who = "nobody"
	Unclear  Who = "unclear"
)

// Answer says who answers where print clients look for the printer.
type Answer struct {
	Name string         // as clients call it: 127.0.0.1, ::1, localhost
	At   netip.AddrPort // the address of that name; not valid where unknown
	Who  Who
	Err  error // the reason, where it is not Us
}

const (
	answerTime  = 5 * time.Second // for the lookup of a name, and for a connection to be accepted
	answerTries = 2               // before the answer is Somebody
)

// Reasons for an answer other than Us.
var (
	errNotSeen = errors.New("a connection was accepted there that the printer's own listener has not seen")
	errNotOurs = errors.New("a connection was accepted there, where the printer does not listen")
	errAway    = errors.New("the name does not resolve to this computer")
	errLost    = errors.New("too many connections arrived at once to tell")
)

// Answers connects to 127.0.0.1, to ::1 where the computer has it, and to the
// addresses of localhost, at the port of the listeners, and reports for each
// whether one of them accepted that very connection: the one with the same two
// ends. A program that listens in our place, or forwards connections to us,
// cannot bring that about. No byte is sent. Answers waits for SetListeners; its
// error is that of ctx.
func (c *SelfCheck) Answers(ctx context.Context) ([]Answer, error) {
	select {
	case <-c.opened:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer c.beginAsking()()
	var out []Answer
	for _, a := range c.addressesToAsk(ctx) {
		if a.Who == "" {
			a.Who, a.Err = c.whoIsAt(ctx, a.At)
		}
		if a.Who != "" {
			out = append(out, a)
		}
	}
	return out, ctx.Err()
}

// addressesToAsk returns the addresses to connect to, each once. Where a name
// resolves to another computer, or to none, the answer is set already.
func (c *SelfCheck) addressesToAsk(ctx context.Context) []Answer {
	port := c.sharedPort()
	if port == 0 {
		return nil
	}
	var out []Answer
	for _, host := range []string{"127.0.0.1", "::1"} {
		out = append(out, Answer{Name: host, At: netip.AddrPortFrom(netip.MustParseAddr(host), port)})
	}
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	found, err := c.Lookup(ctx, "ip", "localhost")
	if err != nil {
		return append(out, Answer{Name: "localhost", Who: Unclear, Err: err})
	}
	for _, ip := range found {
		a := Answer{Name: "localhost", At: netip.AddrPortFrom(ip.Unmap(), port)}
		if !a.At.Addr().IsLoopback() {
			a.Who, a.Err = Somebody, errAway
		}
		if !slices.ContainsFunc(out, func(b Answer) bool { return b.At == a.At }) {
			out = append(out, a)
		}
	}
	return out
}

// sharedPort returns the port that all listeners have.
func (c *SelfCheck) sharedPort() uint16 {
	for at := range c.at {
		return at.Port()
	}
	return 0
}

// whoIsAt returns "" where the computer has no such address. It tries again
// when our listener has not seen a connection, since the computer may be slow.
func (c *SelfCheck) whoIsAt(ctx context.Context, at netip.AddrPort) (Who, error) {
	for try := 1; ; try++ {
		who, err := c.connectTo(ctx, at)
		if who != Somebody || !c.at[at] || try == answerTries {
			return who, err
		}
	}
}

func (c *SelfCheck) connectTo(ctx context.Context, at netip.AddrPort) (Who, error) {
	limit, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(limit, "tcp", at.String())
	switch {
	case isAddressMissing(err) && at.Addr().Is6() && (!c.at[at] || isAbsent(at.Addr())):
		return "", nil
	case isRefused(err):
		return Nobody, err
	case err != nil:
		return Unclear, fmt.Errorf("connecting to the printer's own port: %w", err)
	}
	defer conn.Close()
	if !c.at[at] {
		return Somebody, errNotOurs
	}
	switch yes, known := c.awaitAccepted(limit, connectionEnds{local: at, remote: addrPort(conn.LocalAddr())}); {
	case yes:
		return Us, nil
	case ctx.Err() != nil:
		return Unclear, ctx.Err()
	case !known:
		return Unclear, errLost
	}
	return Somebody, errNotSeen
}

// isAbsent reports whether no interface of the computer has an address. An
// inherited listener may be bound to such an address (FreeBind= of
// systemd.socket(5)); a connection to an address that is there fails with the same
// error where all local ports are in use.
func isAbsent(address netip.Addr) bool {
	all, err := net.InterfaceAddrs()
	return err == nil && !slices.ContainsFunc(all, func(a net.Addr) bool {
		prefix, ok := a.(*net.IPNet)
		return ok && prefix.IP.Equal(address.AsSlice())
	})
}
