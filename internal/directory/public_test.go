package directory

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"errors"
	"slices"
	"testing"
)

func TestFingerprintCoversKeysAndEpochOnly(t *testing.T) {
	p := newTestSite(t).Public()
	fp := p.Fingerprint()
	if len(fp) != 57 {
		t.Errorf("%d characters: %s", len(fp), fp)
	}
	renamed := p
	renamed.Name = "Another"
	if renamed.Fingerprint() != fp {
		t.Error("the name changes the fingerprint")
	}
	for name, spoil := range map[string]func(*Public){
		"epoch":   func(p *Public) { p.Epoch++ },
		"sign":    func(p *Public) { p.Sign = flipBit(p.Sign, 0) },
		"wrap":    func(p *Public) { p.Wrap = flipBit(p.Wrap, 31) },
		"swapped": func(p *Public) { p.Sign, p.Wrap = p.Wrap, p.Sign },
		"moved":   func(p *Public) { p.Sign, p.Wrap = append(slices.Clone(p.Sign), p.Wrap[0]), p.Wrap[1:] },
	} {
		other := p
		spoil(&other)
		if other.Fingerprint() == fp {
			t.Errorf("%s does not change the fingerprint", name)
		}
	}
}

func flipBit(b []byte, i int) []byte {
	b = slices.Clone(b)
	b[i] ^= 1
	return b
}

func TestPublicRules(t *testing.T) {
	good := newTestSite(t).Public()
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	one := make([]byte, 32)
	one[0] = 1
	for name, spoil := range map[string]func(*Public){
		"no name":       func(p *Public) { p.Name = "" },
		"name bidi":     func(p *Public) { p.Name = "a\u202eb" },
		"epoch 0":       func(p *Public) { p.Epoch = 0 },
		"no sign":       func(p *Public) { p.Sign = nil },
		"short sign":    func(p *Public) { p.Sign = p.Sign[:31] },
		"no wrap":       func(p *Public) { p.Wrap = nil },
		"long wrap":     func(p *Public) { p.Wrap = append(slices.Clone(p.Wrap), 0) },
		"wrap is zero":  func(p *Public) { p.Wrap = make([]byte, 32) },
		"wrap is order": func(p *Public) { p.Wrap = one },
	} {
		p := good
		spoil(&p)
		if err := p.Validate(); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := p.Check([]byte("{}")); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: check: %v", name, err)
		}
	}
}

func TestKeysDifferByUseAndEpoch(t *testing.T) {
	root := goldenSecrets().root
	first, err := deriveKeys(root, 1)
	if err != nil {
		t.Fatal(err)
	}
	second, err := deriveKeys(root, 2)
	if err != nil {
		t.Fatal(err)
	}
	seen := [][]byte{root, first.sign.Seed(), first.wrap.Bytes(), second.sign.Seed(), second.wrap.Bytes()}
	for i, a := range seen {
		for j, b := range seen[:i] {
			if bytes.Equal(a, b) {
				t.Errorf("keys %d and %d are equal", j, i)
			}
		}
	}
}

func TestWrapKeyServesHPKE(t *testing.T) {
	k, err := deriveKeys(goldenSecrets().root, 1)
	if err != nil {
		t.Fatal(err)
	}
	point, err := ecdh.X25519().NewPublicKey(k.publicPart("Example", 1).Wrap)
	if err != nil {
		t.Fatal(err)
	}
	to, err := hpke.NewDHKEMPublicKey(point)
	if err != nil {
		t.Fatal(err)
	}
	job := []byte("key of a job")
	sealed, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES256GCM(), nil, job)
	if err != nil {
		t.Fatal(err)
	}
	private, err := hpke.NewDHKEMPrivateKey(k.wrap)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), nil, sealed)
	if err != nil || !bytes.Equal(opened, job) {
		t.Errorf("opened %q, %v", opened, err)
	}
}
