//go:build unix

package endtoend

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/directory"
)

// TestNobodyHoldsAKeyOfTheSite sets a site up as the README does, prints, and
// tries everything in the folders of server and agent as a private key of the
// site.
func TestNobodyHoldsAKeyOfTheSite(t *testing.T) {
	s := newSite(t).up()
	j := s.print(pdf(10_000))
	s.known(j.ID)
	if o := s.ended(s.order(j.ID, 60)); o.Result == nil || o.Result.State != "delivered" {
		t.Fatalf("it ended as %+v", o)
	}
	s.print(pdf(10_000)) // one that stays
	public, err := directory.LoadPublic(s.public())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := directory.OpenSite(s.admin(), s.password)
	if err != nil {
		t.Fatal(err)
	}
	wrap, err := opened.WrapKey(public.Epoch)
	if err != nil || !privateKeysIn(t, wrap.Bytes(), public)["the wrap key"] {
		t.Fatalf("the site's own key is not found where it is: %v", err)
	}
	for what, dir := range map[string]string{"the server": s.data(), "the server's copy of the site": s.public(), "the agent": s.state} {
		all := files(t, dir)
		if len(all) < 2 {
			t.Errorf("%s has %d files", what, len(all))
		}
		for _, name := range all {
			b, err := os.ReadFile(name)
			if os.IsNotExist(err) {
				continue // gone meanwhile
			}
			if err != nil {
				t.Fatal(err)
			}
			if found := privateKeysIn(t, b, public); len(found) > 0 {
				t.Errorf("%s holds %v in %s", what, found, filepath.Base(name))
			}
			if filepath.Base(name) == "site.json" || bytes.Contains(b, []byte(s.password)) {
				t.Errorf("%s holds %s, or the site's password in it", what, filepath.Base(name))
			}
		}
	}
}

// TestPrivateKeysAreFound holds what the test above searches with.
func TestPrivateKeysAreFound(t *testing.T) {
	root := make([]byte, 32)
	rand.Read(root)
	seed, scalar := derived(t, root, "printscout site v1 sign"), derived(t, root, "printscout site v1 wrap")
	sign := ed25519.NewKeyFromSeed(seed)
	wrap, err := ecdh.X25519().NewPrivateKey(scalar)
	if err != nil {
		t.Fatal(err)
	}
	public := directory.Public{Epoch: 1, Sign: sign.Public().(ed25519.PublicKey), Wrap: wrap.PublicKey().Bytes()}
	inPEM := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	for what, secret := range map[string][]byte{"the root": root, "the signing key": seed, "the wrap key": scalar} {
		for form, b := range map[string][]byte{
			"raw": secret, "hex": []byte(hex.EncodeToString(secret)), "HEX": []byte(strings.ToUpper(hex.EncodeToString(secret))),
			"base64": []byte(base64.StdEncoding.EncodeToString(secret)), "base64 url": []byte(base64.RawURLEncoding.EncodeToString(secret)),
			"PEM": map[string][]byte{"the signing key": inPEM(sign), "the wrap key": inPEM(wrap), "the root": secret}[what],
		} {
			if found := privateKeysIn(t, append([]byte(`{"a":"`), append(b, `"}`...)...), public); !found[what] || len(found) != 1 {
				t.Errorf("%s (%s): found %v", what, form, found)
			}
		}
	}
	if found := privateKeysIn(t, append(public.Sign, public.Wrap...), public); len(found) > 0 {
		t.Errorf("of the public keys: %v", found)
	}
}

// derived is a key of epoch 1: docs/site-format.md.
func derived(t testing.TB, root []byte, label string) []byte {
	t.Helper()
	info := binary.BigEndian.AppendUint32(nil, uint32(len(label)))
	info = binary.BigEndian.AppendUint32(append(info, label...), 4)
	info = binary.BigEndian.AppendUint32(info, 1)
	key, err := hkdf.Key(sha256.New, root, nil, string(info), 32)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var (
	hexText    = regexp.MustCompile(`[0-9A-Fa-f]{64,}`)
	base64Text = regexp.MustCompile(`[0-9A-Za-z+/_-]{43,}`)
	plainForm  = strings.NewReplacer("-", "+", "_", "/")
)

// privateKeysIn tries every 32 bytes, as they are and of what hex and base64
// decode to, as root, signing key and wrap key of a site.
func privateKeysIn(t testing.TB, b []byte, of directory.Public) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, piece := range decodings(b) {
		for i := 0; i+32 <= len(piece); i++ {
			w := piece[i : i+32]
			if !looksRandom(w) {
				continue
			}
			if bytes.Equal(ed25519.NewKeyFromSeed(w).Public().(ed25519.PublicKey), of.Sign) {
				found["the signing key"] = true
			}
			if k, err := ecdh.X25519().NewPrivateKey(w); err == nil && bytes.Equal(k.PublicKey().Bytes(), of.Wrap) {
				found["the wrap key"] = true
			}
			if bytes.Equal(ed25519.NewKeyFromSeed(derived(t, w, "printscout site v1 sign")).Public().(ed25519.PublicKey), of.Sign) {
				found["the root"] = true
			}
		}
	}
	return found
}

// decodings are the bytes themselves, and what is written in them.
func decodings(b []byte) [][]byte {
	all := [][]byte{b}
	for _, text := range hexText.FindAll(b, -1) {
		if d, err := hex.DecodeString(string(text[:len(text)&^1])); err == nil {
			all = append(all, d)
		}
	}
	for block, rest := pem.Decode(b); block != nil; block, rest = pem.Decode(rest) {
		all = append(all, block.Bytes)
	}
	for _, text := range base64Text.FindAll(b, -1) {
		for shift := range 4 { // it may begin within what is taken for its text
			plain := plainForm.Replace(string(text[shift:]))
			if d, err := base64.RawStdEncoding.DecodeString(plain[:len(plain)-btoi(len(plain)%4 == 1)]); err == nil {
				all = append(all, d)
			}
		}
	}
	return all
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// looksRandom leaves out text and zeros, which no key is.
func looksRandom(w []byte) bool {
	var seen [256]bool
	distinct, printable := 0, true
	for _, c := range w {
		if !seen[c] {
			seen[c] = true
			distinct++
		}
		printable = printable && c >= ' ' && c <= '~'
	}
	return distinct >= 20 && !printable
}
