package snmp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Keys are passphrases of users of version 3, by the user's name.
type Keys map[string]Passphrases

// Passphrases are those of one user, of 8 to 255 bytes each (RFC 3414, 11.2).
type Passphrases struct {
	Auth string `json:"auth"`
	Priv string `json:"priv"`
}

// String shows none of them, so that none gets into a log.
func (Passphrases) String() string { return "(passphrases)" }

// GoString is like String.
func (p Passphrases) GoString() string { return p.String() }

// maxKeysFile is more than a thousand users need, in bytes.
const maxKeysFile = 1 << 20

// ErrKeys is why a file of keys is not used. It never contains a passphrase.
var ErrKeys = errors.New("unusable file of snmp keys")

// LoadKeys reads a file of keys: docs/snmp.md, Keys. It refuses a file that
// others may read, that is not a regular file, has more than 1 MiB or anything
// unknown in it, by an error of kind ErrKeys.
func LoadKeys(path string) (Keys, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is not a regular file", ErrKeys, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	defer f.Close()
	if err := checkPrivate(f); err != nil {
		return nil, fmt.Errorf("%w: %s %w", ErrKeys, path, err)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxKeysFile+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	k, err := parseKeys(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %s %w", ErrKeys, path, err)
	}
	return k, nil
}

// errForm leaves out the parser's message, which may quote the file.
var errForm = errors.New(`is not of the form {"USER": {"auth": "…", "priv": "…"}}`)

func parseKeys(raw []byte) (Keys, error) {
	if len(raw) > maxKeysFile {
		return nil, fmt.Errorf("has more than %d bytes", maxKeysFile)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var k Keys
	if d.Decode(&k) != nil || k == nil {
		return nil, errForm
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errForm
	}
	for user, p := range k {
		switch {
		case user == "" || len(user) > maxUser:
			return nil, fmt.Errorf("names a user that does not have 1 to %d bytes", maxUser)
		case !keyFits(p.Auth) || !keyFits(p.Priv):
			return nil, fmt.Errorf("does not have both passphrases, of %d to %d bytes, for user %q", minKey, maxKey, user)
		}
	}
	return k, nil
}
