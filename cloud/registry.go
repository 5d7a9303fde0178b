package cloud

import (
	"context"
	"errors"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/directory"
)

// These are the errors of a Registry.
var (
	ErrNotFound     = errors.New("not found")
	ErrTokenUnknown = errors.New("the token is not known")
	ErrTokenUsed    = errors.New("the token has been used")
	ErrTokenExpired = errors.New("the token has expired")
	ErrTokenRevoked = errors.New("the token was revoked")
	ErrNameTaken    = errors.New("the name is taken")
	ErrConflict     = errors.New("the request was another one before")
)

// Scout is an enrolled computer.
type Scout struct {
	ID       string
	Name     string
	Version  string // at enrollment
	Sign     []byte // Ed25519 public key
	Wrap     []byte // X25519 public key
	Enrolled time.Time
	Bundle   string // name of the bundle that it came by; "" if that is no longer known
	Pending  bool   // an administrator has not approved it yet
}

// These are the states of a scout.
const (
	ScoutApproved = "approved"
	ScoutPending  = "pending" // until an administrator approves it
)

// State returns the state of the scout.
func (s Scout) State() string {
	if s.Pending {
		return ScoutPending
	}
	return ScoutApproved
}

// These are the states of an order at the server.
const (
	Pending = "pending" // not sent to the scout yet
	Sent    = "sent"    // sent at least once; no result yet
	Done    = "done"    // the scout has sent the result
	Expired = "expired" // never sent while it was valid
)

// Order is a request to print a job, and its result.
type Order struct {
	Seq      int64 // numbers the orders as they were made
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

// Request is one POST of releases with an Idempotency-Key, so that it can be
// sent again when its response was lost (docs/protocol.md, Requests that are
// repeated).
type Request struct {
	Key      []byte // hash of the API token and the Idempotency-Key
	Body     []byte // hash of the body, keyed by the token
	Created  time.Time
	Complete bool // every order it asks for is in the registry
}

// APIToken describes a token of the API, without the token.
type APIToken struct {
	Name    string
	Created time.Time
	Expires time.Time
}

// Bundle describes a bundle, without its token.
type Bundle struct {
	Name    string // its label, else "bundle-" and the beginning of the hash of its token
	Uses    int    // how many scouts may join by it
	Used    int    // how many have
	Scouts  int    // how many of these are left
	Pending int    // how many of the latter wait for approval
	Created time.Time
	Expires time.Time
	Revoked time.Time // zero: it is not
}

// Revoked says what a revocation has ended.
type Revoked struct {
	Tokens int // API tokens and bundles
	Scouts int // that came by the bundles
}

// Approval says which pending scouts are approved: those of some ids, those
// that came by a bundle, or all.
type Approval struct {
	IDs    []string
	Bundle string
	All    bool
}

// Registry stores what must last: scouts, tokens as SHA-256 hashes, and
// orders. What a method has done without an error survives a power cut.
// Several processes may have the same registry open.
type Registry interface {
	// AddBundle stores the hash of the token of a bundle with its Uses, Created
	// and Expires. An empty Name means that of its hash; another one must not be
	// taken (ErrNameTaken).
	AddBundle(ctx context.Context, hash []byte, b Bundle) error
	// Enroll spends a use of a token on a scout, or returns the scout with the
	// same Sign key that it was spent on; else ErrTokenUnknown, Used, Expired or
	// Revoked. A scout that comes by a bundle for several is pending.
	Enroll(ctx context.Context, hash []byte, s Scout) (Scout, error)
	// Bundles returns the bundles that can still be used and those for several
	// scouts of which some are left, newest first.
	Bundles(ctx context.Context, now time.Time) ([]Bundle, error)
	// Scout returns a scout or ErrNotFound.
	Scout(ctx context.Context, id string) (Scout, error)
	// Scouts returns all scouts by name.
	Scouts(ctx context.Context) ([]Scout, error)
	// Approve approves pending scouts and returns how many. ErrNotFound means
	// that there is no scout of an id, or no bundle of that name: then it
	// approves none.
	Approve(ctx context.Context, which Approval, at time.Time) (int, error)
	// RemoveScout makes a scout unknown and ends its unfinished orders, or
	// returns ErrNotFound.
	RemoveScout(ctx context.Context, id string, at time.Time) error

	// AddAPIToken stores the hash of a token for the API, or returns
	// ErrNameTaken if a bundle has the name.
	AddAPIToken(ctx context.Context, hash []byte, name string, created, expires time.Time) error
	// APIToken returns the name of the API token with this hash, or
	// ErrNotFound if there is none or it has expired.
	APIToken(ctx context.Context, hash []byte, now time.Time) (string, error)
	// APITokens returns all of them by name, expired ones included.
	APITokens(ctx context.Context) ([]APIToken, error)
	// Revoke ends the API tokens of a name, or the bundle of a name and, if
	// scouts is set, all scouts that came by it.
	Revoke(ctx context.Context, name string, scouts bool, at time.Time) (Revoked, error)
	// Withdrawals returns a count that grows whenever any process removes or
	// approves a scout, or revokes a token.
	Withdrawals(ctx context.Context) (int64, error)

	// AddOrders stores new orders, all or none. With a request it stores that
	// too, and no second order of one job for it; it returns ErrConflict if
	// the request is there with another body.
	AddOrders(ctx context.Context, request *Request, orders []Order) error
	// Request returns the request with a key and its orders, oldest first, or ErrNotFound.
	Request(ctx context.Context, key []byte) (Request, []Order, error)
	// Order returns an order or ErrNotFound.
	Order(ctx context.Context, id string) (Order, error)
	// Orders returns the newest orders, newest first.
	Orders(ctx context.Context, limit int) ([]Order, error)
	// UnfinishedOrders returns orders of a scout that are Pending or Sent, with
	// Seq above after, oldest first.
	UnfinishedOrders(ctx context.Context, scout string, after int64, limit int) ([]Order, error)
	// MarkSent makes Pending orders Sent; it returns the ids of those that
	// are Sent now.
	MarkSent(ctx context.Context, ids []string, at time.Time) (map[string]bool, error)
	// FinishOrder stores the first result of an order of this scout; it
	// returns false if there is no such order or it already has a result.
	FinishOrder(ctx context.Context, scout string, result wire.Result, at time.Time) (bool, error)
	// DueOrders returns the Pending orders whose validity has ended by now.
	DueOrders(ctx context.Context, now time.Time) ([]Order, error)
	// ExpireOrder makes a Pending order Expired; it returns false if the order
	// is not Pending any more.
	ExpireOrder(ctx context.Context, id, reason string, at time.Time) (bool, error)
	// ForgetOld drops what finished, was removed or expired before a time.
	ForgetOld(ctx context.Context, before time.Time) error
	// ForgetRequests drops those made before a time, and all but the newest
	// most.
	ForgetRequests(ctx context.Context, before time.Time, most int) error

	// ServedRevision returns the newest directory revision ever served for a site; 0 for none.
	ServedRevision(ctx context.Context, site string) (uint64, error)
	// SetServedRevision raises it.
	SetServedRevision(ctx context.Context, site string, revision uint64) error

	// Successor returns the public part that has succeeded a site's, or
	// ErrNotFound.
	Successor(ctx context.Context, site string) (directory.Public, error)
	// SetSuccessor stores it; the first one stays.
	SetSuccessor(ctx context.Context, site string, next directory.Public) error

	// Check returns an error if the registry cannot be read.
	Check(ctx context.Context) error
	Close() error
}
