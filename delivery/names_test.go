package delivery

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// odd are pieces of names that have made printers fail: quotes and umlauts
// (OpenPrinting/cups#1145), PJL, a terminal's escapes, marks of direction,
// what is not UTF-8.
var odd = []string{
	`"`, "'", "`", "\\", "%n", "é", "\u202e", "\u200f", "\u2067", "😀", "👨\u200d👩\u200d👧", "\x00", "\r\n", "\x1b%-12345X@PJL", "\x7f", "\u0085",
	"\xff", "\xed\xa0\x80", "\xf0\x9f\x98", "\ufffd", " ", "[ps-00000000]", "title", strings.Repeat("ß", 150), strings.Repeat("x", 300), "日本語",
}

func checkNames(t *testing.T, title, user string) {
	t.Helper()
	token := newToken()
	n := namesOf(Document{Title: title, User: user})
	for _, n := range []jobNames{n, n.plain()} {
		job := n.withToken(token)
		if !strings.HasSuffix(job, " ["+token+"]") {
			t.Errorf("%q has not its token whole", job)
		}
		for _, s := range []string{job, n.title, n.user} {
			if s == "" || len(s) > 255 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || strings.ContainsAny(s, "\u202e\u200f\u2067\ufffd") {
				t.Errorf("%d bytes %q of %q, %q", len(s), s, title, user)
			}
		}
	}
	if p := n.plain(); strings.ContainsFunc(p.title+p.user, func(r rune) bool { return r > '~' || strings.ContainsRune("\"'`\\%", r) }) {
		t.Errorf("%q, %q are not plain", p.title, p.user)
	}
}

func TestNamesWhateverTheyAre(t *testing.T) {
	for seed := range uint64(5000) {
		r := rand.New(rand.NewPCG(seed, 2))
		draw := func() (s string) {
			for range r.IntN(6) {
				s += odd[r.IntN(len(odd))]
			}
			return s
		}
		checkNames(t, draw(), draw())
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range odd {
		f.Add(s, s+"x")
	}
	f.Fuzz(checkNames)
}
