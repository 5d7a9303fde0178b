package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/version"
)

// NewVersion returns the command that prints which build this is.
func NewVersion() *cobra.Command {
	c := &cobra.Command{
		Use:         "version",
		Short:       "Print which version this is",
		Annotations: Exits{Done: "the version is printed", Failed: "it could not be printed"}.Annotations(),
	}
	asJSON := JSONFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		i := version.Get()
		if *asJSON {
			return PrintJSON(c.OutOrStdout(), i)
		}
		_, err := fmt.Fprintf(c.OutOrStdout(), "%s %s %s/%s %s\n", c.Root().Name(), i.Version, i.OS, i.Arch, i.Go)
		return err
	}
	return c
}
