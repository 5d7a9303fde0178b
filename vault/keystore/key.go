package keystore

import (
	"crypto/rand"
	"fmt"
	"io"
)

// KeySize is the size of a Key, in bytes.
const KeySize = 32

// Key is a key that seals the secrets of a store. It prints as a word, never as
// its bytes.
type Key [KeySize]byte

func newKey() (k Key) {
	rand.Read(k[:]) // never fails: crypto/rand
	return k
}

// Format keeps the key out of every verb of package fmt.
func (Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "key") }

// MarshalText keeps the key out of JSON and of logs.
func (Key) MarshalText() ([]byte, error) { return []byte("key"), nil }

// Holder is a part of the system that keeps one key for us.
type Holder interface {
	// Keys returns the key to seal under, followed by former ones that still
	// open. It returns ErrNoKey if there is none, and an error that wraps
	// ErrUnusable if secrets may be stored in plain files instead.
	Keys() ([]Key, error)
	// Keep has the system keep a new key. Keys is called again afterwards; the
	// store uses what that returns.
	Keep(Key) error
	// How returns the word for how secrets are stored under this key.
	How() How
}
