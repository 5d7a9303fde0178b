package main

import (
	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
	"github.com/printscout/printscout/internal/settings"
)

// newGenerate is what both programs generate, and what is made of the settings.
func newGenerate() *cobra.Command {
	c := cli.NewGenerate()
	c.Short = "Write manual pages, completion for a shell, or the schema of the settings"
	c.AddCommand(newGenerateSchema())
	return c
}

func newGenerateSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print a JSON Schema of the settings",
		Long: "Prints a JSON Schema (draft 2020-12) of the configuration file, the files of policy and\n" +
			"the installer's file, for editors and configuration management.",
		Annotations: cli.Exits{cli.Done: "the schema is printed", cli.Failed: "it could not be printed"}.Annotations(),
		RunE: func(c *cobra.Command, _ []string) error {
			return cli.PrintJSON(c.OutOrStdout(), settings.Schema())
		},
	}
}
