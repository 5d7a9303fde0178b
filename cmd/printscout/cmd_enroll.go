package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

func newEnroll(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "enroll FILE",
		Short: "Join a site with the bundle of its administrator",
		Long: "Hands the agent a bundle that scoutcloud token made: the server's address and\n" +
			"key, the site's keys, and a token that works once. FILE may be - for standard\n" +
			"input. Needs an administrator.",
		Example: "  sudo printscout enroll bundle.json",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:         "the computer has joined",
			cli.Failed:       "the server did not answer, or FILE could not be read",
			cli.Usage:        "wrong usage, or FILE is not a bundle",
			cli.NotPermitted: "you are not an administrator, or the bundle was used before or is too old",
			cli.Forbidden:    "the server is not the one the bundle is from; nothing was sent to it, or a setting does not let this computer join that site",
		}).Annotations(),
	}
	name := c.Flags().String("name", "", "what the site calls this computer (default: a name that says nothing of it)")
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		bundle, err := cli.ReadInput(c, args[0])
		if err != nil {
			return err
		}
		if !json.Valid(bundle) {
			return cli.WithHint(fmt.Errorf("%s is not a bundle", args[0]), "a bundle is what 'scoutcloud token new' prints: ask your administrator for one")
		}
		e, err := askAgent(c, o, func(client *control.Client, ctx context.Context) (control.Enrolled, error) {
			return client.Enroll(ctx, control.Enrollment{Name: *name, Bundle: bundle})
		})
		if err != nil {
			return err
		}
		if *asJSON {
			return cli.PrintJSON(c.OutOrStdout(), e)
		}
		fmt.Fprintf(c.OutOrStdout(), "Joined %s at %s as %s.\n", e.Site, e.Server, e.Scout)
		return nil
	}
	return c
}
