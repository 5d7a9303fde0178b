package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestPasswordTypedBack(t *testing.T) {
	s := newTestSiteOf(t, goldenSecrets())
	for _, typed := range []string{
		goldenPassword,
		strings.ToLower(goldenPassword),
		strings.ReplaceAll(goldenPassword, "-", ""),
		strings.ReplaceAll(goldenPassword, "-", " ") + "\r\n",
		strings.ReplaceAll(goldenPassword, "-", "–"),
		"O" + goldenPassword[1:],
		"oI" + goldenPassword[2:],
		"0l" + goldenPassword[2:],
		"0L-234-5" + strings.ToLower(goldenPassword[7:]),
	} {
		if _, err := OpenSite(s.folder.path, typed); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for _, typed := range []string{
		"",
		"-",
		"1" + goldenPassword[1:],
		goldenPassword[:len(goldenPassword)-1],
		goldenPassword + "0",
		goldenPassword[1:] + goldenPassword[:1],
		strings.Repeat("-", maxPassword) + goldenPassword,
	} {
		got, err := OpenSite(s.folder.path, typed)
		if !errors.Is(err, ErrPassword) || got != nil {
			t.Errorf("%.40q: %v", typed, err)
		}
		if err != nil && len(typed) > 1 && strings.Contains(err.Error(), typed) {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

func TestPasswordSpelling(t *testing.T) {
	if got := passwordOf(goldenSecrets().password); got != goldenPassword {
		t.Errorf("got %s", got)
	}
	if got := passwordOf([]byte{0, 31, 32, 255, 128}); got != "0Z0Z0" {
		t.Errorf("got %s", got)
	}
	if got := plainPassword(passwordAlphabet); got != passwordAlphabet {
		t.Errorf("a character is taken for another: %s", got)
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
	if w := opened.Warnings(); len(w) != 1 || !strings.Contains(w[0], "1000 rounds") {
		t.Errorf("warnings: %q", w)
	}
}

func goldenFile(t testing.TB) siteFile {
	t.Helper()
	f, err := newTestSiteOf(t, goldenSecrets()).folder.site()
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
	if root, err := good.unwrap(goldenPassword); err != nil || !bytes.Equal(root, goldenSecrets().root) {
		t.Fatalf("does not open: %v", err)
	}
	for name, spoil := range map[string]func(*siteFile){
		"name":    func(f *siteFile) { f.Public.Name = "Other" },
		"epoch":   func(f *siteFile) { f.Public.Epoch = 2 },
		"sign":    func(f *siteFile) { f.Public.Sign = flipped(f.Public.Sign, 0) },
		"wrap":    func(f *siteFile) { f.Public.Wrap = flipped(f.Public.Wrap, 0) },
		"created": func(f *siteFile) { f.Created = f.Created.Add(1e9) },
		"salt":    func(f *siteFile) { f.Root.Salt = flipped(f.Root.Salt, 0) },
		"nonce":   func(f *siteFile) { f.Root.Nonce = flipped(f.Root.Nonce, 0) },
		"sealed":  func(f *siteFile) { f.Root.Sealed = flipped(f.Root.Sealed, 47) },
		"count":   func(f *siteFile) { f.Root.Count++ },
	} {
		f := good
		spoil(&f)
		if root, err := f.unwrap(goldenPassword); !errors.Is(err, ErrPassword) || root != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPublicPartMustFollowFromRoot(t *testing.T) {
	f := goldenFile(t)
	f.Public.Wrap = newTestSite(t).Public().Wrap
	if err := f.wrap(goldenSecrets().root, goldenPassword); err != nil {
		t.Fatal(err)
	}
	if err := new(Site).unlock(f, goldenPassword); !errors.Is(err, ErrFormat) {
		t.Errorf("taken: %v", err)
	}
}

func TestSiteFileRules(t *testing.T) {
	good := string(toJSON(t, goldenFile(t)))
	for name, c := range map[string][2]string{
		"version":      {`"v":1`, `"v":2`},
		"no version":   {`"v":1,`, ``},
		"twice":        {`"v":1`, `"v":1,"v":1`},
		"no created":   {`"created"`, `"created_"`},
		"split second": {`05Z`, `05.5Z`},
		"epoch":        {`"epoch":1`, `"epoch":0`},
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
	f.Add([]byte(`{"v":1,"root":{"count":1e3}}`))
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
