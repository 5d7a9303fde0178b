package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

const helpName = "help"

// newHelp returns the command that shows the help of another one.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:         helpName + " [COMMAND...]",
		Short:       "Show how a command is used",
		Annotations: Exits{Done: "the help is shown", Usage: "there is no such command"}.Annotations(),
		Args:        cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, words []string) error {
			about, left, err := c.Root().Find(words)
			switch {
			case err != nil:
				return &UsageError{err}
			case len(left) > 0:
				return unknownCommand(about, left[0])
			}
			return about.Help()
		},
	}
}

// writeHelp writes the help of a command: what it does, how it is used, examples,
// its subcommands, its flags, and its exit statuses.
func writeHelp(w io.Writer, c *cobra.Command) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage:\n", description(c))
	for _, line := range usageLines(c) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	if c.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", c.Example)
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("\nAvailable Commands:\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == helpName {
				fmt.Fprintf(&b, "  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	if c.HasAvailableLocalFlags() {
		fmt.Fprintf(&b, "\nFlags:\n%s", c.LocalFlags().FlagUsages())
	}
	if c.HasAvailableInheritedFlags() {
		fmt.Fprintf(&b, "\nGlobal Flags:\n%s", c.InheritedFlags().FlagUsages())
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\nRun '%s COMMAND --help' for more about a command.\n", c.CommandPath())
	}
	b.WriteString("\nEXIT STATUS\n")
	for _, line := range exitLines(c) {
		fmt.Fprintf(&b, "  %-3d %s\n", line.code, line.when)
	}
	io.WriteString(w, b.String())
}

// description returns the longest description of a command.
func description(c *cobra.Command) string {
	if c.Long != "" {
		return c.Long
	}
	return c.Short
}

// usageLines returns the forms in which a command can be typed.
func usageLines(c *cobra.Command) (lines []string) {
	if !isGroup(c) {
		lines = append(lines, c.UseLine())
	}
	if c.HasAvailableSubCommands() {
		lines = append(lines, c.CommandPath()+" COMMAND")
	}
	return lines
}
