package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/control"
)

func newEnroll(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "enroll FILE",
		Short: "Join a site with the bundle of its administrator",
		Long: "Hands the agent a bundle that scoutcloud token made: the server's address and\n" +
			"key, the site's keys, and a token that works once. FILE may be - for standard\n" +
			"input. Needs an administrator.",
		Example: "  sudo printscout enroll bundle.json",
		Args:    cobra.ExactArgs(1),
	}
	name := c.Flags().String("name", "", "what the site calls this computer (default: a name that says nothing of it)")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		bundle, err := readInput(args[0])
		if err != nil {
			return err
		}
		e, err := askAgent(c, o, func(client *control.Client, ctx context.Context) (control.Enrolled, error) {
			return client.Enroll(ctx, control.Enrollment{Name: *name, Bundle: bundle})
		})
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(c.OutOrStdout(), e)
		}
		fmt.Fprintf(c.OutOrStdout(), "Joined %s at %s as %s.\n", e.Site, e.Server, e.Scout)
		return nil
	}
	return c
}

// maxInput is more than any bundle or password needs.
const maxInput = 64 << 10

// readInput reads a small file, or standard input where it is called -.
func readInput(name string) ([]byte, error) {
	in := io.Reader(os.Stdin)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("reading the file: %w", err)
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(b) > maxInput {
		return nil, fmt.Errorf("reading %s: it is larger than %d bytes", name, maxInput)
	}
	return b, nil
}
