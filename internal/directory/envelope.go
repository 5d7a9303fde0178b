package directory

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
)

const (
	maxEnvelope    = 4 << 20
	signingContext = "printscout directory v1"
)

// envelope is a signed directory as it is stored and sent, with the statements
// that lead from older keys to the one that signed it.
type envelope struct {
	statement
	Succession []statement `json:"succession,omitempty"`
}

// Check returns the directory in an envelope (at most 4 MiB) if this site signed
// it in this epoch and every entry is valid. The errors wrap ErrFormat,
// ErrSignature or ErrOtherSite. Check does not detect a rollback: see
// Directory.Newer. It does not follow a succession: see Lineage.Accept.
func (p Public) Check(data []byte) (*Directory, error) {
	d, err := p.checkEnvelope(data)
	if err != nil {
		return nil, fmt.Errorf("check directory: %w", err)
	}
	return d, nil
}

func (p Public) checkEnvelope(data []byte) (*Directory, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	e, err := parseEnvelope(data)
	if err != nil {
		return nil, err
	}
	return p.readPayload(e)
}

func parseEnvelope(data []byte) (envelope, error) {
	if len(data) > maxEnvelope {
		return envelope{}, malformed("larger than %d bytes", maxEnvelope)
	}
	var e envelope
	if err := unmarshalStrict(data, &e); err != nil {
		return envelope{}, err
	}
	if len(e.Succession) > maxSuccession {
		return envelope{}, malformed("more than %d statements of succession", maxSuccession)
	}
	for _, s := range append([]statement{e.statement}, e.Succession...) {
		if _, _, err := s.decodeParts(); err != nil {
			return envelope{}, err
		}
	}
	return e, nil
}

// readPayload returns the directory that p itself has signed.
func (p Public) readPayload(e envelope) (*Directory, error) {
	payload, err := p.verifyStatement(e.statement, signingContext)
	if err != nil {
		return nil, err
	}
	var d Directory
	if err := unmarshalStrict(payload, &d); err != nil {
		return nil, err
	}
	if d.Site != p.Fingerprint() || d.Epoch != p.Epoch {
		return nil, fmt.Errorf("%w: %.80q, epoch %d", ErrOtherSite, d.Site, d.Epoch)
	}
	if err := d.validate(); err != nil {
		return nil, err
	}
	return &d, nil
}

// signer is what a directory is signed with.
type signer struct {
	key        ed25519.PrivateKey
	public     Public
	succession []statement
}

// signDirectory returns the envelope of d, and d as its readers will see it.
func (s signer) signDirectory(d *Directory) ([]byte, *Directory, error) {
	payload, err := json.Marshal(d)
	if err != nil {
		return nil, nil, fmt.Errorf("encode directory: %w", err)
	}
	data, err := json.Marshal(envelope{signStatement(s.key, signingContext, payload), s.succession})
	if err != nil {
		return nil, nil, fmt.Errorf("encode envelope: %w", err)
	}
	checked, err := s.public.Check(data)
	if err != nil {
		return nil, nil, err
	}
	return data, checked, nil
}
