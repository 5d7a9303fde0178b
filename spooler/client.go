package spooler

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/spooler/internal/loopback"
)

// Client describes who is at the other end of a connection, as the kernel says.
type Client struct {
	Name string // of the user
	// Account is the key under which the client's use of the printer is counted:
	// one for each account of this computer, and one for all accounts that it
	// does not name. See Config.Account.
	Account string
	// Spooler is true for the print spooler of the operating system, which
	// prints in other people's names. In its own name it is an ordinary user.
	Spooler bool
	// Admin is true for an administrator of this computer.
	Admin bool
	// Vouches is true for root where root is not the spooler: root could have
	// become the user that it names.
	Vouches bool
}

// Source says where a user's name comes from, and so how far it is trusted.
type Source string

// The sources. A name from the kernel is certain; one from the spooler is as
// good as the queue that it prints from; anyone can make a claim.
const (
	FromKernel  Source = "kernel"
	FromSpooler Source = "spooler"
	Claimed     Source = "claimed"
)

type clientKey struct{}

// withClient asks the kernel about each connection as soon as it is accepted: a
// client may close it with its last byte, and then no process has it open.
// Other connections do not wait for the answer.
func (p *Printer) withClient(ctx context.Context, c net.Conn) context.Context {
	if p.cfg.Identify == nil {
		return ctx
	}
	local, okLocal := c.LocalAddr().(*net.TCPAddr)
	remote, okRemote := c.RemoteAddr().(*net.TCPAddr)
	if !okLocal || !okRemote {
		return ctx
	}
	ask := sync.OnceValues(func() (Client, error) {
		return p.cfg.Identify(ctx, local.AddrPort(), remote.AddrPort())
	})
	p.identifying.Go(func() {
		if p.cfg.Account != nil {
			p.connections.AssignAccount(c, p.cfg.Account(ctx, local.AddrPort(), remote.AddrPort()))
		}
		client, err := ask()
		if err == nil && client.Account != "" {
			p.connections.AssignAccount(c, client.Account)
		}
	})
	return context.WithValue(ctx, clientKey{}, ask)
}

// identifyClient finds out who makes the request. A client that is not known
// may only ask for the printer's attributes.
func (x *ippExchange) identifyClient() error {
	claim := cleanUser(ipp.DecodeText(ipp.String(x.msg.Operation, "requesting-user-name")))
	if x.p.cfg.Identify == nil {
		x.user, x.source, x.allowance = claim, Claimed, "claim "+claim
		return nil
	}
	c, err := clientOfRequest(x.r)
	x.admin = err == nil && c.Admin && (!c.Spooler || claim == c.Name)
	switch {
	case err == nil && c.Spooler && claim != c.Name:
		x.user, x.source, x.allowance = claim, FromSpooler, "claim "+claim
	case err == nil && c.Vouches && claim != anonymous:
		x.user, x.source, x.allowance = claim, FromKernel, "name "+claim
	case err == nil && c.Name != "":
		x.user, x.source, x.allowance = c.Name, FromKernel, "account "+c.Account
	case !x.op.open:
		x.p.limitedLog.Warn("the system does not say who a print client is", "client-unknown", "error", err)
		return refuse(goipp.StatusErrorForbidden, "The system does not say who is printing.")
	}
	return nil
}

func clientOfRequest(r *http.Request) (Client, error) {
	ask, ok := r.Context().Value(clientKey{}).(func() (Client, error))
	if !ok {
		return Client{}, net.ErrClosed
	}
	return ask()
}

// allowRequest reports whether the account that makes a request may have one
// more in progress; if so, done must be called. Clients that the kernel does
// not name share one account.
func (p *Printer) allowRequest(r *http.Request) (done func(), ok bool) {
	return p.allowByLimiter(r, p.connections)
}

// allowByLimiter is allowRequest for a given limiter.
func (p *Printer) allowByLimiter(r *http.Request, by *loopback.Limiter) (done func(), ok bool) {
	if p.cfg.Identify == nil {
		return func() {}, true
	}
	c, err := clientOfRequest(r)
	if err == nil && (c.Spooler || c.Vouches) {
		return func() {}, true
	}
	return by.BeginRequest(c.Account)
}

func cleanUser(name string) string {
	if u := strings.TrimSpace(ipp.Clean(name, nameSize)); u != "" {
		return u
	}
	return anonymous
}

// anonymous is the user of a request that does not name one.
const anonymous = "anonymous"

// mayRead reports whether the client may see a job's owner and title.
func (x *ippExchange) mayRead(j *job) bool {
	return x.p.cfg.Identify == nil || j.request.user == x.user
}

// publicAttributes lists the attributes of a job that every client may read:
// that it exists, and its state.
var publicAttributes = []string{"job-id", "job-uri", "job-uuid", "job-printer-uri", "job-state", "job-state-reasons", "job-state-message", "job-printer-up-time"}

// onlyPublic removes the attributes that only the owner may read.
func onlyPublic(attrs goipp.Attributes) goipp.Attributes {
	return slices.DeleteFunc(slices.Clone(attrs), func(a goipp.Attribute) bool { return !slices.Contains(publicAttributes, a.Name) })
}

// readableJob returns the job with that id if the client may read all of it.
func (x *ippExchange) readableJob(id int) (*job, error) {
	j, err := x.p.jobs.jobByID(id)
	if err == nil && !x.mayRead(j) {
		return nil, refuse(goipp.StatusErrorNotAuthorized, "The job belongs to another user.")
	}
	return j, err
}
