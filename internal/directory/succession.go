package directory

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	successionContext = "printscout succession v1"
	maxSuccession     = 64
)

// succession is the payload of a statement by which the key of one epoch names
// the public part of the next.
type succession struct {
	Site   string    `json:"site"`
	Epoch  uint32    `json:"epoch"`
	Issued time.Time `json:"issued"`
	Next   Public    `json:"next"`
}

// signSuccession returns a statement by which the key of p names next.
func (p Public) signSuccession(key ed25519.PrivateKey, next Public, now time.Time) (statement, error) {
	payload, err := json.Marshal(succession{Site: p.Fingerprint(), Epoch: p.Epoch, Issued: now, Next: next})
	if err != nil {
		return statement{}, fmt.Errorf("encode succession: %w", err)
	}
	s := signStatement(key, successionContext, payload)
	_, err = p.verifySuccession(s)
	return s, err
}

// verifySuccession returns the succession in a statement that p's own key signed.
// The errors wrap ErrSignature, ErrOtherSite or ErrFormat.
func (p Public) verifySuccession(s statement) (succession, error) {
	payload, err := p.verifyStatement(s, successionContext)
	if err != nil {
		return succession{}, err
	}
	var n succession
	if err := unmarshalStrict(payload, &n); err != nil {
		return succession{}, err
	}
	if n.Site != p.Fingerprint() || n.Epoch != p.Epoch {
		return succession{}, fmt.Errorf("%w: %.80q, epoch %d, in a succession", ErrOtherSite, n.Site, n.Epoch)
	}
	return n, p.checkNext(n)
}

func (p Public) checkNext(n succession) error {
	switch {
	case n.Issued.IsZero() || n.Issued.Nanosecond() != 0:
		return malformed("no time of issue in whole seconds")
	case p.Epoch == math.MaxUint32 || n.Next.Epoch != p.Epoch+1:
		return malformed("epoch %d after %d", n.Next.Epoch, p.Epoch)
	case bytes.Equal(n.Next.Sign, p.Sign) || bytes.Equal(n.Next.Wrap, p.Wrap):
		return malformed("epoch %d keeps a key of epoch %d", n.Next.Epoch, p.Epoch)
	}
	return n.Next.Validate()
}

// followSuccession returns the newest public part that a succession leads to from
// p. left has the public parts on the way there, p first; it is empty if the
// succession leads nowhere.
func (p Public) followSuccession(statements []statement) (now Public, left []Public, err error) {
	if len(statements) > maxSuccession {
		return p, nil, malformed("more than %d statements of succession", maxSuccession)
	}
	now = p
	for i, s := range statements {
		n, err := now.verifySuccession(s)
		if errors.Is(err, ErrSignature) && len(left) == 0 {
			continue // from before p's epoch
		}
		if err != nil {
			return p, nil, fmt.Errorf("statement %d of the succession: %w", i+1, err)
		}
		left, now = append(left, now), n.Next
	}
	return now, left, nil
}
