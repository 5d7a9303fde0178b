package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/version"
)

func newVersion() *cobra.Command {
	c := &cobra.Command{Use: "version", Short: "Print which version this is"}
	asJSON := c.Flags().Bool("json", false, "print JSON with names that stay")
	c.RunE = func(c *cobra.Command, _ []string) error {
		i := version.Get()
		if *asJSON {
			return json.NewEncoder(c.OutOrStdout()).Encode(i)
		}
		fmt.Fprintf(c.OutOrStdout(), "scoutcloud %s %s/%s %s\n", i.Version, i.OS, i.Arch, i.Go)
		return nil
	}
	return c
}
