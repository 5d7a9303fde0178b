package tray

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzTitle: whatever a document is called is one line of printable text, no
// longer than it may be, that is no part of a script or of markup.
func FuzzTitle(f *testing.F) {
	for _, s := range []string{"", "a", "a\nQuit", "\u202egnp.exe", "\xff\xfe", strings.Repeat("ä", 100), `" & do shell script "id`, "<b>&amp;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := title(text, inEnglish)
		if got == "" || !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxTitle {
			t.Errorf("%q becomes %q", text, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
				t.Errorf("%q becomes %q", text, got)
			}
		}
		q := quoted(text)
		inner := strings.NewReplacer(`\\`, "", `\"`, "").Replace(q[1 : len(q)-1])
		if strings.ContainsAny(inner, "\"\\\n\r") {
			t.Errorf("%q ends its string early: %s", text, q)
		}
	})
}
