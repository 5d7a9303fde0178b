package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// fileWords are what a use line or the help of a flag calls a file.
var fileWords = []string{"FILE", "FOLDER", "DIR", "PATH"}

func mentionsFile(word string) bool {
	for _, w := range fileWords {
		if strings.Contains(word, w) {
			return true
		}
	}
	return false
}

// limitFileCompletion keeps a shell from completing file names for a command or a
// flag that takes something else.
func limitFileCompletion(c *cobra.Command) {
	if c.ValidArgs == nil && !mentionsFile(c.Use) {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	complete := func(f *pflag.Flag) {
		if value, _ := pflag.UnquoteUsage(f); value != "" && !mentionsFile(value) {
			c.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions)
		}
	}
	c.LocalFlags().VisitAll(complete)
}
