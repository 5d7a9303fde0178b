package snmp

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func keysFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return name
}

const goodKeys = `{"scout": {"auth": "authauthauth", "priv": "privprivpriv"}}`

func TestKeysAreLoaded(t *testing.T) {
	k, err := LoadKeys(keysFile(t, goodKeys, 0o600))
	if err != nil || len(k) != 1 || k["scout"] != (Passphrases{"authauthauth", "privprivpriv"}) {
		t.Fatal(err, len(k))
	}
	if s := fmt.Sprintf("%v %+v %#v %s", k, k, k, k["scout"]); strings.Contains(s, "authauth") || strings.Contains(s, "privpriv") {
		t.Errorf("passphrases are shown: %s", s)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":       "",
		"no object":     `["secretsecret"]`,
		"null":          `null`,
		"unknown field": `{"scout": {"auth": "secretsecret", "priv": "secretsecret", "pin": "secretsecret"}}`,
		"a number":      `{"scout": {"auth": 12345678, "priv": "secretsecret"}}`,
		"one alone":     `{"scout": {"auth": "secretsecret"}}`,
		"short":         `{"scout": {"auth": "secretsecret", "priv": "secret1"}}`,
		"long":          `{"scout": {"auth": "secretsecret", "priv": "` + strings.Repeat("x", 256) + `"}}`,
		"no name":       `{"": {"auth": "secretsecret", "priv": "secretsecret"}}`,
		"long name":     `{"` + strings.Repeat("u", 33) + `": {"auth": "secretsecret", "priv": "secretsecret"}}`,
		"something on":  goodKeys + goodKeys,
		"huge":          goodKeys + strings.Repeat(" ", maxKeysFile),
	} {
		_, err := LoadKeys(keysFile(t, text, 0o600))
		if !errors.Is(err, ErrKeys) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "12345678") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := LoadKeys(t.TempDir()); !errors.Is(err, ErrKeys) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := LoadKeys(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("nothing there: %v", err)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add([]byte(goodKeys))
	f.Add([]byte(`{"scout": {"auth": "authauthauth", "priv": "privprivpriv", "x": 1}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		k, err := parseKeys(raw)
		if err != nil {
			return
		}
		for user, p := range k {
			if err := (Access{Version: "3", User: user, AuthKey: p.Auth, PrivKey: p.Priv}).Check(); err != nil {
				t.Errorf("taken, and of no use: %v", err)
			}
		}
	})
}
