package directory

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestPasswordRotation(t *testing.T) {
	s := newTestSiteOf(t, goldenSecrets())
	mustAdd(t, s, deskPrinter())
	dir := s.folder.path
	public, printers, site := readFile(t, dir, publicName), readFile(t, dir, directoryName), readFile(t, dir, siteName)
	var shown string
	if err := RotatePassword(dir, goldenPassword, func(p string) error { shown = p; return nil }); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readFile(t, dir, publicName), public) || !bytes.Equal(readFile(t, dir, directoryName), printers) {
		t.Error("more than site.json was changed")
	}
	if got, want := withoutRoot(t, readFile(t, dir, siteName)), withoutRoot(t, site); !reflect.DeepEqual(got, want) {
		t.Errorf("of site.json more than the wrapped root was changed: %v", got)
	}
	if _, err := OpenSite(dir, goldenPassword); !errors.Is(err, ErrPassword) {
		t.Errorf("the old password: %v", err)
	}
	again, err := OpenSite(dir, shown)
	if err != nil || !again.key.Equal(s.key) || len(again.Warnings()) != 0 {
		t.Fatalf("the new password: %v", err)
	}
	// The site that was open before may go on.
	mustAdd(t, s, NewPrinter("Lab", []string{"ipps://lab"}, "", ""))

	// What the page says of old copies.
	writeFile(t, site, dir, siteName)
	if _, err := OpenSite(dir, goldenPassword); err != nil {
		t.Errorf("an old copy with the old password: %v", err)
	}
	if _, err := OpenSite(dir, shown); !errors.Is(err, ErrPassword) {
		t.Errorf("an old copy with the new password: %v", err)
	}
}

func withoutRoot(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "root")
	return fields
}

func TestPasswordRotationsThatAreRefused(t *testing.T) {
	s := newTestSiteOf(t, goldenSecrets())
	before := readFile(t, s.folder.path, siteName)
	never := func(string) error { t.Error("a password was shown"); return nil }
	if err := RotatePassword(s.folder.path, strings.Replace(goldenPassword, "abandon", "zoo", 1), never); !errors.Is(err, ErrPassword) {
		t.Errorf("a wrong password: %v", err)
	}
	if err := RotatePassword(s.folder.path, "", never); !errors.Is(err, ErrPassword) {
		t.Errorf("no password: %v", err)
	}
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	if err := RotatePassword(nowhere, goldenPassword, never); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no site: %v", err)
	}
	if _, err := RotateRoot(nowhere, goldenPassword, testTime); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no site: %v", err)
	}
	if _, err := RotateRoot(s.folder.path, "zoo", testTime); !errors.Is(err, ErrPassword) {
		t.Errorf("root, by a wrong password: %v", err)
	}
	unseen := errors.New("nobody saw it")
	if err := RotatePassword(s.folder.path, goldenPassword, func(string) error { return unseen }); !errors.Is(err, unseen) {
		t.Errorf("not shown: %v", err)
	}
	if !bytes.Equal(readFile(t, s.folder.path, siteName), before) || len(namesIn(t, s.folder.path)) != 4 {
		t.Errorf("the folder was changed: %q", namesIn(t, s.folder.path))
	}
}

// stopAt fails every step from the nth on, as after a crash: nothing is removed.
func stopAt(n int) func(string) error {
	return func(string) error {
		n--
		if n < 0 {
			return errDisk
		}
		return nil
	}
}

func TestCrashWhileThePasswordRotates(t *testing.T) {
	for n := 0; ; n++ {
		s := newTestSiteOf(t, goldenSecrets())
		f := folder{path: s.folder.path, fault: stopAt(n)}
		sec := testWrapping(strings.Repeat("zoo ", passwordWords), 9)
		var shown string
		err := f.rotatePassword(goldenPassword, sec, func(p string) error { shown = p; return nil })
		_, old := OpenSite(s.folder.path, goldenPassword)
		_, new := OpenSite(s.folder.path, sec.password)
		if (old == nil) == (new == nil) {
			t.Errorf("step %d: the old password: %v, the new one: %v", n, old, new)
		}
		if new == nil && shown != sec.password {
			t.Errorf("step %d: a password counts that nobody has seen", n)
		}
		if err == nil {
			if n != 4 || new != nil {
				t.Errorf("%d steps; the new password: %v", n, new)
			}
			return
		}
	}
}

