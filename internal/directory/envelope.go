package directory

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

const (
	maxEnvelope    = 4 << 20
	formatVersion  = 1
	signingContext = "printscout directory v1"
)

// envelope is a signed directory as it is stored and sent.
type envelope struct {
	Version   int    `json:"v"`
	Payload   string `json:"payload"`
	Signature string `json:"signature"`
}

// Check gives the directory in an envelope (at most 4 MiB) if this site signed
// it and every entry is valid. The errors wrap ErrFormat, ErrSignature or
// ErrOtherSite. Check does not know what came before: see Directory.Newer.
func (p Public) Check(data []byte) (*Directory, error) {
	d, err := p.check(data)
	if err != nil {
		return nil, fmt.Errorf("check directory: %w", err)
	}
	return d, nil
}

func (p Public) check(data []byte) (*Directory, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	payload, err := p.verified(data)
	if err != nil {
		return nil, err
	}
	var d Directory
	if err := unmarshal(payload, &d); err != nil {
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

// verified gives the payload, unread, once its signature holds.
func (p Public) verified(data []byte) ([]byte, error) {
	if len(data) > maxEnvelope {
		return nil, malformed("larger than %d bytes", maxEnvelope)
	}
	var e envelope
	if err := unmarshal(data, &e); err != nil {
		return nil, err
	}
	if e.Version != formatVersion {
		return nil, malformed("version %d, and only version %d is known", e.Version, formatVersion)
	}
	payload, err := decode64(e.Payload)
	if err != nil {
		return nil, malformed("payload: %w", err)
	}
	signature, err := decode64(e.Signature)
	if err != nil || len(signature) != ed25519.SignatureSize {
		return nil, malformed("signature is not %d bytes in base64", ed25519.SignatureSize)
	}
	if !ed25519.Verify(p.Sign, signedBytes(signingContext, payload), signature) {
		return nil, fmt.Errorf("%w, or changed on its way", ErrSignature)
	}
	return payload, nil
}

// signedBytes sets directories apart from whatever else a site's key may sign.
func signedBytes(context string, payload []byte) []byte {
	out := make([]byte, 0, len(context)+1+len(payload))
	out = append(out, context...)
	out = append(out, 0)
	return append(out, payload...)
}

// sign makes the envelope of d, and d as its readers will see it.
func sign(key ed25519.PrivateKey, public Public, d *Directory) ([]byte, *Directory, error) {
	payload, err := json.Marshal(d)
	if err != nil {
		return nil, nil, fmt.Errorf("encode directory: %w", err)
	}
	data, err := seal(key, signingContext, payload)
	if err != nil {
		return nil, nil, err
	}
	checked, err := public.Check(data)
	if err != nil {
		return nil, nil, err
	}
	return data, checked, nil
}

func seal(key ed25519.PrivateKey, context string, payload []byte) ([]byte, error) {
	data, err := json.Marshal(envelope{
		Version:   formatVersion,
		Payload:   base64.StdEncoding.EncodeToString(payload),
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(key, signedBytes(context, payload))),
	})
	if err != nil {
		return nil, fmt.Errorf("encode envelope: %w", err)
	}
	return data, nil
}
