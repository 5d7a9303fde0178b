package directory

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var testTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// goldenPassword is what goldenSecrets spells: it opens testdata/sites/v2.
const goldenPassword = "abandon best clever divert fence heart legend network present satisfy stand truth"

// goldenSecrets returns new slices for each call, since making a site clears the
// root.
func goldenSecrets() secrets {
	var password []byte
	for i := range passwordWords {
		password = append(password, byte(170*i>>8), byte(170*i))
	}
	return secrets{bytes.Repeat([]byte{0x42}, rootSize), testWrapping(spellPassword(password), 0x17)}
}

// goldenRotation returns the secrets of testdata/sites/v2-epoch-2.
func goldenRotation() rotation {
	return rotation{secrets{bytes.Repeat([]byte{0x43}, rootSize), testWrapping(goldenPassword, 0x18)}, bytes.Repeat([]byte{0x2c}, nonceSize)}
}

// testWrapping returns a wrapping that opens fast, with a known salt and nonce.
func testWrapping(password string, seed byte) wrapping {
	return wrapping{password, minWrapCount, bytes.Repeat([]byte{seed}, saltSize), bytes.Repeat([]byte{seed + 0x13}, nonceSize)}
}

// newTestSite makes a site that opens fast; each has other keys.
func newTestSite(t testing.TB) *Site {
	t.Helper()
	return newTestSiteOf(t, fastSecrets())
}

func fastSecrets() secrets {
	sec := newSecrets()
	sec.wrap.count = minWrapCount
	return sec
}

func newTestSiteOf(t testing.TB, sec secrets) *Site {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "site")
	s, _, err := createSite(folder{path: dir}, "Example", testTime, sec)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rotateRoot rotates the root of a site whose password is goldenPassword.
func rotateRoot(t testing.TB, s *Site) *Site {
	t.Helper()
	sec := newRotation(goldenPassword)
	sec.wrap.count = minWrapCount
	next, err := s.folder.rotateRoot(sec, testTime.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func deskPrinter() Printer {
	p := NewPrinter("Front desk", []string{"ipp://10.0.0.9/ipp/print", "ipps://10.0.0.9/ipp/print"}, PinOf([]byte("key")), "")
	p.ID = "desk"
	p.Location = "Ground floor"
	p.Formats = []string{"application/pdf"}
	return p
}

func mustAdd(t testing.TB, s *Site, p Printer) {
	t.Helper()
	if err := s.AddPrinter(p, testTime); err != nil {
		t.Fatal(err)
	}
}

func envelopeOf(t testing.TB, s *Site) []byte {
	t.Helper()
	_, data, err := LoadDirectory(s.folder.path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// signPayload signs any payload with the key of s, even one that s would refuse.
func signPayload(t testing.TB, s *Site, payload []byte) []byte {
	t.Helper()
	return toJSON(t, envelope{signStatement(s.key, signingContext, payload), s.succession})
}

func toJSON(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readFile(t testing.TB, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeFile(t testing.TB, data []byte, elem ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(elem...), data, 0o600); err != nil {
		t.Fatal(err)
	}
}
