package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/vault/keystore"
)

func newStatus(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "status",
		Short: "Show the state of the agent on this computer",
		Long:  "Shows whether this computer has joined a site, is connected to its server and\ntakes jobs, and whether it is the agent that answers where apps print.",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:        "the agent is connected and takes jobs",
			cli.Failed:      "its state could not be determined",
			cli.Part:        "something is wrong: it is not connected or not approved, takes no jobs, has damaged ones, a bundle lies about, or another program answers in its place",
			cli.NotEnrolled: "this computer has not joined a site",
		}).Annotations(),
	}
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		s, err := askAgent(c, o, (*control.Client).Status)
		if err != nil {
			return o.withStranger(c.Context(), err)
		}
		if err := cli.Present(c, *asJSON, s, statusRows); err != nil {
			return err
		}
		return healthOf(s)
	}
	return c
}

func healthOf(s control.Status) error {
	switch {
	case !s.Enrolled:
		return cli.EndWith(cli.NotEnrolled, "this computer has not joined a site")
	case !answersAreOurs(s):
		return cli.WithHint(cli.EndWith(cli.Part, "another program answers where apps print, or none does"), "stop whatever else listens there, then restart the agent, so that it listens there itself")
	case s.Pending:
		return cli.WithHint(cli.EndWith(cli.Part, "this computer waits for its administrator's approval"), "the administrator runs: scoutcloud scout approve "+s.Scout)
	case s.BundleState != "":
		return cli.EndWith(cli.Part, s.Bundle)
	case !s.Connected, !s.Accepting, s.Damaged > 0:
		return cli.EndWith(cli.Part, "the agent is not connected, takes no jobs, or has set damaged ones aside")
	}
	return nil
}

func answersAreOurs(s control.Status) bool {
	return !slices.ContainsFunc(s.Answers, func(a control.Answer) bool { return a.Who != control.Us })
}

func statusRows(s control.Status) [][]string {
	rows := [][]string{
		{"Version", s.Version},
		{"Running since", s.Started.Local().Format(time.DateTime)},
		{"Site", orDash(s.Site)},
		{"Site's keys", siteKeys(s)},
		{"Server", orDash(s.Server) + connectionWords(s)},
		{"Scout", orDash(s.Scout)},
		{"Printers", fmt.Sprintf("%d (directory revision %d)", s.Printers, s.DirectoryRevision)},
		{"Print at", strings.Join(s.PrinterURIs, " ")},
		{"Takes jobs", yesNo(s.Accepting)},
		{"Your jobs", fmt.Sprintf("%d (%s sealed)", s.Jobs, byteSize(s.Bytes))},
	}
	if s.Pending {
		rows = append(rows, []string{"Approval", "pending: until the administrator approves this computer, jobs are released here only"})
	}
	if s.Bundle != "" {
		rows = append(rows, []string{"Bundle", s.Bundle})
	}
	if s.KeysAtRest != "" { // an agent of an older version says nothing
		rows = append(rows, []string{"Keys at rest", keysAtRest(s.KeysAtRest)})
	}
	if s.Waiting > 0 {
		rows = append(rows, []string{"Waiting", fmt.Sprintf("%d of them, for the %s of their owner: printscout person register", s.Waiting, s.WaitingFor)})
	}
	rows = append(rows, settingRows(s)...)
	if s.Message != "" {
		rows = append(rows, []string{"Note", s.Message})
	}
	if s.Identify != "" {
		rows = append(rows, []string{"Identify", s.Identify})
	}
	if s.Damaged > 0 {
		rows = append(rows, []string{"Damaged", fmt.Sprintf("%d jobs were damaged and set aside; the log names them", s.Damaged)})
	}
	for _, a := range s.Answers {
		if a.Message != "" {
			rows = append(rows, []string{"Warning", a.Message})
		}
	}
	for _, warning := range s.Warnings {
		rows = append(rows, []string{"Warning", warning})
	}
	return rows
}

// siteKeys returns what an administrator compares with site show.
func siteKeys(s control.Status) string {
	if !s.Enrolled {
		return "-"
	}
	return fmt.Sprintf("%s (epoch %d)", s.SiteFingerprint, s.SiteEpoch)
}

// connectionWords says whether the agent is connected, in parentheses.
func connectionWords(s control.Status) string {
	switch {
	case !s.Enrolled:
		return ""
	case s.Connected:
		connected := "connected since " + s.Since.Local().Format(time.DateTime)
		if s.LastError != "" {
			connected += "; " + s.LastError
		}
		return " (" + connected + ")"
	case s.LastError != "":
		return " (not connected: " + s.LastError + ")"
	}
	return " (not connected)"
}

func keysAtRest(word string) string {
	if sentence := keystore.How(word).Sentence(); sentence != "" {
		return word + ": " + sentence
	}
	return word
}
