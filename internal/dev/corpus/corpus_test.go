package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/spooler/docinfo"
)

func TestReadersThatAgree(t *testing.T) {
	for _, c := range []struct {
		shown shownPages
		pages int
		ok    bool
	}{
		{shownPages{2, 2, 2}, 2, true},
		{shownPages{-1, 2, 2}, 2, true},
		{shownPages{2, -1, 2}, 2, true},
		{shownPages{2, 2, 3}, 0, false},
		{shownPages{-1, -1, 2}, 2, false},
		{shownPages{-1, -1, -1}, 0, false},
	} {
		if pages, ok := c.shown.agreedPages(); ok != c.ok || ok && pages != c.pages {
			t.Errorf("%v: %d, %v", c.shown, pages, ok)
		}
	}
}

func TestReport(t *testing.T) {
	exact := func(n int) docinfo.Info { return docinfo.Info{Pages: new(n), Certainty: docinfo.Exact} }
	estimated := func(n int) docinfo.Info { return docinfo.Info{Pages: new(n), Certainty: docinfo.Estimated} }
	none := docinfo.Info{Certainty: docinfo.Unknown}
	rows := []row{
		{name: "a", readers: shownPages{1, 1, 1}, ours: exact(1)},
		{name: "b", readers: shownPages{2, 2, 2}, ours: estimated(2)},
		{name: "c", readers: shownPages{3, 3, 3}, ours: estimated(1)},
		{name: "d", readers: shownPages{4, 4, 4}, ours: none},
		{name: "e", readers: shownPages{4, 5, 4}, ours: exact(9)},
	}
	for _, c := range []struct {
		rows []row
		want string
		err  error
	}{
		{rows, "| 5 | 4 | 1 | 0 | 1 | 1 | 1 |\n", nil},
		{append(rows, row{name: "f", readers: shownPages{6, 6, 6}, ours: exact(7)}), "| 6 | 5 | 1 | 1 | 1 | 1 | 1 |\n", errWrong},
	} {
		var out bytes.Buffer
		if err := printReport(c.rows, true, &out); !errors.Is(err, c.err) || !strings.HasSuffix(out.String(), c.want) {
			t.Errorf("%v\n%s", err, out.String())
		}
		if list := out.String(); strings.HasPrefix(list, "a: ") || strings.Contains(list, "\ne: ") || !strings.Contains(list, "c: estimated, readers 3, docinfo 1") {
			t.Errorf("%s", list)
		}
	}
}

func TestAnswersThatAreKept(t *testing.T) {
	dir := t.TempDir()
	file, cache := filepath.Join(dir, "a.pdf"), filepath.Join(dir, "cache")
	if err := os.WriteFile(file, []byte("no pdf"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cache, []byte("6\ta.pdf\t7\t8\t-1\n6\tb.pdf\t7\n6\tc.pdf\tx\t1\t1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := openAnswers(cache)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.readersOf(t.Context(), dir, "a.pdf"); got != (shownPages{7, 8, -1}) {
		t.Errorf("%v", got)
	}
	a.storeAnswer("6\td.pdf", shownPages{1, 2, 3})
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	again, err := openAnswers(cache)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if got := again.known["6\td.pdf"]; len(again.known) != 2 || got != (shownPages{1, 2, 3}) {
		t.Errorf("%v", again.known)
	}
}

// TestCompare goes the whole way with the readers themselves.
func TestCompare(t *testing.T) {
	for _, r := range readers {
		peers.Need(t, r.command[0])
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"a4.pdf": peers.PDF(595, 842), "sub/other.bin": peers.PDF(842, 1191), "text.pdf": []byte("no pdf"), ".git/x.pdf": peers.PDF(1, 1),
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // with the readers, and with what they said
		var out bytes.Buffer
		if err := compareFolder(t.Context(), dir, filepath.Join(t.TempDir(), "cache"), false, &out); err != nil {
			t.Fatal(err)
		}
		if want := "| 2 | 2 | 2 | 0 | 0 | 0 | 0 |\n"; !strings.HasSuffix(out.String(), want) {
			t.Errorf("%s", out.String())
		}
	}
}
