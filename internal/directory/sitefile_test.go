package directory

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestPasswordTypedBack(t *testing.T) {
	s := newTestSiteOf(t, goldenSecrets())
	for _, typed := range []string{
		goldenPassword,
		strings.ToUpper(goldenPassword),
		strings.ReplaceAll(goldenPassword, " ", "-"),
		strings.ReplaceAll(goldenPassword, " ", " – "),
		"  " + strings.ReplaceAll(goldenPassword, " ", "\t\u00a0") + "\r\n",
		strings.ToUpper(goldenPassword[:1]) + goldenPassword[1:],
	} {
		if _, err := OpenSite(s.folder.path, typed); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
	list := strings.Fields(goldenPassword)
	for _, typed := range []string{
		"",
		"-",
		strings.Join(list[1:], " "),
		goldenPassword + " abandon",
		strings.Join(append(list[1:], list[0]), " "),
		strings.Replace(goldenPassword, list[3], list[4], 1),
		strings.Replace(goldenPassword, list[3], list[3]+"x", 1),
		strings.Replace(goldenPassword, "k", "\u212a", 1), // the Kelvin sign: a k without case, but no word has it
		strings.ReplaceAll(goldenPassword, " ", ""),
		strings.Repeat("-", maxPassword) + goldenPassword,
	} {
		got, err := OpenSite(s.folder.path, typed)
		if !errors.Is(err, ErrPassword) || got != nil {
			t.Errorf("%.40q: %v", typed, err)
		}
		for _, word := range strings.Fields(typed) {
			if err != nil && len(word) > 4 && strings.Contains(err.Error(), word) {
				t.Errorf("a word of the password is in the error: %v", err)
			}
		}
	}
}

func TestPasswordSpelling(t *testing.T) {
	if got := goldenSecrets().wrap.password; got != goldenPassword {
		t.Errorf("got %s", got)
	}
	if got := spellPassword([]byte{0, 0, 7, 255, 8, 0, 255, 255}); got != "abandon zoo abandon zoo" {
		t.Errorf("got %s", got)
	}
	if bits := passwordWords * wordBits; bits < 128 {
		t.Errorf("%d bits", bits)
	}
}

// TestWordList holds words.txt to what docs/site-format.md says of it.
func TestWordList(t *testing.T) {
	if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(wordList))); sum != "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda" {
		t.Errorf("SHA-256 %s", sum)
	}
	begins := map[string]bool{}
	for _, word := range words {
		begins[word[:min(4, len(word))]] = true
		if len(word) < 3 || len(word) > 8 || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" || !isWord(word) {
			t.Errorf("%q", word)
		}
	}
	if len(words) != 1<<wordBits || len(begins) != len(words) || !slices.IsSorted(words) {
		t.Errorf("%d words, %d beginnings", len(words), len(begins))
	}
}

func TestCounts(t *testing.T) {
	good := goldenFile(t)
	for count, warnings := range map[int]int{1_000: 1, 599_999: 1, 600_000: 0, 10_000_000: 0} {
		f, err := parseSiteFile(withCount(t, good, count))
		if err != nil || len(f.warnings()) != warnings {
			t.Errorf("%d: %q, %v", count, f.warnings(), err)
		}
	}
	for _, count := range []int{-1, 0, 1, 999, 10_000_001, 1 << 40} {
		if _, err := parseSiteFile(withCount(t, good, count)); !errors.Is(err, ErrFormat) {
			t.Errorf("%d: %v", count, err)
		}
	}
}

func TestLowCountIsWarnedOf(t *testing.T) {
	s := newTestSiteOf(t, goldenSecrets())
	opened, err := OpenSite(s.folder.path, goldenPassword)
	if err != nil {
		t.Fatal(err)
	}
	if w := opened.Warnings(); len(w) != 1 || !strings.Contains(w[0], "1000 rounds") || !strings.Contains(w[0], "site rotate password") {
		t.Errorf("warnings: %q", w)
	}
}

