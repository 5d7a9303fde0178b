package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// verification is what settings verify prints. The field names are stable.
type verification struct {
	// InEffect means that the agent uses what the sources say, and that all of it
	// can be used.
	InEffect    bool                     `json:"in_effect"`
	Checked     int                      `json:"checked"` // without those that only administrators may see
	Pinned      int                      `json:"pinned"`
	Differences []difference             `json:"differences"`
	Problems    []control.SettingProblem `json:"problems"`
}

// difference is a setting that the agent does not use as the sources say.
type difference struct {
	Name      string `json:"name"`
	Effective any    `json:"effective"`
	Intended  any    `json:"intended"`
	Origin    string `json:"origin"` // of the intended value
	Pinned    bool   `json:"pinned"`
	Fix       string `json:"fix"`
}

func newSettingsVerify(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check whether the running agent uses what the sources say",
		Long: "Reads policy, installer and file anew, asks the running agent what it uses, and lists\n" +
			"what differs and what cannot be used. Made for scripts that check compliance. Names\n" +
			"that are no setting are listed, but are no failure: they may be meant for a later version.",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:   "every setting is in effect",
			cli.Failed: "the configuration could not be read",
			cli.Part:   "a setting is not in effect, or a source has a mistake",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		running, err := askAgent(c, o, (*control.Client).Settings)
		if err != nil {
			return err
		}
		s, err := settingsSources(o.config).Load()
		if err != nil {
			return err
		}
		v := compareSettings(running, s)
		if err := cli.Present(c, *asJSON, v, verificationRows); err != nil {
			return err
		}
		if !v.InEffect {
			return cli.EndWith(cli.Part, "settings are not in effect, or have mistakes")
		}
		return nil
	}
	return c
}

// compareSettings compares what the agent uses with what the sources say. What the agent
// was told by its own command line, and defaults that depend on how it was
// started, are as they should be.
func compareSettings(running control.Settings, s *settings.Settings) verification {
	v := verification{Differences: []difference{}, Problems: controlProblems(s.Problems)}
	for _, row := range settings.Table() {
		pinned := s.IsPinned(row.Name)
		if pinned {
			v.Pinned++
		}
		d := difference{Name: row.Name, Intended: row.Value(&s.Values), Origin: string(s.Origins[row.Name]), Pinned: pinned}
		one, known := settingOf(running, row.Name)
		if one.Hidden {
			continue
		}
		v.Checked++
		switch {
		case !known:
			d.Fix = "update the running agent, or restart it: it is of another version"
		case isOwnAffair(one, d), sameText(one.Value, d.Intended):
			continue
		case one.PendingRestart && sameText(one.Pending, d.Intended):
			d.Fix = "restart the agent"
		case running.Failure != "":
			d.Fix = "mend what the agent could not read: " + running.Failure
		default:
			d.Fix = "wait a minute, or have the agent read its settings (SIGHUP); if that does not help, it was started with another --config"
		}
		d.Effective = one.Value
		v.Differences = append(v.Differences, d)
	}
	v.InEffect = len(v.Differences) == 0
	for _, p := range v.Problems {
		v.InEffect = v.InEffect && p.Unknown
	}
	return v
}

// isOwnAffair reports whether a value that differs is one that the agent's own
// start decides on, which this command cannot know.
func isOwnAffair(one control.Setting, d difference) bool {
	if d.Pinned {
		return false
	}
	isDefault := one.Origin == string(settings.FromDefault) && d.Origin == string(settings.FromDefault)
	return one.Origin == string(settings.FromFlag) || isDefault && !one.PendingRestart
}

// sameText compares a value of this program with one that came as JSON.
func sameText(a, b any) bool { return valueText(a) == valueText(b) }

func verificationRows(v verification) [][]string {
	if v.InEffect && len(v.Problems) == 0 {
		return [][]string{{fmt.Sprintf("All %d settings are in effect; policy pins %d.", v.Checked, v.Pinned)}}
	}
	var rows [][]string
	for _, d := range v.Differences {
		rows = append(rows, []string{d.Name, fmt.Sprintf("is %s, should be %s by %s: %s", valueText(d.Effective), valueText(d.Intended), d.Origin, d.Fix)})
	}
	return append(rows, problemRows(v.Problems)...)
}

// problemRows returns a row for each mistake of a source; a name that is no
// setting is only a note.
func problemRows(problems []control.SettingProblem) (rows [][]string) {
	for _, p := range problems {
		word := "Problem"
		if p.Unknown {
			word = "Note"
		}
		rows = append(rows, []string{word, problemText(p)})
	}
	return rows
}

// settingRows returns what status says of settings.
func settingRows(s control.Status) (rows [][]string) {
	if s.ManagedBy != "" {
		rows = append(rows, []string{"Managed by", s.ManagedBy})
	}
	if s.Pinned > 0 {
		rows = append(rows, []string{"Pinned by policy", fmt.Sprintf("%d settings: printscout settings list", s.Pinned)})
	}
	if len(s.PendingRestart) > 0 {
		rows = append(rows, []string{"After a restart", strings.Join(s.PendingRestart, ", ") + " will change"})
	}
	if c := s.SettingsChanged; c != nil && len(c.Changed) > 0 {
		text := strings.Join(c.Changed, ", ") + " at " + c.At.Local().Format(time.DateTime)
		if len(c.Policy) > 0 {
			text += ", by policy: " + strings.Join(c.Policy, ", ")
		}
		rows = append(rows, []string{"Settings changed", text})
	}
	return rows
}
