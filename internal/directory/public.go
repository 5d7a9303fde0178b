package directory

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// wrapKeySize is the size in bytes of an X25519 key, public or private (RFC 7748 §5).
const wrapKeySize = 32

// Fingerprint returns the fingerprint of the site's keys: "psf1:" and 52
// characters. It depends on the epoch and the keys, not on the site's name.
func (p Public) Fingerprint() string {
	sum := sha256.Sum256(frameFields("printscout site v1 public", u32(p.Epoch), p.Sign, p.Wrap))
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
	return "psf1:" + strings.ToLower(text)
}

// Validate returns ErrFormat for a public part that cannot be of any site. Only
// its fingerprint tells whether it is of the right one.
func (p Public) Validate() error {
	if err := checkName("name of the site", p.Name); err != nil {
		return err
	}
	if p.Epoch == 0 {
		return malformed("epoch 0")
	}
	if len(p.Sign) != ed25519.PublicKeySize {
		return malformed("signing key of %d bytes instead of %d", len(p.Sign), ed25519.PublicKeySize)
	}
	return checkWrapKey(p.Wrap)
}

// checkWrapKey also refuses keys of low order: anyone could open what is sealed to
// such a key.
func checkWrapKey(key []byte) error {
	if len(key) != wrapKeySize {
		return malformed("wrap key of %d bytes instead of %d", len(key), wrapKeySize)
	}
	public, err := ecdh.X25519().NewPublicKey(key)
	if err != nil {
		return malformed("wrap key: %w", err)
	}
	// Any scalar will do: it is a multiple of 8, so a point of low order gives
	// zero, which ECDH reports.
	probe, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte{1}, wrapKeySize))
	if err != nil {
		return malformed("wrap key: %w", err)
	}
	if _, err := probe.ECDH(public); err != nil {
		return malformed("wrap key of low order")
	}
	return nil
}

func (p Public) equal(other Public) bool {
	return p.Name == other.Name && p.Fingerprint() == other.Fingerprint()
}