func TestRootRotation(t *testing.T) {
	s := newTestSiteOf(t, goldenSecrets())
	mustAdd(t, s, deskPrinter())
	dir, first := s.folder.path, s.Public()
	old := s.Directory()
	next := rotateRoot(t, s)
	p, d := next.Public(), next.Directory()
	if p.Epoch != 2 || p.Name != first.Name || bytes.Equal(p.Sign, first.Sign) || bytes.Equal(p.Wrap, first.Wrap) {
		t.Errorf("%+v after %+v", p, first)
	}
	if d.Epoch != 2 || d.Revision != old.Revision+1 || d.Site != p.Fingerprint() || !reflect.DeepEqual(d.Printers, old.Printers) {
		t.Errorf("directory %+v", d)
	}
	if public, err := LoadPublic(dir); err != nil || !public.equal(p) {
		t.Errorf("%s: %+v, %v", publicName, public, err)
	}
	again, err := OpenSite(dir, goldenPassword)
	if err != nil || !again.key.Equal(next.key) || !reflect.DeepEqual(again.Directory(), d) {
		t.Fatalf("opened: %v", err)
	}
	if err := s.AddPrinter(NewPrinter("Lab", []string{"ipps://lab"}, "", ""), testTime); !errors.Is(err, ErrRotated) {
		t.Errorf("a change with the old keys: %v", err)
	}
	mustAdd(t, again, NewPrinter("Lab", []string{"ipps://lab"}, "", ""))
	if _, now, err := (Lineage{first}).Accept(envelopeOf(t, again)); err != nil || len(now) != 2 {
		t.Errorf("who trusts the first epoch: %v", err)
	}
	if bytes.Contains(readFile(t, dir, siteName), []byte(goldenRootText)) {
		t.Error("a root is in the clear")
	}
}

const goldenRootText = "QkJCQkJCQkJC" // what base64 has of 0x42

func TestKeysOfFormerEpochsOpenWhatWasSealed(t *testing.T) {
	h := historyOf(t, 4)
	var sealed [][]byte
	for _, p := range h.publics {
		point, err := ecdh.X25519().NewPublicKey(p.Wrap)
		if err != nil {
			t.Fatal(err)
		}
		to, err := hpke.NewDHKEMPublicKey(point)
		if err != nil {
			t.Fatal(err)
		}
		data, err := hpke.Seal(to, hpke.HKDFSHA256(), hpke.AES256GCM(), nil, []byte(p.Fingerprint()))
		if err != nil {
			t.Fatal(err)
		}
		sealed = append(sealed, data)
	}
	last, err := OpenSite(h.sites[3].folder.path, goldenPassword)
	if err != nil {
		t.Fatal(err)
	}
	for i, data := range sealed {
		key, err := last.WrapKey(uint32(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		private, err := hpke.NewDHKEMPrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), nil, data)
		if err != nil || string(got) != h.publics[i].Fingerprint() {
			t.Errorf("epoch %d: %q, %v", i+1, got, err)
		}
	}
	for _, epoch := range []uint32{0, 5} {
		if _, err := last.WrapKey(epoch); !errors.Is(err, ErrNoKey) {
			t.Errorf("epoch %d: %v", epoch, err)
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	s := newTestSiteOf(t, withPassword(goldenPassword))
	first := s.Public()
	const epochs = maxPast + 3
	var third Public
	for s.public.Epoch < epochs {
		if s = rotateRoot(t, s); s.public.Epoch == 3 {
			third = s.Public()
		}
	}
	if len(s.succession) != maxSuccession || len(s.wraps) != maxPast+1 {
		t.Errorf("%d statements, %d keys", len(s.succession), len(s.wraps))
	}
	if _, err := s.WrapKey(2); !errors.Is(err, ErrNoKey) {
		t.Errorf("the key of epoch 2: %v", err)
	}
	if _, err := s.WrapKey(3); err != nil {
		t.Error(err)
	}
	if _, _, err := (Lineage{first}).Accept(envelopeOf(t, s)); !errors.Is(err, ErrSignature) {
		t.Errorf("from epoch 1: %v", err)
	}
	if _, _, err := (Lineage{third}).Accept(envelopeOf(t, s)); err != nil {
		t.Errorf("from epoch 3: %v", err)
	}
	if n := len(readFile(t, s.folder.path, siteName)); n > maxSiteFile/2 {
		t.Errorf("site.json has %d bytes", n)
	}
}

// TestCrashWhileTheRootRotates stops at every step. At each the folder can be
// read without the password, also by a reader of the old epoch, and the password
// opens the site and completes the rotation.
func TestCrashWhileTheRootRotates(t *testing.T) {
	var epochs []uint32
	for n := 0; ; n++ {
		s := newTestSiteOf(t, goldenSecrets())
		mustAdd(t, s, deskPrinter())
		f := folder{path: s.folder.path, fault: stopAt(n)}
		_, err := f.rotateRoot(goldenRotation(), testTime)
		if _, _, err := LoadDirectory(s.folder.path); err != nil {
			t.Errorf("step %d: read without the password: %v", n, err)
		}
		if _, _, err := (Lineage{s.Public()}).Accept(envelopeOf(t, s)); err != nil {
			t.Errorf("step %d: by a reader of the old epoch: %v", n, err)
		}
		warnings, err2 := LoadWarnings(s.folder.path)
		if unfinished := n >= 3 && n < 11; err2 != nil || slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, "interrupted") }) != unfinished {
			t.Errorf("step %d: warnings %q, %v", n, warnings, err2)
		}
		opened, again := OpenSite(s.folder.path, goldenPassword)
		if again != nil {
			t.Fatalf("step %d: %v", n, again)
		}
		epochs = append(epochs, opened.Public().Epoch)
		checkWhole(t, opened)
		if err == nil {
			if n != 12 {
				t.Errorf("%d steps, and not 4 for each of 3 files", n)
			}
			break
		}
		if !errors.Is(err, errDisk) {
			t.Fatalf("step %d: %v", n, err)
		}
	}
	if !slices.IsSorted(epochs) || epochs[0] != 1 || epochs[3] != 2 {
		t.Errorf("epochs %v: the third step renames site.json", epochs)
	}
}

