package local

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/web"
)

// choice is the printers to choose from: those used last, then favorites, then
// all others by where they are.
type choice struct {
	*web.Texts
	Groups []group
}

type group struct {
	Label    string
	Printers []option
}

// option is one printer in a choice.
type option struct {
	ID, Text string
	For      string // the job that a button is for
}

// printers asks for all of them, in the order of a choice.
func (s *Server) printers(ctx context.Context) ([]control.Printer, error) {
	all, err := s.agent.Printers(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b control.Printer) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Location), strings.ToLower(b.Location)), cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	return all, nil
}

// choose arranges printers. Each stands in it once.
func (s *Server) choose(t *web.Texts, all []control.Printer) choice {
	c := choice{Texts: t}
	left := slices.Clone(all)
	take := func(label string, ids []string) {
		var g group
		for _, id := range ids {
			i := slices.IndexFunc(left, func(p control.Printer) bool { return p.ID == id })
			if i < 0 {
				continue
			}
			g.Printers = append(g.Printers, option{ID: id, Text: printerText(t, left[i])})
			left = slices.Delete(left, i, i+1)
		}
		if len(g.Printers) > 0 {
			g.Label = label
			c.Groups = append(c.Groups, g)
		}
	}
	take(t.Say("choice.recent"), s.preferences.Recent())
	take(t.Say("choice.favorites"), s.preferences.Favorites())
	for _, p := range left {
		label := cmp.Or(p.Location, t.Say("choice.nowhere"))
		if n := len(c.Groups); n == 0 || c.Groups[n-1].Label != label {
			c.Groups = append(c.Groups, group{Label: label})
		}
		last := &c.Groups[len(c.Groups)-1]
		last.Printers = append(last.Printers, option{ID: p.ID, Text: printerText(t, p)})
	}
	return c
}

// quickPrinters is how many printers have a button of their own.
const quickPrinters = 2

// quick are the first printers of a choice, as buttons for one job.
func (c choice) quick(job string) (out []option) {
	for _, g := range c.Groups {
		for _, p := range g.Printers {
			if len(out) == quickPrinters {
				return out
			}
			name, _, _ := strings.Cut(p.Text, " · ")
			out = append(out, option{ID: p.ID, For: job, Text: c.Say("jobs.release.at", "Printer", name)})
		}
	}
	return out
}

// printerText is a printer in one line: its name, its grade and what it last
// said.
func printerText(t *web.Texts, p control.Printer) string {
	parts := []string{p.Name, gradeText(t, p)}
	if said := lastText(t, p); said != "" {
		parts = append(parts, said)
	}
	return strings.Join(parts, " · ")
}

// gradeText says how well the way to a printer is protected: as it was at the
// last release there, else the least that the directory allows.
func gradeText(t *web.Texts, p control.Printer) string {
	grade := p.Floor
	if p.Last != nil && p.Last.Grade != "" {
		grade = p.Last.Grade
	}
	switch grade {
	case "ipps-pinned":
		return t.Say("grade.ipps-pinned")
	case "ipps":
		return t.Say("grade.ipps")
	}
	return t.Say("grade.plain")
}

// lastText is what a printer last said, where that was not all well.
func lastText(t *web.Texts, p control.Printer) string {
	if p.Last == nil || p.Last.ReasonWord == "" {
		return ""
	}
	return t.SayReason(p.Last.ReasonWord, "")
}

// nameOf is what people call a printer of an id, which may be gone.
func nameOf(all []control.Printer, id string) string {
	for _, p := range all {
		if p.ID == id {
			return p.Name
		}
	}
	return id
}
