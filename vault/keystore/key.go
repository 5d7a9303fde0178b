package keystore

import (
	"crypto/rand"
	"fmt"
	"io"
)

// KeySize is the size of a Key, in bytes.
const KeySize = 32

// Key is what the secrets of a store are sealed under. It prints as a word,
// never as its bytes.
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
	// Keys are the key to seal under, and behind it former ones that still
	// open. It gives ErrNoKey if there is none, an error that wraps
	// ErrUnusable if secrets may rest in plain files instead.
	Keys() ([]Key, error)
	// Keep has the system keep a new key. Keys is asked once more after it,
	// and what that says counts.
	Keep(Key) error
	// How is the word for what rests under it.
	How() How
}
