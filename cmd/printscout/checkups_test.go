package main

import (
	"testing"

	"github.com/printscout/printscout/installer/checkups"
	"github.com/printscout/printscout/internal/web"
)

// TestCheckupsHaveTitlesInEveryLanguage wants the titles of the local page to be
// those of the checkups.
func TestCheckupsHaveTitlesInEveryLanguage(t *testing.T) {
	for _, row := range checkups.Table() {
		key := "diagnostics.checkup." + row.ID
		if said := web.For("en").Say(key); said != row.Title {
			t.Errorf("en.json says %q of %s, the checkup says %q", said, row.ID, row.Title)
		}
		for _, l := range web.Languages()[1:] {
			if said := web.For(l.Tag).Say(key); said == key || said == row.Title {
				t.Errorf("%s.json has no title of %s", l.Tag, row.ID)
			}
		}
	}
}
