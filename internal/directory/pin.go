package directory

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

const pinPrefix = "sha256:"

// PinOf returns the pin of a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7):
// RawSubjectPublicKeyInfo in crypto/x509.
func PinOf(spki []byte) string {
	sum := sha256.Sum256(spki)
	return pinPrefix + base64.StdEncoding.EncodeToString(sum[:])
}

// PinMatches reports whether spki is the key that p is pinned to. It compares in
// constant time. A printer without a pin matches no key.
func (p Printer) PinMatches(spki []byte) bool {
	if p.Pin == "" || len(spki) == 0 {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(PinOf(spki)), []byte(p.Pin)) == 1
}

func checkPin(pin string) error {
	encoded, ok := strings.CutPrefix(pin, pinPrefix)
	if !ok {
		return malformed("pin does not start with %q", pinPrefix)
	}
	sum, err := decodeBase64(encoded)
	if err != nil {
		return malformed("pin: %w", err)
	}
	if len(sum) != sha256.Size {
		return malformed("pin of %d bytes instead of %d", len(sum), sha256.Size)
	}
	return nil
}
