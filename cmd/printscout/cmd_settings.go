package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

func newSettings(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "settings",
		Short: "What the agent is told to do, and by whom",
		Long:  "Shows settings. They are made by policy, by the installer or in the configuration\nfile; docs/settings.md has all of them.",
	}
	c.AddCommand(newSettingsList(o), newSettingsGet(o), newSettingsExplain(o), newSettingsVerify(o))
	return c
}

// settingsView is what list, get and explain show: the running agent's settings
// or, without an agent, those it would start with.
type settingsView struct {
	control.Settings
	Running bool `json:"running"` // an agent has answered
}

// viewSettings asks the agent, and reads the sources if none is reachable.
func (o *agentOptions) viewSettings(c *cobra.Command) (settingsView, error) {
	running, err := askAgent(c, o, (*control.Client).Settings)
	if err == nil {
		return settingsView{running, true}, nil
	}
	if !errors.Is(err, control.ErrUnreachable) {
		return settingsView{}, err
	}
	s, err := o.loadSettings()
	if err != nil {
		return settingsView{}, err
	}
	fmt.Fprintln(c.ErrOrStderr(), "printscout: the agent is not reachable; this is what it would start with")
	return settingsView{Settings: readSettings(s)}, nil
}

// readSettings returns what the sources say, as the agent returns what it uses.
func readSettings(s *settings.Settings) control.Settings {
	all := control.Settings{Settings: []control.Setting{}, Problems: controlProblems(s.Problems), Read: time.Now().UTC()}
	defaults := settings.Defaults()
	for _, row := range settings.Table() {
		all.Settings = append(all.Settings, control.Setting{
			Name: row.Name, Value: row.Value(&s.Values), Origin: string(s.Origins[row.Name]), Pinned: s.IsPinned(row.Name),
			Default: row.Value(&defaults), Live: row.Live, Error: s.ProblemOf(row.Name),
		})
	}
	return all
}

func controlProblems(problems []settings.Problem) []control.SettingProblem {
	all := []control.SettingProblem{}
	for _, p := range problems {
		all = append(all, control.SettingProblem{Setting: p.Setting, Origin: string(p.Origin), Where: p.Where, Message: p.Message, Unknown: p.Unknown})
	}
	return all
}

func newSettingsList(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List every setting with its value and where that is from",
		Long: "Lists the settings that the running agent uses, where each value is from (policy, flag,\n" +
			"installer, file, default), whether policy pins it, and what waits for a restart.\n" +
			"Without a running agent it lists what one would start with.",
		Annotations: exitsOfSettings.With(cli.Exits{cli.Done: "the settings are listed"}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		view, err := o.viewSettings(c)
		if err != nil {
			return err
		}
		return cli.Present(c, *asJSON, view, settingsRows)
	}
	return c
}

// exitsOfSettings are common to the commands that can do without an agent.
var exitsOfSettings = cli.Exits{
	cli.Failed:       "the configuration could not be read",
	cli.NotPermitted: exitsOfAgent[cli.NotPermitted],
	cli.Interrupted:  exitsOfAgent[cli.Interrupted],
}

func settingsRows(view settingsView) [][]string {
	rows := [][]string{{"NAME", "VALUE", "FROM", "NOTE"}}
	for _, one := range view.Settings.Settings {
		rows = append(rows, []string{one.Name, shownValue(one), one.Origin, settingNote(one)})
	}
	rows = append(rows, problemRows(view.Problems)...)
	if view.Failure != "" {
		rows = append(rows, []string{"Problem", "nothing changes until this is mended: " + view.Failure})
	}
	return rows
}

func shownValue(s control.Setting) string {
	if s.Hidden {
		return "(shown to administrators)"
	}
	return valueText(s.Value)
}

// valueText returns a value as it stands in a configuration file, but a text
// that has something in it without quotes.
func valueText(v any) string {
	if text, ok := v.(string); ok && text != "" {
		return text
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}

func settingNote(s control.Setting) string {
	var notes []string
	if s.Pinned {
		notes = append(notes, "pinned by policy")
	}
	if s.PendingRestart && !s.Hidden {
		notes = append(notes, valueText(s.Pending)+" after a restart")
	} else if s.PendingRestart {
		notes = append(notes, "changes with a restart")
	}
	if s.Error != "" {
		notes = append(notes, "has a mistake: "+s.Error)
	}
	return strings.Join(notes, "; ")
}

func problemText(p control.SettingProblem) string {
	return settings.Problem{Setting: p.Setting, Origin: settings.Origin(p.Origin), Where: p.Where, Message: p.Message, Unknown: p.Unknown}.String()
}

func newSettingsGet(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:       "get KEY",
		ValidArgs: settingNames(),
		Short:     "Print the value of one setting",
		Annotations: exitsOfSettings.With(cli.Exits{
			cli.Done: "the value is printed", cli.Usage: "wrong usage, or KEY is no setting", cli.NotPermitted: "only an administrator may see that setting, or ask the agent",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		row, err := findSetting(args[0])
		if err != nil {
			return err
		}
		view, err := o.viewSettings(c)
		if err != nil {
			return err
		}
		one, ok := settingOf(view.Settings, row.Name)
		switch {
		case !ok:
			return fmt.Errorf("the running agent is of another version and does not know %s", row.Name)
		case one.Hidden:
			return &control.Error{Code: control.CodeNotPermitted, Message: row.Name + " is shown only to administrators", Hint: control.AsAdministrator}
		case *asJSON:
			return cli.PrintJSON(c.OutOrStdout(), one)
		}
		fmt.Fprintln(c.OutOrStdout(), plainValue(one.Value))
		return nil
	}
	return c
}

// plainValue returns a value for scripts: nothing for "", the items of a list
// one to a line.
func plainValue(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, "\n")
	case []any:
		lines := make([]string, len(v))
		for i, item := range v {
			lines[i] = fmt.Sprint(item)
		}
		return strings.Join(lines, "\n")
	}
	return valueText(v)
}

func findSetting(name string) (settings.Setting, error) {
	row, ok := settings.Find(name)
	if !ok {
		return row, cli.WithHint(cli.Usagef("%.64q is not a setting", name), "printscout settings list shows all of them")
	}
	return row, nil
}

func settingOf(all control.Settings, name string) (control.Setting, bool) {
	for _, one := range all.Settings {
		if one.Name == name {
			return one, true
		}
	}
	return control.Setting{}, false
}

// settingNames returns the names of all settings, which a shell completes.
func settingNames() (names []string) {
	for _, row := range settings.Table() {
		names = append(names, row.Name)
	}
	return names
}
