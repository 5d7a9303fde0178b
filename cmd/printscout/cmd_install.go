package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/installer"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/settings"
)

// installOptions are the flags of install and uninstall.
type installOptions struct {
	installer.Options
	sets   []string
	asJSON *bool
}

func newInstall() *cobra.Command {
	o := new(installOptions)
	c := &cobra.Command{
		Use:   "install",
		Short: "Make Print Scout part of this computer: service, print queue, tray",
		Long: "Makes the account, folders, service, tray and print queue of Print Scout, and\n" +
			"prints a probe page. It asks nothing and may be run again at any time. What it\n" +
			"did is undone if it fails, and by uninstall.",
		Example: "  sudo printscout install --bundle workstation.json --set DefaultPrinter=true\n" +
			"  sudo printscout install --trust-queue-names --dry-run",
		Annotations: cli.Exits{
			cli.Done:         "everything is there, or with --dry-run: is there or would be",
			cli.Failed:       "it failed; what it did is undone",
			cli.Usage:        "wrong usage, or --set names an unknown setting or a value that it does not take",
			cli.Part:         "it is installed, except for the steps that are named with what to do",
			cli.NotPermitted: "you are not an administrator",
			cli.Interrupted:  "interrupted; what it did is undone",
		}.Annotations(),
	}
	f := c.Flags()
	f.StringArrayVar(&o.sets, "set", nil, "a setting for this computer, as `KEY=VALUE`; repeatable")
	f.StringVar(&o.Bundle, "bundle", "", "`FILE` with the bundle of the site to join; it is deleted")
	f.BoolVar(&o.TrustQueueNames, "trust-queue-names", false, "let only administrators make print queues, so that the names the queue gives are trustworthy")
	f.BoolVar(&o.NoProbe, "no-probe", false, "print no probe page")
	o.addFlags(c, installTimeout)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := o.complete(); err != nil {
			return err
		}
		return o.run(c, installer.Install)
	}
	return c
}

// Timeouts of each wait of install and uninstall.
const (
	installTimeout   = 2 * time.Minute
	uninstallTimeout = time.Minute
)

// addFlags adds the flags that both commands have.
func (o *installOptions) addFlags(c *cobra.Command, timeout time.Duration) {
	f := c.Flags()
	f.BoolVar(&o.FromPackage, "from-package", false, "for the scripts of packages: only settings, print queue and default printer")
	f.BoolVar(&o.DryRun, "dry-run", false, "print what would change, and change nothing")
	f.DurationVar(&o.Timeout, "timeout", timeout, "how long each wait may take, as `DURATION`")
	o.asJSON = cli.JSONFlag(c)
}

// complete adds what follows from the flags and from who runs the command.
func (o *installOptions) complete() (err error) {
	if o.Timeout <= 0 {
		return cli.Usagef("--timeout should be more than 0")
	}
	if o.Set, err = parseSets(o.sets); err != nil {
		return err
	}
	if o.Bundle != "" {
		if o.Bundle, err = filepath.Abs(o.Bundle); err != nil {
			return fmt.Errorf("finding the bundle: %w", err)
		}
	}
	if o.Binary, err = os.Executable(); err == nil {
		o.Binary, err = filepath.EvalSymlinks(o.Binary)
	}
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	// Only root can set these for itself; for others the command ends before.
	o.ProbeUser = cmp.Or(os.Getenv("SUDO_USER"), os.Getenv("DOAS_USER"))
	return nil
}

// parseSets reads the values of --set.
func parseSets(sets []string) (map[string]json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	for _, set := range sets {
		key, text, ok := strings.Cut(set, "=")
		if !ok {
			return nil, cli.Usagef("--set %s: it should be KEY=VALUE", set)
		}
		name, value, err := settings.ParseText(key, text)
		if err != nil {
			return nil, &cli.UsageError{Err: fmt.Errorf("--set %s: %w", set, err)}
		}
		if all[name], err = json.Marshal(value); err != nil {
			return nil, fmt.Errorf("--set %s: %w", set, err)
		}
	}
	return all, nil
}

// run runs install or uninstall and prints what it did.
func (o *installOptions) run(c *cobra.Command, do func(context.Context, *installer.Computer, installer.Options) (*installer.Result, error)) error {
	if !*o.asJSON {
		o.Tell = func(s installer.StepResult) { printStep(c.OutOrStdout(), s) }
	}
	r, err := do(c.Context(), installer.ThisComputer(), o.Options)
	if *o.asJSON && len(r.Steps) > 0 {
		if perr := cli.PrintJSON(c.OutOrStdout(), r); perr != nil {
			return errors.Join(err, perr)
		}
	}
	switch {
	case errors.Is(err, installer.ErrNotElevated):
		return cli.WithHint(err, elevatedHint(os.Args))
	case err != nil:
		return explainInstall(err)
	case r.JobsDiscarded > 0 && !*o.asJSON:
		fmt.Fprintf(c.OutOrStdout(), "%d parked jobs were discarded.\n", r.JobsDiscarded)
	}
	if r.Outcome == installer.Partial {
		return cli.EndWith(cli.Part, "done in part: see the steps that failed or were skipped")
	}
	return nil
}

// explainInstall gives an error of the installer its hint and its exit status.
func explainInstall(err error) error {
	if p, ok := errors.AsType[*installer.Problem](err); ok {
		return cli.WithHint(err, p.Hint)
	}
	if u, ok := errors.AsType[*installer.UsageError](err); ok {
		return &cli.UsageError{Err: u.Err}
	}
	return err
}

// printStep prints one line of a step, and what to do if something is left.
func printStep(w io.Writer, s installer.StepResult) {
	fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-15s %-12s %s", s.Step, s.State, s.Message), " "))
	if s.Hint != "" {
		fmt.Fprintf(w, "%-15s %-12s %s\n", "", "to do:", s.Hint)
	}
}
