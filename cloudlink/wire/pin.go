package wire

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
)

const pinPrefix = "sha256:"

// Pin returns how a certificate's key is named in a bundle: "sha256:" and the
// base64 (standard, padded) SHA-256 of its DER SubjectPublicKeyInfo.
func Pin(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return pinPrefix + base64.StdEncoding.EncodeToString(sum[:])
}

// CheckPin returns an error unless a pin is empty or well formed.
func CheckPin(pin string) error {
	if pin == "" {
		return nil
	}
	coded, ok := strings.CutPrefix(pin, pinPrefix)
	sum, err := base64.StdEncoding.Strict().DecodeString(coded)
	if !ok || err != nil || len(sum) != sha256.Size {
		return errors.New("the pin is not sha256: and 32 bytes in base64")
	}
	return nil
}
