package wire

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/directory"
)

func someBundle(t testing.TB) Bundle {
	t.Helper()
	sign, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	wrap, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	site := directory.Public{Name: "Amt", Epoch: 1, Sign: sign, Wrap: wrap.PublicKey().Bytes()}
	return Bundle{Server: "https://print.example.org:8443", ServerPin: Pin(&x509.Certificate{RawSubjectPublicKeyInfo: []byte("key")}),
		Site: site, Fingerprint: site.Fingerprint(), Token: "K4T6PWLMHQ3VCN7RXJ2D5YBGSA", Expires: someTime}
}

func TestParseBundle(t *testing.T) {
	good := someBundle(t)
	good.Uses = MaxUses
	data, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseBundle(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, good) {
		t.Errorf("parsed %+v, want %+v", got, good)
	}
	for name, spoil := range map[string]func(*Bundle){
		"http":                func(b *Bundle) { b.Server = "http://print.example.org" },
		"no host":             func(b *Bundle) { b.Server = "https://:8443" },
		"a path":              func(b *Bundle) { b.Server += "/cloud" },
		"a query":             func(b *Bundle) { b.Server += "?x=1" },
		"a password":          func(b *Bundle) { b.Server = "https://a:b@print.example.org" },
		"unreadable address":  func(b *Bundle) { b.Server = "https://%zz" },
		"a short pin":         func(b *Bundle) { b.ServerPin = "sha256:AAAA" },
		"a bare pin":          func(b *Bundle) { b.ServerPin = strings.TrimPrefix(b.ServerPin, "sha256:") },
		"another site's key":  func(b *Bundle) { b.Site.Sign = bytes.Repeat([]byte{1}, 32) },
		"another epoch":       func(b *Bundle) { b.Site.Epoch = 2 },
		"no site":             func(b *Bundle) { b.Site = directory.Public{} },
		"no fingerprint":      func(b *Bundle) { b.Fingerprint = "" },
		"no token":            func(b *Bundle) { b.Token = "" },
		"an endless token":    func(b *Bundle) { b.Token = strings.Repeat("a", 1000) },
		"no end":              func(b *Bundle) { b.Expires = time.Time{} },
		"for fewer than none": func(b *Bundle) { b.Uses = -1 },
		"for too many":        func(b *Bundle) { b.Uses = MaxUses + 1 },
	} {
		bad := someBundle(t)
		spoil(&bad)
		data, err := json.Marshal(bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseBundle(data); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := ParseBundle(append(data, make([]byte, maxBundle)...)); err == nil {
		t.Error("a huge bundle is accepted")
	}
}

func FuzzParseBundle(f *testing.F) {
	data, err := json.Marshal(someBundle(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"server":"https://[::1%25eth0]:1","expires":"0001-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ParseBundle(data)
		if err == nil && (b.Fingerprint != b.Site.Fingerprint() || !strings.HasPrefix(b.Server, "https://")) {
			t.Fatalf("accepted %+v", b)
		}
	})
}
