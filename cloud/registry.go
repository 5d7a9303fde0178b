package cloud

import (
	"context"
	"errors"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/directory"
)

// What a Registry answers when it cannot do as asked.
var (
	ErrNotFound     = errors.New("not found")
	ErrTokenUnknown = errors.New("the token is not known")
	ErrTokenUsed    = errors.New("the token has been used")
	ErrTokenExpired = errors.New("the token has expired")
	ErrConflict     = errors.New("the request was another one before")
)

// Scout is a computer that has been enrolled.
type Scout struct {
	ID       string
	Name     string
	Version  string // at enrollment
	Sign     []byte // Ed25519 public key
	Wrap     []byte // X25519 public key
	Enrolled time.Time
}

// The states of an order at the server.
const (
	Pending = "pending" // not sent to the scout yet
	Sent    = "sent"    // sent at least once; no result yet
	Done    = "done"    // the scout has said what became of it
	Expired = "expired" // never sent while it was valid
)

// Order is a request to print a job, and what became of it.
type Order struct {
	Seq      int64 // the order orders were made in
	ID       string
	Scout    string
	Job      string
	Printer  string
	User     string // owner tag of the job
	Created  time.Time
	Expires  time.Time // end of the request's validity
	PIN      []byte    // of the job, sealed to the scout; gone once Done or Expired
	State    string
	Reason   string    // why it expired
	SentAt   time.Time // first sent; zero while Pending
	Finished time.Time
	Result   *wire.Result // once Done
}

// Request is one POST of releases that names itself, so that it can be sent
// again when its answer was lost (docs/protocol.md, Requests that are repeated).
type Request struct {
	Key      []byte // hash of the API token and the Idempotency-Key
	Body     []byte // hash of the body, keyed by the token
	Created  time.Time
	Complete bool // every order it asks for is in the registry
}

// APIToken is a token of the API, without the token.
type APIToken struct {
	Name    string
	Created time.Time
	Expires time.Time
}

// Bundle is a bundle that no scout has used, without its token.
type Bundle struct {
	ID      string // "bundle-" and the beginning of the hash of its token
	Created time.Time
	Expires time.Time
}

// Registry is what must last: scouts, tokens as SHA-256 hashes, and orders.
// What a method has returned without an error survives a power cut. Several
// processes may hold the same one open.
type Registry interface {
	// AddToken keeps the hash of a one-time token.
	AddToken(ctx context.Context, hash []byte, created, expires time.Time) error
	// Enroll spends a token on a scout, or returns the scout it was spent on
	// if that has the same Sign key; else ErrTokenUnknown, Used or Expired.
	Enroll(ctx context.Context, hash []byte, s Scout) (Scout, error)
	// Bundles returns those that can still be used, newest first.
	Bundles(ctx context.Context, now time.Time) ([]Bundle, error)
	// Scout returns a scout or ErrNotFound.
	Scout(ctx context.Context, id string) (Scout, error)
	// Scouts returns all scouts by name.
	Scouts(ctx context.Context) ([]Scout, error)
	// RemoveScout makes a scout unknown and ends its unfinished orders, or
	// returns ErrNotFound.
	RemoveScout(ctx context.Context, id string, at time.Time) error

	// AddAPIToken keeps the hash of a token for the API.
	AddAPIToken(ctx context.Context, hash []byte, name string, created, expires time.Time) error
	// APIToken returns the name of the API token with this hash, or
	// ErrNotFound if there is none or its time is over.
	APIToken(ctx context.Context, hash []byte, now time.Time) (string, error)
	// APITokens returns all of them by name, those whose time is over too.
	APITokens(ctx context.Context) ([]APIToken, error)
	// Revoke drops the API tokens of a name, or the unused bundle of an id,
	// and returns how many those were.
	Revoke(ctx context.Context, nameOrID string) (int, error)
	// Withdrawals grows whenever a scout is removed or a token revoked, by
	// whatever process.
	Withdrawals(ctx context.Context) (int64, error)

	// AddOrders keeps new orders, all or none. With a request it keeps that
	// too, and no second order of one job for it; ErrConflict if the request
	// is there with another body.
	AddOrders(ctx context.Context, request *Request, orders []Order) error
	// Request returns the request with a key and its orders, oldest first, or ErrNotFound.
	Request(ctx context.Context, key []byte) (Request, []Order, error)
	// Order returns an order or ErrNotFound.
	Order(ctx context.Context, id string) (Order, error)
	// Orders returns the newest orders, newest first.
	Orders(ctx context.Context, limit int) ([]Order, error)
	// Unfinished returns orders of a scout that are Pending or Sent, with
	// Seq above after, oldest first.
	Unfinished(ctx context.Context, scout string, after int64, limit int) ([]Order, error)
	// MarkSent makes Pending orders Sent; it returns the ids of those that
	// are Sent now.
	MarkSent(ctx context.Context, ids []string, at time.Time) (map[string]bool, error)
	// Finish keeps the first result of an order of this scout; false if
	// there is no such order or it has a result already.
	Finish(ctx context.Context, scout string, result wire.Result, at time.Time) (bool, error)
	// Due returns the Pending orders whose validity ended by now.
	Due(ctx context.Context, now time.Time) ([]Order, error)
	// Expire makes a Pending order Expired; false if it is not Pending any more.
	Expire(ctx context.Context, id, reason string, at time.Time) (bool, error)
	// Forget drops what finished, was removed or expired before a time.
	Forget(ctx context.Context, before time.Time) error
	// ForgetRequests drops those made before a time, and all but the newest most.
	ForgetRequests(ctx context.Context, before time.Time, most int) error

	// Served returns the newest directory revision ever served for a site; 0 for none.
	Served(ctx context.Context, site string) (uint64, error)
	// SetServed raises it.
	SetServed(ctx context.Context, site string, revision uint64) error

	// Successor returns the public part that has succeeded a site's, or ErrNotFound.
	Successor(ctx context.Context, site string) (directory.Public, error)
	// SetSuccessor keeps it; the first one stays.
	SetSuccessor(ctx context.Context, site string, next directory.Public) error

	// Check reports whether the registry can be read.
	Check(ctx context.Context) error
	Close() error
}
