package cloud

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// keptIn returns every file of a server's data folder by its name; registry.db
// and, while the server runs, its write-ahead log must be among them.
func keptIn(t *testing.T, data string, running bool) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		all[strings.TrimPrefix(path, data)] = b
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/" + registryFile, "/" + registryFile + "-wal"} {
		if _, ok := all[filepath.FromSlash(name)]; !ok && (running || !strings.HasSuffix(name, "-wal")) {
			t.Errorf("there is no %s", name)
		}
	}
	return all
}

// findBytes reports whether a file has these bytes.
func findBytes(all map[string][]byte, secret []byte) (name string, ok bool) {
	for name, b := range all {
		if bytes.Contains(b, secret) {
			return name, true
		}
	}
	return "", false
}

// encodings are the ways in which bytes may be written down.
func encodings(secret []byte) map[string][]byte {
	return map[string][]byte{
		"raw":         secret,
		"lower case":  bytes.ToLower(secret),
		"hex":         []byte(hex.EncodeToString(secret)),
		"HEX":         []byte(strings.ToUpper(hex.EncodeToString(secret))),
		"base64":      []byte(base64.RawStdEncoding.EncodeToString(secret)[:len(secret)*4/3]),
		"base64 url":  []byte(base64.RawURLEncoding.EncodeToString(secret)[:len(secret)*4/3]),
		"base64 at 1": []byte(base64.RawStdEncoding.EncodeToString(append([]byte(" "), secret...))[2 : len(secret)*4/3]),
		"base64 at 2": []byte(base64.RawStdEncoding.EncodeToString(append([]byte("  "), secret...))[3 : len(secret)*4/3]),
	}
}

// TestTokensAreKeptAsHashes makes tokens of every kind, uses some, and looks
// for them in the server's files; then it tries what is there as a token.
func TestTokensAreKeptAsHashes(t *testing.T) {
	data := t.TempDir()
	f := startServer(t, data)
	i := newIdentity(t)
	bundle, err := f.server.Bundle(t.Context(), "https://"+f.addr, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := f.call("POST", "/v1/enroll", i.enrollRequest(bundle.Token)); status != http.StatusOK {
		t.Fatalf("status %d, %s", status, body)
	}
	unused, err := f.server.Bundle(t.Context(), "https://"+f.addr, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	revoked, err := f.server.APIToken(t.Context(), "revoked")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := f.server.registry.Revoke(t.Context(), "revoked", false, f.clock.Now()); err != nil || n.Tokens != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	f.connectScout(f.enrollScout(), parkedJob("a"))
	f.releaseWithKey("a-key", `{"jobs":["a"],"printer":"demo"}`)
	s := f.connectScout(f.enrollScout(), parkedJob("b"))
	tokens := map[string]string{"used bundle": bundle.Token, "bundle": unused.Token, "API token": f.token, "revoked API token": revoked, "session": s.Session}
	search := func(running bool) {
		all := keptIn(t, data, running)
		for what, token := range tokens {
			for form, secret := range encodings([]byte(token)) {
				if name, ok := findBytes(all, secret); ok {
					t.Errorf("%s (%s) is in %s", what, form, name)
				}
			}
		}
		for _, what := range []string{"bundle", "API token"} {
			if _, ok := findBytes(all, tokenHash(tokens[what])); !ok {
				t.Errorf("the hash of the %s is not found either: the search does not look where tokens are", what)
			}
		}
	}
	search(true)
	for form, stolen := range encodings(tokenHash(f.token)) {
		if status := f.statusWithToken(stolen); form != "raw" && status != http.StatusUnauthorized {
			t.Errorf("with the hash of the API token (%s): status %d", form, status)
		}
	}
	for form, stolen := range encodings(tokenHash(unused.Token)) {
		if status, _ := f.call("POST", "/v1/enroll", newIdentity(t).enrollRequest(string(stolen))); status == http.StatusOK {
			t.Errorf("with the hash of the bundle's token (%s): status %d", form, status)
		}
	}
	f.stop()
	search(false)
}

// statusWithToken asks the API with another token.
func (f *fixture) statusWithToken(token []byte) int {
	f.t.Helper()
	if bytes.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' }) {
		return http.StatusUnauthorized // no header can have it
	}
	own := f.token
	defer func() { f.token = own }()
	f.token = string(token)
	status, _ := f.call("GET", "/v1/jobs", nil)
	return status
}

// TestPINOfARepeatedRequestCannotBeGuessed takes the thief's part, who has the
// data folder and tries the right PIN.
func TestPINOfARepeatedRequestCannotBeGuessed(t *testing.T) {
	data := t.TempDir()
	f := startServer(t, data)
	f.connectScout(f.enrollScout(), parkedJob("a"))
	const pin, body = "8150-geheim", `{"jobs":["a"],"printer":"demo","pin":"8150-geheim"}`
	if status, answer := f.releaseWithKey("a-key", body); status != http.StatusAccepted {
		t.Fatalf("status %d, %s", status, answer)
	}
	var key, kept []byte
	if err := f.server.registry.(*sqlite).reader.db.QueryRow(`SELECT key, body FROM requests`).Scan(&key, &kept); err != nil {
		t.Fatal(err)
	}
	mac := func(key []byte, of string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(of))
		return h.Sum(nil)
	}
	if !bytes.Equal(kept, mac([]byte(f.token), body)) {
		t.Error("the registry does not keep the HMAC under the token")
	}
	plain := func(of string) []byte {
		sum := sha256.Sum256([]byte(of))
		return sum[:]
	}
	guesses := map[string][]byte{
		"the PIN": []byte(pin), "the body": []byte(body), "SHA-256 of the PIN": plain(pin), "SHA-256 of the body": plain(body),
		"an HMAC under another token": mac([]byte(strings.Repeat("A", len(f.token))), body), "an HMAC under nothing": mac(nil, body),
		"an HMAC under the token's hash": mac(tokenHash(f.token), body), "an HMAC under its hex": mac([]byte(hex.EncodeToString(tokenHash(f.token))), body),
		"an HMAC under the request's key": mac(key, body), "an HMAC under the Idempotency-Key": mac([]byte("a-key"), body),
	}
	for _, running := range []bool{true, false} {
		all := keptIn(t, data, running)
		if _, ok := findBytes(all, kept); !ok {
			t.Error("the search does not look where requests are")
		}
		for what, guess := range guesses {
			for form, secret := range encodings(guess) {
				if name, ok := findBytes(all, secret); ok {
					t.Errorf("%s (%s) is in %s", what, form, name)
				}
			}
		}
		f.stop()
	}
}
