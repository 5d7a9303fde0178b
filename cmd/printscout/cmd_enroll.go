package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/control"
)

func newEnroll(o *agentOptions) *cobra.Command {
	c := &cobra.Command{
		Use:   "enroll FILE",
		Short: "Join a site with the bundle of its administrator",
		Long: "Hands the agent a bundle that scoutcloud token new made: the server's address and\n" +
			"key, the site's keys, and a token that works once or as often as it says. FILE may\n" +
			"be - for standard input. FILE is deleted once the computer has joined, or if the\n" +
			"server refuses the bundle for good; it is kept if the server does not answer, so\n" +
			"that it can be tried again. Needs an administrator.",
		Example: "  sudo printscout enroll bundle.json",
		Annotations: exitsOfAgent.With(cli.Exits{
			cli.Done:         "the computer has joined",
			cli.Failed:       "the server did not answer, or FILE could not be read",
			cli.Usage:        "wrong usage, or FILE is not a bundle",
			cli.NotPermitted: "you are not an administrator, or the bundle was used before, was revoked or is too old",
			cli.Forbidden:    "the server is not the one the bundle is from, or Site or LeaveSite forbids it; nothing was sent to it",
		}).Annotations(),
	}
	name := c.Flags().String("name", "", "what the site calls this computer (default: a name that says nothing of it)")
	keep := c.Flags().Bool("keep", false, "do not delete FILE: other computers join by it too")
	asJSON := cli.JSONFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		e, err := enrollBy(c, o, args[0], *name, *keep)
		if err != nil {
			return err
		}
		if *asJSON {
			return cli.PrintJSON(c.OutOrStdout(), e)
		}
		fmt.Fprintf(c.OutOrStdout(), "Joined %s at %s as %s.\n", e.Site, e.Server, e.Scout)
		if e.Pending {
			fmt.Fprintln(c.OutOrStdout(), "It waits for its administrator's approval: until then jobs are released at this computer only.")
		}
		return nil
	}
	return c
}

// enrollBy joins by the bundle in a file, and deletes the file once the bundle
// is worth nothing any more.
func enrollBy(c *cobra.Command, o *agentOptions, file, name string, keep bool) (control.Enrolled, error) {
	warnOfReaders(c.ErrOrStderr(), file)
	bundle, err := cli.ReadInput(c, file)
	if err != nil {
		return control.Enrolled{}, err
	}
	if !json.Valid(bundle) {
		return control.Enrolled{}, cli.WithHint(fmt.Errorf("%s is not a bundle", file), "a bundle is what 'scoutcloud token new' prints: ask your administrator for one")
	}
	e, err := askAgent(c, o, func(client *control.Client, ctx context.Context) (control.Enrolled, error) {
		return client.Enroll(ctx, control.Enrollment{Name: name, Bundle: bundle})
	})
	if !keep && (err == nil || isSpent(err)) {
		deleteBundle(c.ErrOrStderr(), file)
	}
	return e, err
}

// isSpent reports whether the server has refused a bundle for good.
func isSpent(err error) bool {
	e, ok := errors.AsType[*control.Error](err)
	return ok && e.Code == control.CodeBundleSpent
}

// deleteBundle deletes the file of a bundle, or says why it is still there.
func deleteBundle(w io.Writer, file string) {
	if file == "-" {
		return
	}
	if err := deleteRegular(file); err != nil {
		fmt.Fprintf(w, "printscout: the bundle was not deleted: %v\nhint: delete %s, wherever it came from: others could join by it\n", err, file)
	}
}
