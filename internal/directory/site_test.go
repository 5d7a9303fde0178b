package directory

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSiteAsMade is the only test with the real count.
func TestSiteAsMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	s, password, err := CreateSite(dir, "Example", testTime)
	if err != nil {
		t.Fatal(err)
	}
	if list := strings.Split(password, " "); len(list) != 12 || slices.ContainsFunc(list, func(w string) bool { return !isWord(w) }) {
		t.Errorf("the password has an odd shape: %d words", len(list))
	}
	if d := s.Directory(); d.Revision != 1 || len(d.Printers) != 0 || d.Site != s.Public().Fingerprint() || !d.Issued.Equal(testTime) {
		t.Errorf("first directory: %+v", d)
	}
	again, err := OpenSite(dir, strings.ToUpper(password))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Public(), s.Public()) || !again.key.Equal(s.key) {
		t.Error("opened as another site")
	}
	if w := again.Warnings(); len(w) != 0 {
		t.Errorf("warnings: %q", w)
	}
	for _, name := range []string{siteName, publicName, directoryName} {
		if strings.Contains(string(readFile(t, dir, name)), password) {
			t.Errorf("the password is in %s", name)
		}
	}
}

func TestNewSitesShareNothing(t *testing.T) {
	a, b := newSecrets(), newSecrets()
	for i, pair := range [][2][]byte{{a.root, b.root}, {a.wrap.salt, b.wrap.salt}, {a.wrap.nonce, b.wrap.nonce}, {[]byte(a.wrap.password), []byte(b.wrap.password)}} {
		if slices.Equal(pair[0], pair[1]) {
			t.Errorf("secret %d is the same twice", i)
		}
	}
}

