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
)

// Scout is a computer that has been enrolled.
type Scout struct {
	ID       string
	Name     string
	Version  string // at enrolment
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

// Registry is what must last: scouts, tokens as SHA-256 hashes, and orders.
// What a method has returned without an error survives a power cut. Several
// processes may hold the same one open.
type Registry interface {
	// AddToken keeps the hash of a one-time token.
	AddToken(ctx context.Context, hash []byte, created, expires time.Time) error
	// Enroll spends a token on a scout, or returns the scout it was spent on
	// if that has the same Sign key; else ErrTokenUnknown, Used or Expired.
	Enroll(ctx context.Context, hash []byte, s Scout) (Scout, error)
	// Scout returns a scout or ErrNotFound.
	Scout(ctx context.Context, id string) (Scout, error)
	// Scouts returns all scouts by name.
	Scouts(ctx context.Context) ([]Scout, error)

	// AddAPIToken keeps the hash of a token for the API.
	AddAPIToken(ctx context.Context, hash []byte, name string, created time.Time) error
	// APIToken returns the name of the API token with this hash, or ErrNotFound.
	APIToken(ctx context.Context, hash []byte) (string, error)

	// AddOrders keeps new orders, all or none.
	AddOrders(ctx context.Context, orders []Order) error
	// Order returns an order or ErrNotFound.
	Order(ctx context.Context, id string) (Order, error)
	// Orders returns the newest orders, newest first.
	Orders(ctx context.Context, limit int) ([]Order, error)
	// Unfinished returns orders of a scout that are Pending or Sent, with
	// Seq above after, oldest first.
	Unfinished(ctx context.Context, scout string, after int64, limit int) ([]Order, error)
	// MarkSent makes a Pending order Sent; false if it is neither any more.
	MarkSent(ctx context.Context, id string, at time.Time) (bool, error)
	// Finish keeps the first result of an order of this scout; false if
	// there is no such order or it has a result already.
	Finish(ctx context.Context, scout string, result wire.Result, at time.Time) (bool, error)
	// Due returns the Pending orders whose validity ended by now.
	Due(ctx context.Context, now time.Time) ([]Order, error)
	// Expire makes a Pending order Expired; false if it is not Pending any more.
	Expire(ctx context.Context, id, reason string, at time.Time) (bool, error)
	// Forget drops orders that were finished before a time.
	Forget(ctx context.Context, before time.Time) error

	// Served returns the newest directory revision ever served for a site; 0 for none.
	Served(ctx context.Context, site string) (uint64, error)
	// SetServed raises it.
	SetServed(ctx context.Context, site string, revision uint64) error

	// Successor returns the public part that has succeeded a site's, or ErrNotFound.
	Successor(ctx context.Context, site string) (directory.Public, error)
	// SetSuccessor keeps it; the first one stays.
	SetSuccessor(ctx context.Context, site string, next directory.Public) error

	// Check says whether the registry can be read.
	Check(ctx context.Context) error
	Close() error
}
