package identity

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var (
	onUnix    = spelling{}
	onWindows = spelling{windows: true, computer: "DESK-7"}
)

func TestCanonical(t *testing.T) {
	for _, v := range []struct{ name, unix, windows string }{
		{"alice", "alice", "alice"},
		{"Alice", "Alice", "alice"},
		{`CORP\Alice`, `CORP\Alice`, `corp\alice`},
		{"Alice@Corp.Example", "Alice@Corp.Example", "alice@corp.example"},
		{`.\Alice`, `.\Alice`, `desk-7\alice`},
		{`DESK-7\alice`, `DESK-7\alice`, `desk-7\alice`},
		{"Åsa Öberg", "Åsa Öberg", "åsa öberg"},
		{"\u212Aate", "\u212Aate", "\u212Aate"}, // the kelvin sign is not k
		{"İ", "İ", "İ"},
		{"ſam", "ſam", "ſam"},
		{"", "", ""},
		{" alice", "", ""},
		{"alice ", "", ""},
		{"ali\x00ce", "", ""},
		{"ali\nce", "", ""},
		{"ali\u202ece", "", ""},
		{"ali\u200bce", "", ""},
		{"ali\u00a0ce", "", ""},
		{"ali\u0085ce", "", ""},
		{"ali\ufeffce", "", ""},
		{"ali\ufffdce", "", ""},
		{"ali\xffce", "", ""},
		{`CORP\`, `CORP\`, ""},
		{`\alice`, `\alice`, ""},
		{`A\B\c`, `A\B\c`, ""},
		{`CORP\alice@corp`, `CORP\alice@corp`, ""},
		{"@", "@", ""},
		{`.\.`, `.\.`, ""},
		{"a*", "a*", ""},
		{strings.Repeat("a", MaxName), strings.Repeat("a", MaxName), strings.Repeat("a", MaxName)},
		{strings.Repeat("a", MaxName+1), "", ""},
		{`.\` + strings.Repeat("a", MaxName-2), `.\` + strings.Repeat("a", MaxName-2), ""},
	} {
		if got := onUnix.canonical(v.name); got != v.unix {
			t.Errorf("on Unix %q is %q, want %q", v.name, got, v.unix)
		}
		if got := onWindows.canonical(v.name); got != v.windows {
			t.Errorf("on Windows %q is %q, want %q", v.name, got, v.windows)
		}
	}
	if got := (spelling{windows: true}).canonical(`.\alice`); got != "" {
		t.Errorf("on a computer without a name: %q", got)
	}
}

func TestSameUser(t *testing.T) {
	for _, v := range []struct {
		a, b string
		want bool
	}{
		{"alice", "alice", true},
		{"alice", "bob", false},
		{"", "", false},
		{"a\u202eb", "a\u202eb", false},
		{`CORP\alice`, "alice", false},
		{"alice@corp", "alice", false},
		{"alice@corp", `corp\alice`, false},
	} {
		if SameUser(v.a, v.b) != v.want || SameUser(v.b, v.a) != v.want {
			t.Errorf("%q, %q: not %v", v.a, v.b, v.want)
		}
	}
}

// TestUnixAccountsStayApart compares names that differ as little as names can.
func TestUnixAccountsStayApart(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		a := randomName(r)
		for _, b := range []string{
			strings.ToUpper(a), strings.ToLower(a), a + " ", a + "\u200b", "\u202e" + a, `.\` + a,
			`CORP\` + a, a + "@corp", a + "\x00", a + ".", a + strings.Repeat("x", MaxName), randomName(r),
		} {
			if a != b && onUnix.canonical(a) != "" && onUnix.canonical(a) == onUnix.canonical(b) {
				t.Fatalf("%q and %q became one account", a, b)
			}
		}
	}
}

const alphabet = "abcABC019._-$@\\ éÉßΣσςIıİk\u212Aſ\u202e\u0301漢\x00\ufeff"

func randomName(r *rand.Rand) string {
	runes := []rune(alphabet)
	var b strings.Builder
	for range 1 + r.IntN(8) {
		b.WriteRune(runes[r.IntN(len(runes))])
	}
	return b.String()
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"alice", `CORP\Alice`, "Alice@Corp.Example", `.\Alice`, "İſK", "a\u202eb", "\xff", "ς", strings.Repeat("é", 130)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if c := onUnix.canonical(name); c != "" && c != name {
			t.Errorf("on Unix %q became %q", name, c)
		}
		for _, s := range []spelling{onUnix, onWindows} {
			c := s.canonical(name)
			if again := s.canonical(c); again != c {
				t.Errorf("%q became %q, then %q", name, c, again)
			}
			if len(c) > MaxName || !utf8.ValidString(c) || strings.ContainsFunc(c, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q became %q", name, c)
			}
		}
		if c := onWindows.canonical(name); c != "" && c != onWindows.canonical(upperASCII(name)) {
			t.Errorf("on Windows %q is not %q", name, upperASCII(name))
		}
	})
}

func upperASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}