func checkWhole(t *testing.T, s *Site) {
	t.Helper()
	if public, err := LoadPublic(s.folder.path); err != nil || !public.equal(s.public) {
		t.Errorf("%s: %v", publicName, err)
	}
	d, err := s.public.Check(readFile(t, s.folder.path, directoryName))
	if err != nil || d.Revision != 2+uint64(s.public.Epoch-1) || len(d.Printers) != 1 || len(s.wraps) != int(s.public.Epoch) {
		t.Errorf("%+v, %d keys, %v", d, len(s.wraps), err)
	}
	mustAdd(t, s, NewPrinter("Lab", []string{"ipps://lab"}, "", ""))
	if next := rotateRoot(t, s); next.public.Epoch != s.public.Epoch+1 || len(next.Directory().Printers) != 2 {
		t.Errorf("rotated again: %+v", next.Directory())
	}
}

// TestEndOfARotationIsInterrupted stops at every step of what OpenSite does then.
func TestEndOfARotationIsInterrupted(t *testing.T) {
	for n := range 8 {
		s := newTestSiteOf(t, goldenSecrets())
		mustAdd(t, s, deskPrinter())
		if _, err := (folder{path: s.folder.path, fault: stopAt(4)}).rotateRoot(goldenRotation(), testTime); !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		if _, err := openSite(folder{path: s.folder.path, fault: stopAt(n)}, goldenPassword); !errors.Is(err, errDisk) {
			t.Fatalf("step %d: %v", n, err)
		}
		opened, err := OpenSite(s.folder.path, goldenPassword)
		if err != nil || opened.Public().Epoch != 2 {
			t.Fatalf("step %d: %v", n, err)
		}
		checkWhole(t, opened)
	}
}

func TestPasswordRotatesBetweenTheStepsOfARoot(t *testing.T) {
	s := newTestSiteOf(t, goldenSecrets())
	mustAdd(t, s, deskPrinter())
	if _, err := (folder{path: s.folder.path, fault: stopAt(4)}).rotateRoot(goldenRotation(), testTime); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	sec := testWrapping(strings.Repeat("zoo ", passwordWords), 9)
	if err := (folder{path: s.folder.path}).rotatePassword(goldenPassword, sec, func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if opened, err := OpenSite(s.folder.path, sec.password); err != nil || opened.Public().Epoch != 2 || opened.Directory().Revision != 3 {
		t.Errorf("%v", err)
	}
}

// TestLeftoversOfAnEpochBelongToTheirFile changes what site.json keeps of
// former epochs.
func TestLeftoversOfAnEpochBelongToTheirFile(t *testing.T) {
	h := historyOf(t, 3)
	dir := h.sites[2].folder.path
	good, err := (folder{path: dir}).readSiteFile()
	if err != nil {
		t.Fatal(err)
	}
	other, err := historyOf(t, 3).sites[2].folder.readSiteFile()
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*siteFile){
		"past taken away":       func(f *siteFile) { f.Past.Sealed = f.Past.Sealed[:len(f.Past.Sealed)-pastEntrySize] },
		"past changed":          func(f *siteFile) { f.Past.Sealed = flipBit(f.Past.Sealed, 0) },
		"past of another":       func(f *siteFile) { f.Past = other.Past },
		"past nonce":            func(f *siteFile) { f.Past.Nonce = flipBit(f.Past.Nonce, 0) },
		"statement taken away":  func(f *siteFile) { f.Succession = f.Succession[1:] },
		"statements turned":     func(f *siteFile) { slices.Reverse(f.Succession) },
		"statements of another": func(f *siteFile) { f.Succession = other.Succession },
	} {
		f := good
		past := *good.Past
		f.Past, f.Succession = &past, slices.Clone(good.Succession)
		spoil(&f)
		if root, err := f.unwrapRoot(goldenPassword); !errors.Is(err, ErrPassword) || root != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRotatorsTakeTurns has several processes rotate at once.
func TestRotatorsTakeTurns(t *testing.T) {
	s := newTestSiteOf(t, withPassword(goldenPassword))
	mustAdd(t, s, deskPrinter())
	const rotators = 4
	var wg sync.WaitGroup
	for range rotators {
		wg.Go(func() {
			sec := newRotation(goldenPassword)
			sec.wrap.count = minWrapCount
			f := folder{path: s.folder.path}
			if err := f.runLocked(func() error { _, err := f.rotateRoot(sec, testTime); return err }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	last, err := OpenSite(s.folder.path, goldenPassword)
	if err != nil || last.Public().Epoch != 1+rotators || len(last.Directory().Printers) != 1 {
		t.Fatalf("%+v, %v", last, err)
	}
	if _, now, err := (Lineage{s.Public()}).Accept(envelopeOf(t, last)); err != nil || len(now) != 1+rotators {
		t.Errorf("%v", err)
	}
}
