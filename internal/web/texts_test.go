package web

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/text/language"

	"github.com/printscout/printscout/internal/outcome"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// textsOf are the texts of a language as its file has them: one form, or one
// for each plural.
func textsOf(t *testing.T, tag string) map[string]map[string]string {
	t.Helper()
	raw, err := files.ReadFile("texts/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatalf("%s: %v", tag, err)
	}
	out := map[string]map[string]string{}
	for key, v := range all {
		switch v := v.(type) {
		case string:
			out[key] = map[string]string{"": v}
		case map[string]any:
			out[key] = map[string]string{}
			for form, text := range v {
				out[key][form] = text.(string)
			}
		default:
			t.Errorf("%s: %s is a %T", tag, key, v)
		}
	}
	return out
}

var arguments = regexp.MustCompile(`\{\{\.\w+\}\}`)

// argumentsOf are the arguments of a text, of all its forms.
func argumentsOf(forms map[string]string) (all []string) {
	for _, text := range forms {
		all = append(all, arguments.FindAllString(text, -1)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestEveryTextIsInEveryLanguage wants the same texts in all files, with the
// same arguments, and none of them empty.
func TestEveryTextIsInEveryLanguage(t *testing.T) {
	english := textsOf(t, "en")
	for _, r := range outcome.Reasons() {
		if english[reasonPrefix+r.Word] != nil {
			t.Errorf("en.json repeats %s, which internal/outcome says", r.Word)
		}
		english[reasonPrefix+r.Word] = map[string]string{"": r.Sentence}
	}
	for _, l := range Languages()[1:] {
		theirs := textsOf(t, l.Tag)
		for key, forms := range english {
			if theirs[key] == nil {
				t.Errorf("%s.json has no %s", l.Tag, key)
				continue
			}
			if (len(forms) > 1) != (len(theirs[key]) > 1) {
				t.Errorf("%s.json: %s has other plural forms", l.Tag, key)
			}
			if !slices.Equal(argumentsOf(forms), argumentsOf(theirs[key])) {
				t.Errorf("%s.json: %s has the arguments %q, not %q", l.Tag, key, argumentsOf(theirs[key]), argumentsOf(forms))
			}
		}
		for key, forms := range theirs {
			if english[key] == nil {
				t.Errorf("%s.json has %s, which no other has", l.Tag, key)
			}
			for form, text := range forms {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s.json: %s %s is empty", l.Tag, key, form)
				}
			}
		}
	}
}

// TestEveryTextCanBeSaid tries each one with each plural form.
func TestEveryTextCanBeSaid(t *testing.T) {
	for _, l := range Languages() {
		said := For(l.Tag)
		for key := range textsOf(t, "de") {
			for _, n := range []int{0, 1, 2, 5, 21, 1_000_000} {
				text := said.Say(key, "Count", n, "Name", "N", "Time", "T", "Printer", "P", "Title", "X", "State", "S", "Over", 1, "Reason", "R", "Site", "S", "Names", "N")
				if text == key || strings.Contains(text, "{{") || strings.Contains(text, "<no value>") {
					t.Fatalf("%s: %s with %d says %q", l.Tag, key, n, text)
				}
			}
		}
	}
}

// TestTextsAndCodeAgree wants every text to be used, and every text that the
// code and the pages use to be there.
func TestTextsAndCodeAgree(t *testing.T) {
	english := textsOf(t, "en")
	used := usedTexts(t)
	for key := range english {
		if of := key[:strings.LastIndex(key, ".")+1]; !used[key] && !used[of] { // of is joined to a word there
			t.Errorf("nothing says %s", key)
		}
	}
	said := regexp.MustCompile(`\.Say "([^"]+)"|\.Say\("([a-z]+\.[^"]+)"`)
	eachSource(t, func(path, source string) {
		for _, m := range said.FindAllStringSubmatch(source, -1) {
			key := m[1] + m[2]
			if english[key] == nil && !strings.HasSuffix(key, ".") {
				t.Errorf("%s says %s, which is no text", path, key)
			}
		}
	})
}

// usedTexts are the keys that stand in quotes in the code that ships.
func usedTexts(t *testing.T) map[string]bool {
	used := map[string]bool{}
	quoted := regexp.MustCompile(`"([a-z]+\.[a-z._-]+)"`)
	eachSource(t, func(_, source string) {
		for _, m := range quoted.FindAllStringSubmatch(source, -1) {
			used[m[1]] = true
		}
	})
	return used
}

// eachSource goes through the code and the pages of the repository.
func eachSource(t *testing.T, do func(path, source string)) {
	t.Helper()
	for _, dir := range []string{"../../internal/web", "../../tray", "../../cmd", "../../cloud"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || filepath.Ext(path) != ".go" && filepath.Ext(path) != ".html" {
				return err
			}
			b, err := os.ReadFile(path)
			if err == nil {
				do(path, string(b))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestFor(t *testing.T) {
	for _, x := range []struct {
		preferences []string
		want        string
	}{
		{nil, "en"}, {[]string{""}, "en"}, {[]string{"de-AT,de;q=0.9,en;q=0.8"}, "de"}, {[]string{"pl,fr;q=0.5"}, "fr"}, {[]string{"es-419"}, "es"},
		{[]string{"tlh"}, "en"}, {[]string{"", "fr"}, "fr"}, {[]string{"not a language"}, "en"}, {[]string{strings.Repeat("de,", 100)}, "en"},
	} {
		if got := For(x.preferences...).Language(); got != x.want {
			t.Errorf("%q: %s, want %s", x.preferences, got, x.want)
		}
	}
}

func TestSayReason(t *testing.T) {
	if got := For("en").SayReason(outcome.ReasonBusy, ""); got != outcome.Sentence(outcome.ReasonBusy) {
		t.Errorf("English says %q", got)
	}
	if got := For("de").SayReason("no-such", "as it is"); got != "as it is" {
		t.Errorf("an unknown word: %q", got)
	}
}

func TestSayTime(t *testing.T) {
	at := time.Date(2026, 11, 28, 14, 2, 0, 0, time.Local)
	for tag, want := range map[string]string{"en": "2026-11-28 14:02", "de": "28.11.2026 14:02", "fr": "28/11/2026 14:02"} {
		if got := For(tag).SayTime(at); got != want {
			t.Errorf("%s: %s", tag, got)
		}
	}
	if got := For("en").SayTime(time.Time{}); got != "" {
		t.Errorf("no time: %q", got)
	}
}

// TestTimesCanBeRead wants every language's way to write a time to be one that
// says all of it.
func TestTimesCanBeRead(t *testing.T) {
	at := time.Date(2026, 11, 28, 14, 2, 0, 0, time.Local)
	for _, l := range Languages() {
		language.MustParse(l.Tag)
		layout := For(l.Tag).Say("layout.time")
		if back, err := time.ParseInLocation(layout, For(l.Tag).SayTime(at), time.Local); err != nil || !back.Equal(at) {
			t.Errorf("%s: %q reads back as %v, %v", l.Tag, layout, back, err)
		}
	}
}

func FuzzFor(f *testing.F) {
	f.Add("de-AT,de;q=0.9,en;q=0.8")
	f.Add("*;q=0.1,-----")
	f.Fuzz(func(t *testing.T, header string) {
		if tag := For(header).Language(); !IsLanguage(tag) {
			t.Errorf("%q gives %q", header, tag)
		}
	})
}
