package tray

import (
	"cmp"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/control"
)

const (
	maxRecent    = 3
	maxFavorites = 8
	// maxEntries is how many entries of printers the menu has in all. Beyond it
	// each job has the recent and favorite ones, and a page for the others.
	maxEntries = 200
	// fewPrinters stand in one list, whatever their locations.
	fewPrinters = 8
)

// printers returns where something can be released: recent printers, favorite
// ones, then all by location, or the page on which the others are.
func (s scene) printers(do Action, page string) []Item {
	if len(s.Printers) == 0 {
		return []Item{{Key: "none", Title: s.say("tray.printer.none")}}
	}
	var items []Item
	listed := map[string]bool{}
	add := func(section string, ids []string, most int) {
		for _, id := range ids {
			if p, ok := s.printer(id); ok && !listed[p.ID] && most > 0 {
				most--
				listed[p.ID] = true
				items = append(items, s.printerItem(section, p, do, true))
			}
		}
	}
	add("recent/", s.preferred.Recent, maxRecent)
	add("favorite/", s.preferred.Favorites, maxFavorites)
	if len(s.Printers)*(1+min(s.count(releasable), maxJobs)) > maxEntries {
		return append(items, Item{Key: "other", Title: s.say("tray.printer.other"), Action: open(page)})
	}
	return append(items, s.byLocation(do, listed)...)
}

// byLocation returns all printers: few in one list, without those that stand
// above it, else a list for each location.
func (s scene) byLocation(do Action, listed map[string]bool) (items []Item) {
	all := slices.SortedFunc(slices.Values(s.Printers), func(a, b control.Printer) int {
		return cmp.Or(cmp.Compare(a.Location, b.Location), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	if len(all) <= fewPrinters || all[0].Location == all[len(all)-1].Location {
		for _, p := range all {
			if !listed[p.ID] {
				items = append(items, s.printerItem("at/", p, do, true))
			}
		}
		return items
	}
	for _, p := range all {
		key := "location/" + p.Location
		if len(items) == 0 || items[len(items)-1].Key != key {
			items = append(items, Item{Key: key, Title: cmp.Or(short(p.Location, maxTitle), s.say("tray.printer.nowhere"))})
		}
		last := &items[len(items)-1]
		last.Items = append(last.Items, s.printerItem("at/", p, do, false))
	}
	return items
}

func (s scene) printerItem(section string, p control.Printer, do Action, where bool) Item {
	do.Printer = p.ID
	return Item{Key: section + p.ID, Title: s.printerTitle(p, where), Action: do}
}

// printerTitle returns name, location, how well the way there is protected and
// what it last said.
func (s scene) printerTitle(p control.Printer, where bool) string {
	name := short(p.Name, maxTitle)
	if slices.Contains(s.preferred.Favorites, p.ID) {
		name = s.say("tray.printer.favorite", "Name", name)
	}
	parts := []string{name}
	if where && p.Location != "" {
		parts = append(parts, short(p.Location, maxTitle))
	}
	if p.Last != nil {
		parts = append(parts, s.grade(p.Last.Grade), s.last(*p.Last))
	}
	return strings.Join(slices.DeleteFunc(parts, func(t string) bool { return t == "" }), " · ")
}

// grade returns a grade in words; where the last release found no way there is
// none.
func (s scene) grade(word string) string {
	if word == "" {
		return ""
	}
	return s.say("tray.grade." + word)
}

func (s scene) last(l control.Seen) string {
	if l.State == "" {
		return ""
	}
	return s.say("tray.last."+l.State, "Time", moment(s.texts, l.At, s.now))
}

// printerName returns what people call the printer of a job.
func (s scene) printerName(id string) string {
	p, _ := s.printer(id)
	return short(p.Name, maxTitle)
}
