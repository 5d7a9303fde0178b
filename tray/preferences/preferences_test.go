package preferences

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRecentPrintersAreTheLastOnes(t *testing.T) {
	p := New(filepath.Join(t.TempDir(), "state"))
	for _, id := range []string{"a", "b", "c", "a", "d"} {
		must(t, p.Used(id))
	}
	if got := p.Recent(); !slices.Equal(got, []string{"d", "a", "c"}) {
		t.Errorf("recent: %q", got)
	}
}

func TestFavoritesAndLanguageAreKept(t *testing.T) {
	dir := t.TempDir()
	p := New(dir)
	must(t, p.SetFavorite("a", true))
	must(t, p.SetFavorite("b", true))
	must(t, p.SetFavorite("a", true))
	must(t, p.SetLanguage("de"))
	must(t, p.SetFavorite("b", false))
	again := New(dir)
	if got := again.Favorites(); !slices.Equal(got, []string{"a"}) || again.Language() != "de" {
		t.Errorf("favorites %q, language %q", got, again.Language())
	}
	info, err := os.Stat(filepath.Join(dir, file))
	must(t, err)
	if info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others may read it: %v", info.Mode())
	}
}

// TestWhatCannotBeReadIsNothing has files that nobody of ours has written.
func TestWhatCannotBeReadIsNothing(t *testing.T) {
	long := strings.Repeat("x", maxWord+1)
	for name, content := range map[string]string{
		"empty": "", "cut": `{"recent":["a"`, "other": `{"recent":"a"}`, "null": "null",
		"large": `{"recent":["a"],"language":"` + strings.Repeat("x", maxFile) + `"}`,
		"long":  `{"recent":["` + long + `",""],"language":"` + long + `"}`,
	} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600))
		p := New(dir)
		if p.Recent() != nil || p.Favorites() != nil || p.Language() != "" {
			t.Errorf("%s: %q %q %q", name, p.Recent(), p.Favorites(), p.Language())
		}
		must(t, p.Used("b"))
		if got := p.Recent(); !slices.Equal(got, []string{"b"}) {
			t.Errorf("%s, then used: %q", name, got)
		}
	}
}

// TestTwoWritersLoseNothing has the menu and the pages write at once.
func TestTwoWritersLoseNothing(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			p := New(dir)
			for i := range 10 {
				if err := p.SetFavorite(strconv.Itoa(w*10+i), true); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(New(dir).Favorites()); n != 20 {
		t.Errorf("%d favorites", n)
	}
}

func TestFolderIsThePersons(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_STATE_HOME", "")
	dir, err := Folder()
	must(t, err)
	if !filepath.IsAbs(dir) || !strings.EqualFold(filepath.Base(dir), "printscout") {
		t.Errorf("the folder is %s", dir)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"recent":["a","b"],"favorites":["c"],"language":"de"}`))
	f.Add([]byte(`{"recent":["a","a",""],"favorites":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		k := parse(b)
		if len(k.Recent) > MostRecent || len(k.Favorites) > MostFavorites || len(k.Language) > maxWord {
			t.Errorf("%+v", k)
		}
		for _, id := range slices.Concat(k.Recent, k.Favorites) {
			if id == "" || len(id) > maxWord {
				t.Errorf("id %q", id)
			}
		}
	})
}
