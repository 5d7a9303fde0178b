package scout

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/printscout/printscout/internal/durable"
	"github.com/printscout/printscout/vault/keystore"
)

// enrolment.json is bound to a key of the keystore, so that whoever can write
// that file, and no more, cannot lead the scout to another server or site: its
// last field is an HMAC-SHA256 over the bytes of the object without that field.
// A file without it, of an older version, is taken once, while there is no such
// key yet. docs/attack-surface.md says what that does not keep out.
const (
	bindingKey     = "enrolment"
	bindingKeySize = 32
	bindingContext = "printscout enrolment v1\x00"
	macField       = `,"mac":"`
	macEnd         = `"}`
)

var errNotBound = errors.New("it was not written by this agent")

// bound returns an object with its MAC.
func bound(key, object []byte) []byte {
	out := append(bytes.Clone(object[:len(object)-1]), macField...)
	return append(append(out, macOf(key, object)...), macEnd...)
}

func macOf(key, object []byte) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(bindingContext))
	h.Write(object)
	return hex.EncodeToString(h.Sum(nil))
}

// unbound returns the object that a file holds, and its MAC, "" if it has none.
func unbound(file []byte) (object []byte, mac string) {
	const tail = len(macField) + 2*sha256.Size + len(macEnd)
	at := len(file) - tail
	if at < 1 || !bytes.HasPrefix(file[at:], []byte(macField)) || !bytes.HasSuffix(file, []byte(macEnd)) {
		return file, ""
	}
	return append(bytes.Clone(file[:at]), '}'), string(file[at+len(macField) : len(file)-len(macEnd)])
}

// readEnrollment takes a file that this agent wrote, or any where key is nil:
// none was bound yet.
func readEnrollment(file, key []byte) (*enrollment, error) {
	object, mac := unbound(file)
	if key != nil && !hmac.Equal([]byte(mac), []byte(macOf(key, object))) {
		return nil, errNotBound
	}
	e := new(enrollment)
	if err := json.Unmarshal(object, e); err != nil {
		return nil, err
	}
	if e.Scout == "" || e.Server == "" || e.Site.Validate() != nil {
		return nil, errBroken
	}
	return e, nil
}

// bindingKey is nil where nothing was bound yet.
func (m *membership) bindingKey() ([]byte, error) {
	key, err := m.keys.Load(bindingKey)
	if errors.Is(err, keystore.ErrNotFound) {
		return nil, nil
	}
	if err == nil && len(key) != bindingKeySize {
		err = errKeySize
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key of the enrolment: %w", err)
	}
	return key, nil
}

// write puts an enrollment on disk, bound. The first time, the key follows the
// file: what was cut short in between is as it was before.
func (m *membership) write(e *enrollment) error {
	object, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("writing %s: %w", enrollmentFile, err)
	}
	key, err := m.bindingKey()
	if err != nil {
		return err
	}
	first := key == nil
	if first {
		key = random(bindingKeySize)
	}
	if err := durable.WriteFile(m.path(enrollmentFile), bound(key, object)); err != nil {
		return err
	}
	if first {
		if err := m.keys.Save(bindingKey, key); err != nil {
			return fmt.Errorf("keeping the key of the enrolment: %w", err)
		}
	}
	return nil
}
