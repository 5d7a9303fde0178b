package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// fileWords are what a use line or the help of a flag calls a file.
var fileWords = []string{"FILE", "FOLDER", "DIR", "PATH"}

func namesFile(word string) bool {
	for _, w := range fileWords {
		if strings.Contains(word, w) {
			return true
		}
	}
	return false
}

// completeFilesWhereMeant keeps a shell from completing the names of files
// where a command or a flag takes something else.
func completeFilesWhereMeant(c *cobra.Command) {
	if c.ValidArgs == nil && !namesFile(c.Use) {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	complete := func(f *pflag.Flag) {
		if value, _ := pflag.UnquoteUsage(f); value != "" && !namesFile(value) {
			c.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions)
		}
	}
	c.LocalFlags().VisitAll(complete)
}
