package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/version"
)

func newVersion() *cobra.Command {
	c := &cobra.Command{Use: "version", Short: "Print which version this is"}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		i := version.Get()
		if *asJSON {
			return printJSON(c.OutOrStdout(), i)
		}
		fmt.Fprintf(c.OutOrStdout(), "printscout %s %s/%s %s\n", i.Version, i.OS, i.Arch, i.Go)
		return nil
	}
	return c
}