func goldenFile(t testing.TB) siteFile {
	t.Helper()
	f, err := newTestSiteOf(t, goldenSecrets()).folder.readSiteFile()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func withCount(t *testing.T, f siteFile, count int) []byte {
	f.Root.Count = count
	return toJSON(t, f)
}

func TestWrappedRootBelongsToItsFile(t *testing.T) {
	good := goldenFile(t)
	if root, err := good.unwrapRoot(goldenPassword); err != nil || !bytes.Equal(root, goldenSecrets().root) {
		t.Fatalf("does not open: %v", err)
	}
	for name, spoil := range map[string]func(*siteFile){
		"name":    func(f *siteFile) { f.Public.Name = "Other" },
		"epoch":   func(f *siteFile) { f.Public.Epoch = 2 },
		"sign":    func(f *siteFile) { f.Public.Sign = flipBit(f.Public.Sign, 0) },
		"wrap":    func(f *siteFile) { f.Public.Wrap = flipBit(f.Public.Wrap, 0) },
		"created": func(f *siteFile) { f.Created = f.Created.Add(1e9) },
		"salt":    func(f *siteFile) { f.Root.Salt = flipBit(f.Root.Salt, 0) },
		"nonce":   func(f *siteFile) { f.Root.Nonce = flipBit(f.Root.Nonce, 0) },
		"sealed":  func(f *siteFile) { f.Root.Sealed = flipBit(f.Root.Sealed, 47) },
		"count":   func(f *siteFile) { f.Root.Count++ },
	} {
		f := good
		spoil(&f)
		if root, err := f.unwrapRoot(goldenPassword); !errors.Is(err, ErrPassword) || root != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPublicPartMustFollowFromRoot(t *testing.T) {
	f := goldenFile(t)
	f.Public.Wrap = newTestSite(t).Public().Wrap
	if err := f.wrapRoot(goldenSecrets().root, goldenSecrets().wrap); err != nil {
		t.Fatal(err)
	}
	if _, err := (folder{}).unlockSiteFile(f, goldenPassword); !errors.Is(err, ErrFormat) {
		t.Errorf("taken: %v", err)
	}
}

func TestSiteFileRules(t *testing.T) {
	good := string(toJSON(t, goldenFile(t)))
	for name, c := range map[string][2]string{
		"version":      {`"v":2`, `"v":1`},
		"no version":   {`"v":2,`, ``},
		"twice":        {`"v":2`, `"v":2,"v":2`},
		"no created":   {`"created"`, `"created_"`},
		"split second": {`05Z`, `05.5Z`},
		"epoch":        {`"epoch":1`, `"epoch":0`},
		"epoch 2 bare": {`"epoch":1`, `"epoch":2`},
		"past":         {`"root"`, `"past":{"nonce":"","sealed":""},"root"`},
		"succession":   {`"root"`, `"succession":[{"v":1,"payload":"","signature":""}],"root"`},
		"kdf":          {`pbkdf2-hmac-sha256`, `argon2id`},
		"cipher":       {`aes-256-gcm`, `none`},
		"no root":      {`"root"`, `"root_"`},
		"salt":         {`"salt":"`, `"salt":"","x":"`},
		"nonce":        {`"nonce":"`, `"nonce":"","x":"`},
		"sealed":       {`"sealed":"`, `"sealed":"","x":"`},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Fatalf("%s: no %s in %s", name, c[0], good)
		}
		if _, err := parseSiteFile([]byte(bad)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzSiteFile(f *testing.F) {
	file := goldenFile(f)
	f.Add(toJSON(f, file))
	f.Add([]byte(`{"v":2,"root":{"count":1e3}}`))
	second, err := os.ReadFile(goldenSites + "/v2-epoch-2/site.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(second)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := parseSiteFile(data)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("not a reason of the format: %v", err)
			}
			return
		}
		again, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseSiteFile(again); err != nil {
			t.Fatalf("taken, but not when written again: %v", err)
		}
	})
}

func FuzzPublicFile(f *testing.F) {
	f.Add(toJSON(f, goldenFile(f).Public))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parsePublic(data)
		if err == nil && (len(p.Sign) != 32 || len(p.Wrap) != 32 || p.Epoch == 0) {
			t.Fatalf("taken: %+v", p)
		}
	})
}
