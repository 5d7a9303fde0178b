package cloud

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net/http"
	"time"
)

const (
	maxKey = 128 // characters of an Idempotency-Key

	// Requests with an Idempotency-Key are remembered for this long, and only
	// the newest ones.
	requestsFor  = 24 * time.Hour
	requestsMost = 200_000
)

var errOtherRequest = refusal{http.StatusConflict, "another request had this Idempotency-Key", "make a new key for each request; keep it only to repeat the same one"}

// requestOf returns the request with its Idempotency-Key; nil if it has none.
// The hash of the body is keyed by the token, which the registry does not
// have: a PIN in the body is too short for a plain hash.
func (s *Server) requestOf(r *http.Request, body []byte) (*Request, error) {
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) == 0 {
		return nil, nil
	}
	if len(keys) > 1 || !isKey(keys[0]) {
		return nil, refusal{http.StatusBadRequest, "the Idempotency-Key is not one of 1 to 128 printable ASCII characters", "a new UUID for each request will do"}
	}
	token := bearerToken(r)
	sum := hmac.New(sha256.New, []byte(token))
	sum.Write(body)
	return &Request{Key: tokenHash(token + "\x00" + keys[0]), Body: sum.Sum(nil), Created: s.cfg.Now()}, nil
}

// isKey reports whether text may be an Idempotency-Key.
func isKey(text string) bool {
	if len(text) == 0 || len(text) > maxKey {
		return false
	}
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// repeatedOrders returns the orders that the same request has made before, and
// sets Complete if those were all of them.
func (s *Server) repeatedOrders(ctx context.Context, named *Request) ([]Order, error) {
	before, made, err := s.registry.Request(ctx, named.Key)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case !hmac.Equal(before.Body, named.Body):
		return nil, errOtherRequest
	}
	named.Complete = before.Complete
	return made, nil
}
