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
// that file, and nothing else, cannot move the scout to another server or
// site: its last field is an HMAC-SHA256 over the bytes of the object without
// that field. A file of an older version, without the field, is accepted once,
// while there is no such key yet. docs/attack-surface.md says what this does
// not prevent.
const (
	bindingKey     = "enrolment"
	bindingKeySize = 32
	bindingContext = "printscout enrolment v1\x00"
	macField       = `,"mac":"`
	macEnd         = `"}`
)

var errNotBound = errors.New("it was not written by this agent")

// withMAC returns an object with its MAC appended.
func withMAC(key, object []byte) []byte {
	out := append(bytes.Clone(object[:len(object)-1]), macField...)
	return append(append(out, macOf(key, object)...), macEnd...)
}

// macOf returns the MAC of an object in hexadecimal.
func macOf(key, object []byte) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(bindingContext))
	h.Write(object)
	return hex.EncodeToString(h.Sum(nil))
}

// splitMAC splits a file into the object that it holds and its MAC, "" if it
// has none.
func splitMAC(file []byte) (object []byte, mac string) {
	const tail = len(macField) + 2*sha256.Size + len(macEnd)
	at := len(file) - tail
	if at < 1 || !bytes.HasPrefix(file[at:], []byte(macField)) || !bytes.HasSuffix(file, []byte(macEnd)) {
		return file, ""
	}
	return append(bytes.Clone(file[:at]), '}'), string(file[at+len(macField) : len(file)-len(macEnd)])
}

// readEnrollment parses a file that this agent wrote. If key is nil, no file
// was bound yet, and any is accepted.
func readEnrollment(file, key []byte) (*enrollment, error) {
	object, mac := splitMAC(file)
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

// bindingKey returns the key that binds the enrollment, nil if none was bound
// yet.
func (m *membership) bindingKey() ([]byte, error) {
	key, err := m.keys.Load(bindingKey)
	if errors.Is(err, keystore.ErrNotFound) {
		return nil, nil
	}
	if err == nil && len(key) != bindingKeySize {
		err = errKeySize
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key of the enrollment: %w", err)
	}
	return key, nil
}

// writeEnrollment writes an enrollment to disk with its MAC. The first time,
// the key is written after the file, so that an interruption in between leaves
// the earlier state.
func (m *membership) writeEnrollment(e *enrollment) error {
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
		key = randomKey()
	}
	if err := durable.WriteFile(m.filePath(enrollmentFile), withMAC(key, object)); err != nil {
		return err
	}
	if first {
		if err := m.keys.Save(bindingKey, key); err != nil {
			return fmt.Errorf("saving the key of the enrollment: %w", err)
		}
	}
	return nil
}
