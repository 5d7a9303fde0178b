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

// goldenPassword is what goldenSecrets spells: it opens testdata/site-v1.
const goldenPassword = "01234-56789-ABCDE-FGHJK-MNPQR-STVWX"

// goldenSecrets are new for each call, since making a site clears the root.
func goldenSecrets() secrets {
	password := make([]byte, passwordLength)
	for i := range password {
		password[i] = byte(i)
	}
	return secrets{
		root:     bytes.Repeat([]byte{0x42}, rootSize),
		salt:     bytes.Repeat([]byte{0x17}, saltSize),
		nonce:    bytes.Repeat([]byte{0x2a}, nonceSize),
		password: password,
	}
}

// newTestSite makes a site that opens fast; each has other keys.
func newTestSite(t testing.TB) *Site {
	t.Helper()
	return newTestSiteOf(t, newSecrets())
}

func newTestSiteOf(t testing.TB, sec secrets) *Site {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "site")
	s, _, err := createSite(folder{path: dir}, "Example", testTime, sec, minWrapCount)
	if err != nil {
		t.Fatal(err)
	}
	return s
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

// signed signs any payload as s would, for what s itself refuses to sign.
func signed(t testing.TB, s *Site, payload []byte) []byte {
	t.Helper()
	data, err := seal(s.key, signingContext, payload)
	if err != nil {
		t.Fatal(err)
	}
	return data
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
