package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// explanation is what settings explain prints. The field names are stable.
type explanation struct {
	Name    string            `json:"name"`
	Does    string            `json:"does"`
	Type    string            `json:"type"`
	Default any               `json:"default"`
	SetBy   []settings.Origin `json:"set_by"`
	Since   string            `json:"since"`
	Live    bool              `json:"live"`
	// Value is what the sources come to, Origin the one it is from, and Sources
	// what each of them has, strongest first.
	Value   any              `json:"value"`
	Origin  settings.Origin  `json:"origin"`
	Pinned  bool             `json:"pinned"`
	Sources []settings.Found `json:"sources"`
	Why     string           `json:"why"`
	// Running is what the running agent uses, nil if none is reachable.
	Running *control.Setting `json:"running"`
}

func newSettingsExplain(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:       "explain KEY",
		ValidArgs: settingNames(),
		Short:     "Show what a setting means, what each source says, and which one decides",
		Long: "Shows what a setting means and what it takes, what policy, installer and file have for\n" +
			"it, which of them decides and why, and what the running agent uses.",
		Annotations: exitsOfSettings.With(cli.Exits{cli.Done: "the setting is explained", cli.Usage: "wrong usage, or KEY is no setting"}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		row, err := findSetting(args[0])
		if err != nil {
			return err
		}
		s, err := o.loadSettings()
		if err != nil {
			return err
		}
		e := explainSetting(&row, s)
		if running, err := askAgent(c, o, (*control.Client).Settings); err == nil {
			if one, ok := settingOf(running, row.Name); ok {
				e.Running = &one
			}
		} else if c.Context().Err() != nil {
			return err
		}
		return cli.Present(c, *asJSON, e, explanationRows)
	}
	return c
}

// explainSetting returns what the sources say about a setting.
func explainSetting(row *settings.Setting, s *settings.Settings) explanation {
	defaults := settings.Defaults()
	e := explanation{
		Name: row.Name, Does: row.PlainDoc(), Type: row.Type.Name, Default: row.Value(&defaults), SetBy: row.SetBy, Since: row.Since, Live: row.Live,
		Value: row.Value(&s.Values), Origin: s.Origins[row.Name], Pinned: s.IsPinned(row.Name), Sources: s.Found(row.Name), Why: whyItDecides(row, s),
	}
	if len(e.SetBy) == 0 {
		e.SetBy = settings.Setters()
	}
	if e.Sources == nil {
		e.Sources = []settings.Found{}
	}
	return e
}

// whyItDecides says which source decides on a setting, and why.
func whyItDecides(row *settings.Setting, s *settings.Settings) string {
	if s.Origins[row.Name] == settings.FromFlag {
		return "the command line names it"
	}
	for _, f := range s.Found(row.Name) {
		switch {
		case f.Decides && f.Problem != "" && !settings.SameValue(row.Value(&s.Values), defaultOf(row)):
			return fmt.Sprintf("the %s has it in a form that cannot be used, so the strictest value stands in", f.Origin)
		case f.Decides && f.Problem != "":
			return fmt.Sprintf("the %s has it in a form that cannot be used, so the default stands in, and no weaker source takes over", f.Origin)
		case f.Decides && f.Origin == settings.FromPolicy:
			return "policy has it, which nothing else can change"
		case f.Decides:
			return fmt.Sprintf("the %s is the strongest source that has it", f.Origin)
		}
	}
	if failures := s.PolicyFailures(); len(failures) > 0 && !settings.SameValue(row.Value(&s.Values), defaultOf(row)) {
		return "a policy cannot be read, so the strictest value stands in: " + failures[0].String()
	}
	return "no source has it"
}

func defaultOf(row *settings.Setting) any {
	defaults := settings.Defaults()
	return row.Value(&defaults)
}

func explanationRows(e explanation) [][]string {
	setters := make([]string, len(e.SetBy))
	for i, origin := range e.SetBy {
		setters[i] = string(origin)
	}
	effect := "at the next start of the agent"
	if e.Live {
		effect = "while the agent runs"
	}
	rows := [][]string{
		{"Setting", e.Name},
		{"Does", e.Does},
		{"Takes", e.Type},
		{"Default", valueText(e.Default)},
		{"Set by", strings.Join(setters, ", ")},
		{"Since", e.Since},
		{"Takes effect", effect},
	}
	for _, f := range e.Sources {
		said := fmt.Sprintf("%s (%s)", valueText(f.Value), f.Where)
		if f.Problem != "" {
			said += ": cannot be used: " + f.Problem
		}
		if f.Decides {
			said += " ← decides"
		}
		rows = append(rows, []string{"In " + string(f.Origin), said})
	}
	rows = append(rows, []string{"Value", fmt.Sprintf("%s, from %s", valueText(e.Value), e.Origin)}, []string{"Why", e.Why})
	return append(rows, []string{"Running agent", runningText(e.Running)})
}

func runningText(one *control.Setting) string {
	if one == nil {
		return "not reachable"
	}
	text := "uses " + shownValue(*one)
	if note := settingNote(*one); note != "" {
		text += " (" + note + ")"
	}
	return text
}
