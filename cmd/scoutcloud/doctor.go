package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/cli"
)

func newDoctor() *cobra.Command {
	var data, listen string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at what may be wrong with this server, and say what to do",
		Long: "Looks at the data folder, the registry, the certificate, the site, the port, limits,\n" +
			"the clock, tokens and bundles, and says of each whether it is well and what to do.\n" +
			"It works whether the server runs or not, and changes nothing. Run it as the account\n" +
			"of the server, or as root.",
		Example: "  sudo scoutcloud doctor\n  scoutcloud doctor --data /var/lib/scoutcloud --json",
		Annotations: cli.Exits{
			cli.Done:        "all is well",
			cli.Failed:      "there is no server data, or the results could not be printed",
			cli.Part:        "something warns, fails, or could not be looked at",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	dataFlag(c, &data)
	c.Flags().StringVar(&listen, "listen", defaultListen, "`ADDRESS` that the server listens at")
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		o, err := rememberedOptions(data)
		if err != nil {
			return err
		}
		o.listen = listen
		results := new(checkup.Runner).Run(c.Context(), checkupsOf(&examinedServer{serveOptions: o, now: time.Now}))
		if err := c.Context().Err(); err != nil {
			return err
		}
		if err := printCheckups(c.OutOrStdout(), results, *asJSON); err != nil {
			return err
		}
		if !checkup.IsWell(results) {
			return cli.EndWith(cli.Part, "something warns, fails, or could not be looked at")
		}
		return nil
	}
	return c
}

// rememberedOptions returns what the server was last started with. A server that
// has never run has a data folder at most.
func rememberedOptions(data string) (serveOptions, error) {
	o := serveOptions{data: data}
	if _, err := os.Stat(data); err != nil {
		return o, cli.WithHint(fmt.Errorf("there is no data of a server in %s: %w", data, err), "--data names the folder that scoutcloud serve was given")
	}
	raw, err := os.ReadFile(filepath.Join(data, serveFile))
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return o, cli.WithHint(fmt.Errorf("reading what the server was last started with: %w", err), "run it as the account of the server, or as root")
	}
	if err == nil {
		err = json.Unmarshal(raw, &o)
	}
	if err != nil {
		return o, fmt.Errorf("reading what the server was last started with: %w", err)
	}
	return o, nil
}

// printCheckups prints a line for each result, and below it what to do.
func printCheckups(w io.Writer, results []checkup.Result, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, results)
	}
	var b strings.Builder
	for _, r := range results {
		fmt.Fprintf(&b, "%-5s  %-12s  %s\n", r.State, r.ID, r.Summary)
		if r.Fix != "" {
			fmt.Fprintf(&b, "%21s to do: %s\n", "", r.Fix)
		}
	}
	n := checkup.Counts(results)
	fmt.Fprintf(&b, "\n%d pass, %d info, %d warn, %d fail, %d error\n", n[checkup.Pass], n[checkup.Info], n[checkup.Warn], n[checkup.Fail], n[checkup.Error])
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}
