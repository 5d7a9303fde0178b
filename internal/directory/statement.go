package directory

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
)

const formatVersion = 1

// statement is a payload and the signature of a site over it.
type statement struct {
	Version   int    `json:"v"`
	Payload   string `json:"payload"`
	Signature string `json:"signature"`
}

// signStatement signs a payload in a context.
func signStatement(key ed25519.PrivateKey, context string, payload []byte) statement {
	return statement{
		Version:   formatVersion,
		Payload:   base64.StdEncoding.EncodeToString(payload),
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(key, signedBytes(context, payload))),
	}
}

// signedBytes returns what is signed: the payload, preceded by its context, so
// that a signature is valid in one context only.
func signedBytes(context string, payload []byte) []byte {
	out := make([]byte, 0, len(context)+1+len(payload))
	out = append(out, context...)
	out = append(out, 0)
	return append(out, payload...)
}

// decodeParts decodes a statement without parsing its payload.
func (s statement) decodeParts() (payload, signature []byte, err error) {
	if s.Version != formatVersion {
		return nil, nil, malformed("version %d, and only version %d is known", s.Version, formatVersion)
	}
	if payload, err = decodeBase64(s.Payload); err != nil {
		return nil, nil, malformed("payload: %w", err)
	}
	signature, err = decodeBase64(s.Signature)
	if err != nil || len(signature) != ed25519.SignatureSize {
		return nil, nil, malformed("signature is not %d bytes in base64", ed25519.SignatureSize)
	}
	return payload, signature, nil
}

// verifyStatement returns the payload if its signature is valid.
func (p Public) verifyStatement(s statement, context string) ([]byte, error) {
	payload, signature, err := s.decodeParts()
	if err != nil {
		return nil, err
	}
	if !ed25519.Verify(p.Sign, signedBytes(context, payload), signature) {
		return nil, fmt.Errorf("%w, or changed on its way", ErrSignature)
	}
	return payload, nil
}
