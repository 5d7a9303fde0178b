package vault

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
)

// PrivateKey is an X25519 key pair to which job keys are wrapped. It prints as
// its key id, never as its secret.
type PrivateKey struct {
	pair   hpke.PrivateKey
	secret []byte
	public []byte
}

// GenerateKey makes a random key pair.
func GenerateKey() (*PrivateKey, error) {
	pair, err := kem().GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("generating wrap key: %w", err)
	}
	return newPrivateKey(pair)
}

// ParsePrivateKey reads the 32 bytes that Bytes returned.
func ParsePrivateKey(b []byte) (*PrivateKey, error) {
	pair, err := kem().NewPrivateKey(b)
	if err != nil {
		return nil, fmt.Errorf("reading wrap key: %w", err)
	}
	return newPrivateKey(pair)
}

func newPrivateKey(pair hpke.PrivateKey) (*PrivateKey, error) {
	secret, err := pair.Bytes()
	if err != nil {
		return nil, fmt.Errorf("reading wrap key: %w", err)
	}
	return &PrivateKey{pair: pair, secret: secret, public: pair.PublicKey().Bytes()}, nil
}

// Bytes returns the secret, 32 bytes. It belongs in a keystore and nowhere else.
func (k *PrivateKey) Bytes() []byte { return slices.Clone(k.secret) }

// Public returns the public key, 32 bytes.
func (k *PrivateKey) Public() []byte { return slices.Clone(k.public) }

func (k PrivateKey) String() string {
	id := keyID(k.public)
	return "wrap key " + hex.EncodeToString(id[:])
}

// Format keeps the secret out of every verb of package fmt.
func (k PrivateKey) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, k.String()) }

// RecipientKind is the kind of holder that a recipient's key has.
type RecipientKind byte

// The kinds of recipient.
const (
	RecipientScout  RecipientKind = 1 // the agent on a computer
	RecipientSite   RecipientKind = 2 // the site, for copies that other scouts may print
	RecipientPerson RecipientKind = 3 // the person who printed
)

// Recipient is a public key (X25519, 32 bytes) that a job is sealed to.
type Recipient struct {
	Kind   RecipientKind
	Public []byte
}

func keyID(public []byte) [keyIDSize]byte {
	sum := sha256.Sum256(public)
	return [keyIDSize]byte(sum[:keyIDSize])
}

func kem() hpke.KEM { return hpke.DHKEM(ecdh.X25519()) }
