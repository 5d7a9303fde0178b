package web

import (
	"embed"
	"encoding/json"
	"io/fs"
	"sync"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/printscout/printscout/internal/outcome"
)

// Language is one that there are texts in.
type Language struct {
	Tag  string // BCP 47
	Name string // in that language
}

// Languages returns all of them. The first is what is said where none of them
// was asked for.
func Languages() []Language {
	return []Language{{"en", "English"}, {"de", "Deutsch"}, {"fr", "Français"}, {"es", "Español"}}
}

// IsLanguage reports whether there are texts in the language of that tag.
func IsLanguage(tag string) bool {
	for _, l := range Languages() {
		if l.Tag == tag {
			return true
		}
	}
	return false
}

//go:embed texts/*.json
var files embed.FS

// reasonPrefix begins the keys of the sentences of internal/outcome.
const reasonPrefix = "reason."

// catalog is every text in every language, and the matcher of languages.
type catalog struct {
	bundle  *i18n.Bundle
	matcher language.Matcher
}

// texts panics where an embedded file cannot be read, which no program that
// passed its tests does.
var texts = sync.OnceValue(func() catalog {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	names, err := fs.Glob(files, "texts/*.json")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		b.MustParseMessageFileBytes(raw, name)
	}
	// The English sentences have one home.
	for _, r := range outcome.Reasons() {
		b.MustAddMessages(language.English, &i18n.Message{ID: reasonPrefix + r.Word, Other: r.Sentence})
	}
	var tags []language.Tag
	for _, l := range Languages() {
		tags = append(tags, language.MustParse(l.Tag))
	}
	return catalog{b, language.NewMatcher(tags)}
})

// Texts says texts in one language.
type Texts struct {
	tag       string
	localizer *i18n.Localizer
}

// maxPreference bounds what is read of a preference: an Accept-Language header
// is anybody's.
const maxPreference = 200

// For returns the texts in the first language of the preferences that there
// are texts in. Each is a tag or what an Accept-Language header says; "" is
// none.
func For(preferences ...string) *Texts {
	for i, p := range preferences {
		if len(p) > maxPreference {
			preferences[i] = ""
		}
	}
	c := texts()
	_, at := language.MatchStrings(c.matcher, preferences...)
	tag := Languages()[at].Tag
	return &Texts{tag, i18n.NewLocalizer(c.bundle, tag)}
}

// Language returns the tag of the language.
func (t *Texts) Language() string { return t.tag }

// Say returns the text of a key. The arguments are names and values in turn,
// for what stands as {{.Name}} in the text; Count chooses the plural form too.
// What has no text is returned as it is, so that it is seen.
func (t *Texts) Say(key string, args ...any) string {
	data := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			data[name] = args[i+1]
		}
	}
	said, err := t.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: data["Count"]})
	if err != nil { // a text with one form for every count
		said, err = t.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
	}
	if err != nil {
		return key
	}
	return said
}

// SayReason returns the sentence of a reason word, or otherwise where this
// version has none.
func (t *Texts) SayReason(word, otherwise string) string {
	if !outcome.IsReason(word) {
		return otherwise
	}
	return t.Say(reasonPrefix + word)
}

// SayTime returns a moment as people of the language write it, in the
// computer's own time; "" for none.
func (t *Texts) SayTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Local().Format(t.Say("layout.time"))
}
