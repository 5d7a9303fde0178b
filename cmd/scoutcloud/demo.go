package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
)

// demoOptions are the flags of demo.
type demoOptions struct {
	data     string
	printer  string
	scenario string
	document string
	once     bool
	json     bool
}

func newDemo() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole way of a job on this machine",
		Long: "Starts a server, a site with throwaway keys, a scout that has joined it and a\n" +
			"simulated printer, all on free ports of this machine; prints a document through\n" +
			"the scout, shows it parked, releases it through the server and follows it to the\n" +
			"end. Then it stays up until Ctrl-C, so that you can try by hand.",
		Example: "  scoutcloud demo\n  scoutcloud demo --printer ipps://lobby.example/ipp/print --document letter.pdf\n" +
			"  scoutcloud demo --printer-scenario jam --once",
		Annotations: cli.Exits{
			cli.Done:        "the job was delivered completely; without --once, Ctrl-C ended the demo",
			cli.Failed:      "something could not be started, or with --once the job was not delivered",
			cli.Interrupted: "interrupted before the job was done",
		}.Annotations(),
	}
	c.Flags().StringVar(&o.data, "data", "", "`DIR` to keep, from which a second start continues (default: a temporary one)")
	c.Flags().StringVar(&o.printer, "printer", "", "a real printer at `URI`, ipps://, ipp:// or socket://, in place of the simulated one")
	c.Flags().StringVar(&o.scenario, "printer-scenario", "", "how the simulated printer behaves, by `NAME`; list shows all")
	c.Flags().StringVar(&o.document, "document", "", "`FILE` to print, or none (default: a sample)")
	c.Flags().BoolVar(&o.once, "once", false, "end after the job; the exit status is 0 if it was delivered completely")
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		o.json = *asJSON
		if o.scenario == listScenarios {
			return writeScenarios(c.OutOrStdout(), o.json)
		}
		return runDemo(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
	}
	return c
}

// demoPaths is the content of demo.json: where everything is, to try by hand.
type demoPaths struct {
	IPPURL     string `json:"ipp_url"`
	CloudURL   string `json:"cloud_url"`
	CloudCA    string `json:"cloud_ca"`
	APIToken   string `json:"api_token"`
	Control    string `json:"control"`
	LocalURL   string `json:"local_url"` // the person's pages; good while the demo runs
	PrinterURL string `json:"printer_url"`
	PrinterOut string `json:"printer_out"`
	Scenario   string `json:"printer_scenario"` // of the simulated printer; empty for none
	VaultDir   string `json:"vault_dir"`
	ServerDir  string `json:"server_dir"`
	SiteDir    string `json:"site_dir"`
	ScoutPID   int    `json:"scout_pid"`
}

const pathsFile = "demo.json"

func runDemo(ctx context.Context, o demoOptions, out, log io.Writer) (err error) {
	sim, err := o.simScenario()
	if err != nil {
		return err
	}
	dir, cleanUp, err := demoDir(o.data)
	if err != nil {
		return err
	}
	defer cleanUp()
	d, err := startDemo(ctx, dir, o.printer, sim, log)
	if err != nil {
		return interruptedIs(ctx, err)
	}
	defer func() { err = errors.Join(err, d.stopParts()) }()
	return d.run(ctx, o, &reporter{out: out, json: o.json})
}

// run shows the whole way of a job and stays up, unless it is to be done once.
func (d *demo) run(ctx context.Context, o demoOptions, say *reporter) error {
	say.printWelcome(d)
	var job *shownJob
	var failed error
	if o.document != "none" {
		job, failed = d.showJob(ctx, o.document, say)
	}
	say.printObject(demoReport{d.demoPaths, job})
	if o.once || failed != nil && ctx.Err() != nil {
		return interruptedIs(ctx, failed)
	}
	if failed != nil {
		fmt.Fprintf(d.log, "scoutcloud: %s\n", failed)
	}
	say.printHints(d)
	return d.waitForEnd(ctx)
}

// interruptedIs distinguishes a demo that was ended from one that failed:
// Ctrl-C is how it is meant to end, but not before it has shown what it
// should.
func interruptedIs(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Canceled
	}
	return err
}

// demoDir makes the folder of a demo. A temporary one is removed at the end.
func demoDir(named string) (dir string, cleanUp func(), err error) {
	if named == "" {
		if dir, err = os.MkdirTemp("", "scoutcloud-demo-"); err != nil {
			return "", nil, fmt.Errorf("making the folder of the demo: %w", err)
		}
		return dir, func() { os.RemoveAll(dir) }, nil
	}
	if dir, err = filepath.Abs(named); err != nil {
		return "", nil, fmt.Errorf("finding the folder of the demo: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("making the folder of the demo: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("closing the folder of the demo to others: %w", err)
	}
	return dir, func() {}, nil
}

func (p demoPaths) writeFile(dir string) error { return writeJSON(filepath.Join(dir, pathsFile), p) }

// lastPathsFile holds what demo.json said at the last start.
const lastPathsFile = "demo.last.json"

// formerPaths returns the paths of an earlier start, empty if there was none.
// demo.json is moved away and written again when all is up.
func formerPaths(dir string) (p demoPaths) {
	last := filepath.Join(dir, lastPathsFile)
	os.Rename(filepath.Join(dir, pathsFile), last)
	if b, err := os.ReadFile(last); err == nil {
		json.Unmarshal(b, &p)
	}
	return p
}
