package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/redact"
	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/internal/version"
)

// Bounds of the log in a bug report.
const (
	reportLines = 2000
	reportLog   = 1 << 20
)

// madeReport is what --json says. The names are stable.
type madeReport struct {
	File     string   `json:"file"`
	Contents []string `json:"contents"`
	Uploaded bool     `json:"uploaded"` // always false
}

func newBugReport(o *agentOptions) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "bugreport",
		Short: "Write a file for whoever helps you; nothing is uploaded",
		Long: "Writes a zip file with the versions, the status, the settings, what doctor says, and\n" +
			"the end of the log where you may read it. Secrets, titles, names of people, hosts\n" +
			"and sites are taken out (docs/doctor.md, Bug report). Look at it before you send it.",
		Example: "  printscout bugreport\n  sudo printscout bugreport --output /tmp/report.zip",
		Annotations: cli.Exits{
			cli.Done:        "the file is written, even if the agent did not answer",
			cli.Failed:      "it could not be written, or is there already",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	c.Flags().StringVar(&output, "output", "", "new `FILE` to write (default ./printscout-bugreport-DATE.zip)")
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if output == "" {
			output = "printscout-bugreport-" + time.Now().Format("20060102-150405") + ".zip"
		}
		raw, contents, err := o.collect(c.Context()).zip()
		if err != nil {
			return err
		}
		if err := writeNewFile(output, raw); err != nil {
			return err
		}
		if *asJSON {
			return cli.PrintJSON(c.OutOrStdout(), madeReport{output, contents, false})
		}
		fmt.Fprintf(c.ErrOrStderr(), "printscout: it has %v; nothing was uploaded, so look at it and send it yourself\n", contents)
		_, err = fmt.Fprintln(c.OutOrStdout(), output)
		return err
	}
	return c
}

// writeNewFile writes a file that only its owner may read, and replaces none.
func writeNewFile(path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return cli.WithHint(fmt.Errorf("writing the report: %w", err), "--output names another file")
	}
	_, err = f.Write(raw)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(path)
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// collect asks for everything that a report has. What cannot be had is said in
// its place.
func (o *agentOptions) collect(ctx context.Context) report {
	client := o.askAnyAgent()
	defer client.Close()
	r := report{Version: version.Get()}
	r.Status, r.StatusError = client.Status(ctx)
	s, err := o.loadSettings()
	r.Settings = settingsOf(s, err)
	r.Results = new(checkup.Runner).Run(ctx, o.checkupsOf(client))
	r.Log = tailOfLog(ctx)
	r.Known = redact.Known{Users: accountNames(), Sites: []string{r.Status.Site}, Hosts: hostNames(r.Status.Server)}
	if s != nil {
		r.Known.Hosts = append(r.Known.Hosts, settingText(s, "ScoutName"))
		r.Known.Sites = append(r.Known.Sites, settingText(s, "ManagedBy"), settingText(s, "PrinterLocation"))
	}
	if jobs, err := client.Jobs(ctx); err == nil {
		for _, j := range jobs {
			r.Known.Titles, r.Known.Users = append(r.Known.Titles, j.Title), append(r.Known.Users, j.User)
		}
	}
	if printers, err := client.Printers(ctx); err == nil {
		for _, p := range printers {
			r.Known.Sites = append(r.Known.Sites, p.Name, p.Location)
			r.Known.Hosts = append(r.Known.Hosts, hostNames(p.URIs...)...)
		}
	}
	return r
}

// settingText returns the value of a setting that is text.
func settingText(s *settings.Settings, name string) string {
	v, _ := s.Value(name)
	text, _ := v.(string)
	return text
}

// settingsOf returns every setting with its origin, or why they cannot be read.
func settingsOf(s *settings.Settings, err error) any {
	if err != nil {
		return map[string]string{"error": err.Error()}
	}
	type one struct {
		Value  any    `json:"value"`
		Origin string `json:"origin"`
	}
	all := map[string]any{}
	for _, row := range settings.Table() {
		value, _ := s.Value(row.Name)
		all[row.Name] = one{value, string(s.Origins[row.Name])}
	}
	if len(s.Warnings) > 0 {
		all["warnings"] = s.Warnings
	}
	return all
}

// tailOfLog returns the end of the agent's log, or why there is none.
func tailOfLog(ctx context.Context) []byte {
	var log bytes.Buffer
	if err := showLog(ctx, logQuery{lines: reportLines}, &log, false); err != nil {
		return []byte("There is no log here: " + err.Error() + "\n")
	}
	if log.Len() == 0 {
		return []byte("The log is empty, or whoever made this report may not read it.\n")
	}
	raw := log.Bytes()
	return raw[max(0, len(raw)-reportLog):]
}
