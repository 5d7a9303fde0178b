//go:build unix

package keystore

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// security stands in for security(1) of macOS. It stores its item and its arguments
// in files of the folder %s.
const security = `#!/bin/sh
cd '%s' || exit 1
echo "$@" >>arguments
[ -e fails ] && { echo "security: $(cat) failed" >&2; exit "$(cat fails)"; }
if [ "$*" = -i ]; then
	read -r command s service a account w key path
	[ "$command $s $service $a $account $w" = 'add-generic-password -s printscout -a keystore -w' ] || exit 2
	[ "$path" = '/Library/Keychains/System.keychain' ] || exit 2
	[ -e refuses ] || [ -e item ] || echo "$key" >item
	exit 0
fi
[ "$*" = 'find-generic-password -s printscout -a keystore -w /Library/Keychains/System.keychain' ] || exit 2
[ -e item ] || exit 44
cat item
`

func newKeychain(t *testing.T) (c keychain, dir string) {
	t.Helper()
	dir = t.TempDir()
	c = keychain{filepath.Join(dir, "security"), systemKeychain}
	must(t, os.WriteFile(c.tool, []byte(strings.ReplaceAll(security, "%s", dir)), 0o700))
	return c, dir
}

func TestKeychain(t *testing.T) {
	c, dir := newKeychain(t)
	secrets := newDir(t)
	s := openUnder(t, secrets, c)
	must(t, s.Save("wrap", theSecret))
	wantSecret(t, openUnder(t, secrets, c), "wrap", theSecret)
	item, err := os.ReadFile(filepath.Join(dir, "item"))
	must(t, err)
	key, err := hex.DecodeString(strings.TrimSpace(string(item)))
	must(t, err)
	if got := readReference(t, key, "wrap", fileOf(t, s, "wrap")); string(got) != string(theSecret) || s.Rest().How != Keychain {
		t.Fatalf("%q, %+v", got, s.Rest())
	}
	told, err := os.ReadFile(filepath.Join(dir, "arguments"))
	must(t, err)
	if strings.Contains(string(told), string(item[:8])) {
		t.Fatalf("the key is an argument: %s", told)
	}
	must(t, os.Remove(filepath.Join(dir, "item")))
	_, err = OpenUnder(secrets, c)
	wantSealedError(t, err, ErrKeyMissing)
}

// A key that another process has added meanwhile is used.
func TestKeychainHasAKeyAlready(t *testing.T) {
	c, _ := newKeychain(t)
	must(t, c.Keep(keyOf(1)))
	must(t, c.Keep(keyOf(2)))
	keys, err := c.Keys()
	if err != nil || keys[0] != keyOf(1) {
		t.Fatalf("%v, %v", keys, err)
	}
}

// TestKeychainIsNoUse: plain files with a warning, unless they are sealed
// already.
func TestKeychainIsNoUse(t *testing.T) {
	for name, content := range map[string]string{"fails": "36", "refuses": "", "item": "no key at all"} {
		t.Run(name, func(t *testing.T) {
			c, dir := newKeychain(t)
			sealed := newDir(t)
			must(t, openUnder(t, sealed, c).Save("wrap", theSecret))
			must(t, os.Remove(filepath.Join(dir, "item")))
			must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))

			s := openUnder(t, newDir(t), c)
			if s.Rest().How != File || !strings.Contains(s.Rest().Warning, systemKeychain) || strings.Contains(s.Rest().Warning, content+" at") {
				t.Fatalf("rests as %+v", s.Rest())
			}
			if _, err := OpenUnder(sealed, c); err == nil {
				t.Fatal("sealed secrets became plain ones")
			}
		})
	}
}

func TestKeychainErrorsDoNotTellTheKey(t *testing.T) {
	c, dir := newKeychain(t)
	must(t, os.WriteFile(filepath.Join(dir, "fails"), []byte("1"), 0o600))
	err := c.Keep(theKey)
	if !errors.Is(err, ErrUnusable) {
		t.Fatal(err)
	}
	wantNoSecret(t, err.Error())
}
