package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/cli"
)

func newScoutApprove() *cobra.Command {
	var data string
	var which cloud.Approval
	c := &cobra.Command{
		Use:   "approve ID... | --bundle NAME | --all",
		Short: "Approve computers that joined by a bundle for several",
		Long: "Approves computers that wait: the server then lists their jobs and sends them\n" +
			"orders. Say their IDs, --bundle for all that joined by one bundle, or --all. Compare\n" +
			"scout list with the computers that you set up: whoever has copied the bundle may be\n" +
			"among them. A running server takes notice within 3 seconds.",
		Example: "  scoutcloud scout approve 01a21f35-be44-75f1-a9a3-3bbbe13ffeda\n  scoutcloud scout approve --bundle floor-2",
		Annotations: cli.Exits{
			cli.Done:        "the computers are approved, even if they were before",
			cli.Failed:      "there is no computer of an ID, or no such bundle: then none was approved; or the data could not be read",
			cli.Interrupted: "interrupted",
		}.Annotations(),
	}
	dataFlag(c, &data)
	c.Flags().StringVar(&which.Bundle, "bundle", "", "all that joined by the bundle of this `NAME`")
	c.Flags().BoolVar(&which.All, "all", false, "all that wait")
	c.Args = func(_ *cobra.Command, args []string) error {
		which.IDs = args
		return checkApproval(which)
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withRegistry(c.Context(), data, func(r cloud.Registry) error {
			n, err := r.Approve(c.Context(), which, time.Now())
			if errors.Is(err, cloud.ErrNotFound) {
				return cli.WithHint(err, "scoutcloud scout list names those there are; none was approved")
			}
			if err == nil {
				fmt.Fprintf(c.ErrOrStderr(), "scoutcloud: approved %d\n", n)
			}
			return err
		})
	}
	return c
}

// checkApproval returns an error unless exactly one way of naming computers is
// used.
func checkApproval(which cloud.Approval) error {
	ways := 0
	for _, used := range []bool{len(which.IDs) > 0, which.Bundle != "", which.All} {
		if used {
			ways++
		}
	}
	if ways != 1 {
		return cli.Usagef("say the IDs of computers, --bundle NAME, or --all")
	}
	return nil
}
