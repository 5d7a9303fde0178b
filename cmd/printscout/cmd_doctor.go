package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/installer/checkups"
	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	fix    bool
	dryRun bool
	only   []string // ids of checkups; empty: all
	json   *bool
}

func newDoctor(o *agentOptions) *cobra.Command {
	var d doctorOptions
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at what may be wrong on this computer, and say what to do",
		Long: "Looks at the agent, its port, the print queue, the server, files and the desktop,\n" +
			"and says of each whether it is well and what to do. On the network it asks the\n" +
			"site's server only. --fix repairs what belongs to Print Scout: its own queue, the\n" +
			"modes of its own files, an expired bundle of yours; each repair is announced.",
		Example: "  printscout doctor\n  sudo printscout doctor --fix\n  printscout doctor --json",
		Annotations: cli.Exits{
			cli.Done:         "all is well",
			cli.Failed:       "the results could not be printed, or a repair failed",
			cli.Part:         "something warns, fails, or could not be looked at",
			cli.NotPermitted: "with --fix, a repair needs an administrator's rights",
			cli.Interrupted:  "interrupted",
		}.Annotations(),
	}
	c.Flags().BoolVar(&d.fix, "fix", false, "repair what belongs to Print Scout")
	c.Flags().BoolVar(&d.dryRun, "dry-run", false, "with --fix, say what would be repaired and change nothing")
	c.Flags().StringArrayVar(&d.only, "only", nil, "make the checkup `ID` alone; may be given several times")
	d.json = cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if d.dryRun && !d.fix {
			return cli.Usagef("--dry-run is for --fix")
		}
		for _, id := range d.only {
			if !slices.ContainsFunc(checkups.Table(), func(row checkups.Row) bool { return row.ID == id }) {
				return cli.WithHint(cli.Usagef("there is no checkup %q", id), "printscout doctor shows the id of each")
			}
		}
		client := o.askAnyAgent()
		defer client.Close()
		return o.examine(c, client, d)
	}
	return c
}

// chosen returns those of the checkups that --only names, or all.
func (d doctorOptions) chosen(all []checkup.Checkup) []checkup.Checkup {
	if len(d.only) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(c checkup.Checkup) bool { return !slices.Contains(d.only, c.ID) })
}

// examine runs the checkups, with --fix makes the repairs and runs them again.
func (o *agentOptions) examine(c *cobra.Command, client *control.Client, d doctorOptions) error {
	look := func(ctx context.Context) []checkup.Result {
		return new(checkup.Runner).Run(ctx, d.chosen(o.checkupsOf(client)))
	}
	results := look(c.Context())
	var made map[string][]checkup.Repaired
	if d.fix {
		made = checkup.RepairAll(c.Context(), results, d.dryRun, func(does string) {
			fmt.Fprintf(c.ErrOrStderr(), "printscout: %s: %s\n", map[bool]string{true: "would repair", false: "repairing"}[d.dryRun], does)
		})
		if len(made) > 0 && !d.dryRun {
			results = look(c.Context())
		}
		results = checkup.WithRepairs(results, made)
	}
	if err := c.Context().Err(); err != nil {
		return err
	}
	if err := printCheckups(c.OutOrStdout(), results, *d.json); err != nil {
		return err
	}
	return endOfDoctor(results, made)
}

// endOfDoctor returns what the command ends with.
func endOfDoctor(results []checkup.Result, made map[string][]checkup.Repaired) error {
	states := map[string]bool{}
	for _, repairs := range made {
		for _, r := range repairs {
			states[r.State] = true
		}
	}
	switch {
	case states[checkup.RepairNotPermitted]:
		return cli.WithHint(cli.EndWith(cli.NotPermitted, "a repair needs an administrator's rights"), control.AsAdministrator+": "+elevated())
	case states[checkup.RepairFailed]:
		return cli.WithHint(cli.EndWith(cli.Failed, "a repair failed"), "the checkup says what to do by hand; printscout bugreport collects what helps to find out why")
	case !checkup.IsWell(results):
		return cli.EndWith(cli.Part, "something warns, fails, or could not be looked at")
	}
	return nil
}

// elevated returns this command line as an administrator types it.
func elevated() string {
	args := slices.Clone(os.Args)
	args[0] = "printscout"
	for i, a := range args {
		if strings.ContainsAny(a, " \t'\"$\\`*?;&|<>()") {
			args[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return "sudo " + strings.Join(args, " ")
}

// printCheckups prints a line for each result, and below it what to do.
func printCheckups(w io.Writer, results []checkup.Result, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, results)
	}
	var b strings.Builder
	for _, r := range results {
		fmt.Fprintf(&b, "%-5s  %-15s  %s\n", r.State, r.ID, r.Summary)
		if r.Fix != "" {
			fmt.Fprintf(&b, "%24s to do: %s\n", "", r.Fix)
		}
		for _, done := range r.Repaired {
			fmt.Fprintf(&b, "%24s repair: %s: %s\n", "", done.Does, strings.TrimSpace(repairWords[done.State]+" "+done.Error))
		}
		if r.Fixable && len(r.Repaired) == 0 {
			fmt.Fprintf(&b, "%24s printscout doctor --fix does something about it\n", "")
		}
	}
	n := checkup.Counts(results)
	fmt.Fprintf(&b, "\n%d pass, %d info, %d warn, %d fail, %d error\n", n[checkup.Pass], n[checkup.Info], n[checkup.Warn], n[checkup.Fail], n[checkup.Error])
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// repairWords say what became of a repair.
var repairWords = map[string]string{
	checkup.RepairDone: "done", checkup.RepairFailed: "failed:", checkup.RepairNotPermitted: "not permitted:", checkup.RepairPlanned: "planned",
}
