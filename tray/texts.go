package tray

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"github.com/printscout/printscout/internal/control"
)

// Texts says texts in the person's language: internal/web has those of this
// package, by keys that begin with "tray.".
type Texts interface {
	// Say returns the text of a key. The arguments are names and values in
	// turn; Count chooses the plural form too. A key without a text is returned
	// as it is.
	Say(key string, args ...any) string
}

// reasonPrefix begins the keys of the sentences of internal/outcome.
const reasonPrefix = "reason."

// reason returns why a job is as it is: by its word in the person's language,
// else the agent's own sentence.
func reason(t Texts, word, sentence string) string {
	if word != "" {
		if said := t.Say(reasonPrefix + word); said != reasonPrefix+word {
			return said
		}
	}
	return strings.TrimPrefix(sentence, "refused: ")
}

// age returns how long something has lasted, in words that change once a
// minute at the most.
func age(t Texts, d time.Duration) string {
	switch {
	case d < time.Minute:
		return t.Say("tray.age.now")
	case d < time.Hour:
		return t.Say("tray.age.minutes", "Count", int(d/time.Minute))
	case d < 48*time.Hour:
		return t.Say("tray.age.hours", "Count", int(d/time.Hour))
	}
	return t.Say("tray.age.days", "Count", int(d/(24*time.Hour)))
}

// moment returns a time of the clock, with its day where that is not today.
func moment(t Texts, at, now time.Time) string {
	at, now = at.In(now.Location()), now.Truncate(0)
	if at.Year() == now.Year() && at.YearDay() == now.YearDay() {
		return at.Format(t.Say("tray.time"))
	}
	return at.Format(t.Say("tray.day"))
}

// longest titles and sentences in a menu, in characters.
const (
	maxTitle    = 40
	maxSentence = 100
)

// short returns one line of what a document or a printer says of itself, with
// an ellipsis where it is longer than max characters. Control characters, and
// those that turn the direction of writing, would change what stands beside it.
func short(text string, max int) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	clean = strings.Join(strings.Fields(clean), " ")
	if r := []rune(clean); len(r) > max {
		return strings.TrimSpace(string(r[:max-1])) + "…"
	}
	return clean
}

func titleOf(j control.Job, t Texts) string { return title(j.Title, t) }

func title(text string, t Texts) string {
	return cmp.Or(short(text, maxTitle), t.Say("tray.untitled"))
}
