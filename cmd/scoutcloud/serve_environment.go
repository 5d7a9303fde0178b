package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/cli"
)

// fromEnvironment are the flags of serve that a variable of the environment may
// give as well: scoutcloud.service reads them from a file.
var fromEnvironment = []string{"site", "url", "listen", "host", "tls-cert", "tls-key"}

// variableOf returns the name of a flag's variable: SCOUTCLOUD_TLS_CERT.
func variableOf(flag string) string {
	return "SCOUTCLOUD_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// setFromEnvironment sets the flags that were not on the command line to the
// variables that are set. An empty variable counts as given: it takes back what
// the server was last started with.
func setFromEnvironment(c *cobra.Command) error {
	for _, name := range fromEnvironment {
		value, is := os.LookupEnv(variableOf(name))
		if !is || c.Flags().Changed(name) {
			continue
		}
		if err := c.Flags().Set(name, value); err != nil {
			return cli.Usagef("reading %s: %w", variableOf(name), err)
		}
	}
	return nil
}
