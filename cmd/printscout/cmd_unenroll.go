package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

func newUnenroll(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "unenroll",
		Short: "Leave the site that this computer has joined",
		Long: "Has the agent leave its site: the server forgets this computer, and the agent\n" +
			"removes its key, the printers' directory and the orders. It runs on, and takes no\n" +
			"jobs until the computer joins a site again. While jobs are parked it refuses, unless\n" +
			"you say what becomes of them. It works while the server is down; then an\n" +
			"administrator removes the computer there. Needs an administrator.",
		Example: "  sudo printscout unenroll --keep-jobs",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:         "the computer has left its site, and the server knows",
			cli.Failed:       "it has not: jobs are parked or being printed, or what belongs to the site could not be removed",
			cli.Usage:        "wrong usage",
			cli.Part:         "the computer has left its site, but the server could not be told",
			cli.NotEnrolled:  "this computer has not joined a site",
			cli.NotPermitted: "you are not an administrator",
			cli.Forbidden:    "the setting LeaveSite forbids it",
		}).Annotations(),
	}
	keep := c.Flags().Bool("keep-jobs", false, "parked jobs stay, until this computer joins a site again or they expire")
	discard := c.Flags().Bool("discard-jobs", false, "parked jobs are destroyed; no one can print them any more")
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		jobs, err := whatBecomesOfJobs(*keep, *discard)
		if err != nil {
			return err
		}
		left, err := askAgent(c, o, func(client *control.Client, ctx context.Context) (control.Left, error) {
			return client.Unenroll(ctx, control.Leaving{Jobs: jobs})
		})
		if err != nil {
			return err
		}
		if *asJSON {
			err = cli.PrintJSON(c.OutOrStdout(), left)
		} else {
			_, err = fmt.Fprint(c.OutOrStdout(), leftWords(left))
		}
		if err == nil && !left.ServerTold {
			err = cli.WithHint(cli.EndWith(cli.Part, "the server could not be told"), "on the server, run: scoutcloud scout remove "+left.Scout)
		}
		return err
	}
	return c
}

func whatBecomesOfJobs(keep, discard bool) (string, error) {
	switch {
	case keep && discard:
		return "", cli.Usagef("say either --keep-jobs or --discard-jobs")
	case keep:
		return control.KeepJobs, nil
	case discard:
		return control.DiscardJobs, nil
	}
	return "", nil
}

func leftWords(l control.Left) string {
	words := fmt.Sprintf("Left %s at %s, where this computer was %s.\n", l.Site, l.Server, l.Scout)
	if l.Kept > 0 {
		words += fmt.Sprintf("Jobs that stay parked: %d.\n", l.Kept)
	}
	if l.Discarded > 0 {
		words += fmt.Sprintf("Jobs that were destroyed: %d.\n", l.Discarded)
	}
	return words
}
