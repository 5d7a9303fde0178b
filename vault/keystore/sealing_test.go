package keystore

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"testing"
)

// hkdf32 returns HKDF-SHA256 for 32 bytes or less, written only from RFC 5869.
func hkdf32(key []byte, info string) []byte {
	extract := hmac.New(sha256.New, make([]byte, 32))
	extract.Write(key)
	expand := hmac.New(sha256.New, extract.Sum(nil))
	expand.Write(append([]byte(info), 1))
	return expand.Sum(nil)
}

// readReference reads a sealed file; it is written only from docs/keystore.md.
func readReference(t *testing.T, key []byte, name string, file []byte) []byte {
	t.Helper()
	if hex.EncodeToString(file[:9]) != "d353434b45590d0a01" {
		t.Fatalf("head is %x", file[:9])
	}
	if !bytes.Equal(file[9:17], hkdf32(key, "printscout keystore 1: id")[:8]) {
		t.Fatalf("key id is %x", file[9:17])
	}
	block, err := aes.NewCipher(hkdf32(key, "printscout keystore 1: secret "+name))
	must(t, err)
	gcm, err := cipher.NewGCM(block)
	must(t, err)
	secret, err := gcm.Open(nil, file[17:29], file[29:], append(slices.Clone(file[:29]), name...))
	must(t, err)
	return secret
}

func TestSealedFileIsAsDocumented(t *testing.T) {
	for _, secret := range [][]byte{{}, []byte("s"), make([]byte, MaxSecret)} {
		k := newKey()
		file := sealSecret(k, "wrap", secret)
		if len(file) != 45+len(secret) {
			t.Errorf("%d bytes are sealed in %d", len(secret), len(file))
		}
		if got := readReference(t, k[:], "wrap", file); !bytes.Equal(got, secret) {
			t.Errorf("the file holds %x", got)
		}
		got, by, err := openSecret([]Key{keyOf(1), k}, "wrap", file)
		if err != nil || by != 1 || !bytes.Equal(got, secret) {
			t.Errorf("unsealed %x by %d, %v", got, by, err)
		}
	}
}

func TestNoTwoFilesAreAlike(t *testing.T) {
	k := newKey()
	a, b := sealSecret(k, "wrap", []byte("same")), sealSecret(k, "wrap", []byte("same"))
	if bytes.Equal(a[nonceAt:headSize], b[nonceAt:headSize]) || bytes.Equal(a[headSize:], b[headSize:]) {
		t.Fatal("a nonce came twice")
	}
	if bytes.Contains(a, []byte("same")) {
		t.Fatal("the secret is in the file")
	}
}

func TestEveryFlipIsSeen(t *testing.T) {
	k := newKey()
	file := sealSecret(k, "wrap", []byte("the secret itself"))
	for at := range file {
		for bit := range 8 {
			bad := slices.Clone(file)
			bad[at] ^= 1 << bit
			if secret, _, err := openSecret([]Key{k}, "wrap", bad); err == nil || secret != nil {
				t.Fatalf("bit %d of byte %d was not seen", bit, at)
			}
		}
	}
}

func TestEveryCutIsSeen(t *testing.T) {
	k := newKey()
	file := sealSecret(k, "wrap", []byte("the secret itself"))
	for n := range file {
		if _, _, err := openSecret([]Key{k}, "wrap", file[:n]); err == nil {
			t.Fatalf("a file of %d bytes opens", n)
		}
	}
	for _, more := range []int{1, 16, maxSealed} {
		if _, _, err := openSecret([]Key{k}, "wrap", append(slices.Clone(file), make([]byte, more)...)); err == nil {
			t.Fatalf("a file with %d bytes more opens", more)
		}
	}
}

func TestWhatIsWrongIsTold(t *testing.T) {
	k := newKey()
	file := sealSecret(k, "wrap", []byte("the secret itself"))
	newer := slices.Clone(file)
	newer[versionAt]++
	for _, c := range []struct {
		file []byte
		keys []Key
		name string
		want error
	}{
		{file, nil, "wrap", ErrOtherKey},
		{file, []Key{keyOf(1)}, "wrap", ErrOtherKey},
		{file, []Key{k}, "sign", ErrDamaged},
		{newer, []Key{k}, "wrap", ErrVersion},
		{[]byte("plain"), []Key{k}, "wrap", ErrPlain},
		{nil, []Key{k}, "wrap", ErrPlain},
		{file[:8], []Key{k}, "wrap", ErrDamaged},
	} {
		_, _, err := openSecret(c.keys, c.name, c.file)
		wantError(t, err, c.want)
	}
}

func FuzzUnseal(f *testing.F) {
	k := keyOf(7)
	good := sealSecret(k, "wrap", []byte("the secret itself"))
	f.Add("wrap", good)
	f.Add("sign", good)
	f.Add("wrap", good[:headSize])
	f.Add("wrap", []byte(magic))
	f.Add("wrap", []byte{})
	f.Fuzz(func(t *testing.T, name string, file []byte) {
		secret, by, err := openSecret([]Key{keyOf(1), k}, name, file)
		if err != nil {
			if secret != nil {
				t.Fatal("a secret beside an error")
			}
			return
		}
		// What opens is what was sealed, or the key got out.
		if by != 1 || name != "wrap" || !bytes.Equal(file, good) && !bytes.Equal(secret, []byte("the secret itself")) {
			t.Fatalf("%q opens as %q by %d", file, secret, by)
		}
	})
}

// golden is a file made once: every later version must read it.
const golden = "d353434b45590d0a01a1cd661bd478e6c2256e07208301bb006a1dc8524d0df58231c0918fea80accf46fb44a1db080bcb3892c9b97ad720c4fffcfd994c"

func TestGoldenFile(t *testing.T) {
	file, err := hex.DecodeString(golden)
	must(t, err)
	key := Key([]byte("0123456789abcdef0123456789abcdef"))
	secret, _, err := openSecret([]Key{key}, "wrap", file)
	if err != nil || string(secret) != "made by version 1" {
		t.Fatalf("%q, %v", secret, err)
	}
	if got := readReference(t, key[:], "wrap", file); string(got) != "made by version 1" {
		t.Fatalf("%q", got)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(sealingPlan{"wrap": sha256.Sum256(nil), "sign": {}}.String())
	f.Add("")
	f.Add("00 wrap\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePlan(text)
		if err != nil {
			return
		}
		again, err := parsePlan(p.String())
		if err != nil || !maps.Equal(again, p) {
			t.Fatalf("%q becomes %q, %v", text, p, err)
		}
	})
}
