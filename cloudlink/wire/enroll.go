package wire

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	wrapKeySize = 32 // X25519, RFC 7748 §5
	maxName     = 64
)

// Validate returns why the server must refuse an enrollment, whatever its
// token.
func (r EnrollRequest) Validate() error {
	if len(r.Sign) != ed25519.PublicKeySize || len(r.Wrap) != wrapKeySize {
		return errors.New("the scout's keys do not have the size of keys")
	}
	if r.Name == "" || len(r.Name) > maxName || !utf8.ValidString(r.Name) || strings.ContainsFunc(r.Name, unicode.IsControl) {
		return fmt.Errorf("the scout's name is not one line of 1 to %d bytes", maxName)
	}
	return errors.Join(checkText("version", r.Version, 0, maxVersion), checkText("token", r.Token, 1, maxSession))
}

// Validate reports whether the reply holds an id that a scout can have.
func (r EnrollReply) Validate() error { return checkID("scout", r.Scout) }
