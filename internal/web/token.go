package web

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
)

// NewToken returns a random token of that many bits, rounded up to bytes, in
// letters that need no escaping in an address or a cookie.
func NewToken(bits int) string {
	b := make([]byte, (bits+7)/8)
	rand.Read(b) // never fails: crypto/rand
	return base64.RawURLEncoding.EncodeToString(b)
}

// SameToken reports whether a token is the one that is wanted. How long that
// takes does not tell how much of it is right. No token is the empty one.
func SameToken(got, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}