func TestCreateSiteRefuses(t *testing.T) {
	s := newTestSite(t)
	if _, _, err := CreateSite(s.folder.path, "Example", testTime); !errors.Is(err, ErrExists) {
		t.Errorf("over a site: %v", err)
	}
	for _, name := range []string{siteName, publicName, directoryName} {
		dir := t.TempDir()
		writeFile(t, []byte("precious"), dir, name)
		if _, _, err := CreateSite(dir, "Example", testTime); !errors.Is(err, ErrExists) {
			t.Errorf("over %s: %v", name, err)
		}
		if got := readFile(t, dir, name); string(got) != "precious" {
			t.Errorf("%s was changed", name)
		}
	}
	for _, name := range []string{"", "a\nb", strings.Repeat("n", 128)} {
		dir := filepath.Join(t.TempDir(), "site")
		if _, _, err := CreateSite(dir, name, testTime); !errors.Is(err, ErrFormat) {
			t.Errorf("name %q: %v", name, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("name %q left a folder: %v", name, err)
		}
	}
	if _, _, err := CreateSite("", "Example", testTime); err == nil {
		t.Error("made a site nowhere")
	}
}

func TestPrintersComeAndGo(t *testing.T) {
	s := newTestSiteOf(t, goldenSecrets())
	dir := s.folder.path
	mustAdd(t, s, deskPrinter())
	mustAdd(t, s, NewPrinter("Lab", []string{"ipps://lab"}, "", ""))
	lab, err := s.Directory().Find("lab")
	if err != nil || len(lab.ID) != idLength || lab.ID != strings.ToLower(lab.ID) {
		t.Errorf("lab: %+v, %v", lab, err)
	}
	demo := NewPrinter("demo", []string{"ipps://demo"}, "", "")
	demo.ID = "demo"
	mustAdd(t, s, demo)
	if err := s.RemovePrinter("demo", testTime); err != nil {
		t.Fatal(err)
	}
	if err := s.RemovePrinter("FRONT desk", testTime.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	d, data, err := LoadDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d.Revision != 6 || len(d.Printers) != 1 || !d.Issued.Equal(testTime.Add(time.Hour)) {
		t.Errorf("on disk: %+v", d)
	}
	if !reflect.DeepEqual(d, s.Directory()) || string(data) != string(readFile(t, dir, directoryName)) {
		t.Error("what is in memory is not what is on disk")
	}
	opened, err := OpenSite(dir, goldenPassword)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(opened.Directory(), d) {
		t.Error("opened with another directory")
	}
}

func TestChangesThatAreRefused(t *testing.T) {
	s := newTestSite(t)
	mustAdd(t, s, deskPrinter())
	before := s.Directory()
	named := func(id, name string, uris ...string) Printer {
		p := NewPrinter(name, uris, "", "")
		p.ID = id
		return p
	}
	floored := named("", "New", "ipp://a")
	floored.Floor = GradeIPPS
	for name, c := range map[string]struct {
		p    Printer
		want error
	}{
		"same name":          {named("", "FRONT DESK", "ipps://a"), ErrExists},
		"same id":            {named("Desk", "New", "ipps://a"), ErrExists},
		"name of an id":      {named("", "desk", "ipps://a"), ErrExists},
		"no host":            {named("", "New", "ipps://"), ErrFormat},
		"unreachable":        {floored, ErrFormat},
		"pin on plain only":  {NewPrinter("New", []string{"ipp://a"}, PinOf([]byte("k")), ""), ErrFormat},
		"pinned without pin": {NewPrinter("New", []string{"ipps://a"}, "", GradePinned), ErrFormat},
		"no uri":             {named("", "New"), ErrFormat},
		"raw above floor":    {NewPrinter("New", []string{"socket://a"}, "", GradeIPP), ErrFormat},
	} {
		if err := s.AddPrinter(c.p, testTime); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.RemovePrinter("lab", testTime); !errors.Is(err, ErrNoPrinter) {
		t.Errorf("remove: %v", err)
	}
	if s.Directory() != before {
		t.Error("a refused change counted")
	}
	if d, _, err := LoadDirectory(s.folder.path); err != nil || d.Revision != before.Revision {
		t.Errorf("on disk: %+v, %v", d, err)
	}
}

func TestHandedOutDirectoryStaysAsItWas(t *testing.T) {
	s := newTestSite(t)
	mustAdd(t, s, deskPrinter())
	held := s.Directory()
	copyOfHeld := string(toJSON(t, held))
	mustAdd(t, s, NewPrinter("Lab", []string{"ipps://lab"}, "", ""))
	if err := s.RemovePrinter("desk", testTime); err != nil {
		t.Fatal(err)
	}
	if string(toJSON(t, held)) != copyOfHeld {
		t.Error("it changed")
	}
}

func TestDirectoryPutBackUnderAnOpenSite(t *testing.T) {
	s := newTestSite(t)
	old := envelopeOf(t, s)
	mustAdd(t, s, deskPrinter())
	writeFile(t, old, s.folder.path, directoryName)
	err := s.AddPrinter(NewPrinter("Lab", []string{"ipps://lab"}, "", ""), testTime)
	if !errors.Is(err, ErrRollback) {
		t.Errorf("signed on from an old directory: %v", err)
	}
}

func TestDamagedFolders(t *testing.T) {
	other := newTestSite(t)
	for name, c := range map[string]struct {
		spoil func(dir string)
		want  error
	}{
		"no site.json":        {func(dir string) { os.Remove(filepath.Join(dir, siteName)) }, os.ErrNotExist},
		"no public.json":      {func(dir string) { os.Remove(filepath.Join(dir, publicName)) }, os.ErrNotExist},
		"no directory.json":   {func(dir string) { os.Remove(filepath.Join(dir, directoryName)) }, os.ErrNotExist},
		"other public.json":   {func(dir string) { copyOver(t, other, dir, publicName) }, ErrFormat},
		"other directory":     {func(dir string) { copyOver(t, other, dir, directoryName) }, ErrSignature},
		"other site.json":     {func(dir string) { copyOver(t, other, dir, siteName) }, ErrPassword},
		"huge public.json":    {func(dir string) { growFile(t, dir, publicName, maxPublicFile) }, ErrFormat},
		"huge directory.json": {func(dir string) { growFile(t, dir, directoryName, maxEnvelope) }, ErrFormat},
		"huge site.json":      {func(dir string) { growFile(t, dir, siteName, maxSiteFile) }, ErrFormat},
	} {
		s := newTestSiteOf(t, goldenSecrets())
		c.spoil(s.folder.path)
		got, err := OpenSite(s.folder.path, goldenPassword)
		if !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func copyOver(t *testing.T, from *Site, dir, name string) {
	writeFile(t, readFile(t, from.folder.path, name), dir, name)
}

func growFile(t *testing.T, dir, name string, by int) {
	writeFile(t, append(readFile(t, dir, name), strings.Repeat(" ", by)...), dir, name)
}

func TestLoadPublic(t *testing.T) {
	s := newTestSite(t)
	p, err := LoadPublic(s.folder.path)
	if err != nil || !reflect.DeepEqual(p, s.Public()) {
		t.Errorf("%+v, %v", p, err)
	}
	var plain Public
	if err := json.Unmarshal(readFile(t, s.folder.path, publicName), &plain); err != nil || !reflect.DeepEqual(plain, p) {
		t.Errorf("not the JSON of a Public: %v", err)
	}
}
