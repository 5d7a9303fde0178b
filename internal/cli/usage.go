package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Prepare gives a command tree the help and the usage errors of this package, in
// place of cobra's.
func Prepare(root *cobra.Command) *cobra.Command {
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetOut(os.Stdout)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &UsageError{flagError(err)} })
	root.SetHelpCommand(newHelp())
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(c.OutOrStdout(), c) })
	root.InitDefaultHelpCmd()
	prepareCommand(root)
	return root
}

// prepareCommand makes a command and its subcommands check their arguments. A
// command that only has subcommands shows its help.
func prepareCommand(c *cobra.Command) {
	if c.RunE == nil {
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		c.Annotations = Exits{Done: "this help is shown"}.Annotations()
		c.Annotations[groupMark] = "yes"
	}
	c.Flags().BoolP("help", "h", false, "show this help")
	limitFileCompletion(c)
	if c.Args == nil {
		c.Args = checkArguments
	}
	for _, sub := range c.Commands() {
		prepareCommand(sub)
	}
}

// groupMark is the annotation of a command that only has subcommands.
const groupMark = "group"

func isGroup(c *cobra.Command) bool { return c.Annotations[groupMark] != "" }

// checkArguments checks arguments against the use line of a command: "add NAME
// URI" takes two, "register [NAME]" one or none. A command whose arguments depend
// on its flags checks them itself.
func checkArguments(c *cobra.Command, given []string) error {
	names, required := parseUseLine(c.Use)
	switch {
	case len(given) < required:
		return Usagef("missing argument: %s", strings.Join(names[len(given):required], " "))
	case len(given) > len(names) && c.HasSubCommands():
		return unknownCommand(c, given[0])
	case len(given) > len(names):
		return Usagef("unexpected argument %q", given[len(names)])
	}
	return nil
}

// parseUseLine returns the names of the arguments in a use line, and how many of
// them are required.
func parseUseLine(use string) (names []string, required int) {
	for _, word := range strings.Fields(use)[1:] {
		names = append(names, strings.Trim(word, "[]"))
		if !strings.HasPrefix(word, "[") {
			required = len(names)
		}
	}
	return names, required
}

// wrongWord returns an error about an unknown command, if that is what is wrong,
// in place of err, which may be about a flag of that command.
func wrongWord(root *cobra.Command, args []string, err error) error {
	c, left, _ := root.Find(args)
	if isGroup(c) && len(left) > 0 && !strings.HasPrefix(left[0], "-") {
		return unknownCommand(c, left[0])
	}
	return err
}

// unknownCommand returns an error with a hint at a command that is spelled nearly
// the same.
func unknownCommand(c *cobra.Command, word string) error {
	err := Usagef("unknown command %q", c.CommandPath()+" "+word)
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return WithHint(err, fmt.Sprintf("did you mean '%s %s'?", c.CommandPath(), near[0]))
	}
	return err
}

// flagError returns an error in our words about a flag.
func flagError(err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if e.GetSpecifiedShortnames() != "" {
			return fmt.Errorf("unknown flag -%s", e.GetSpecifiedName())
		}
		return fmt.Errorf("unknown flag --%s", e.GetSpecifiedName())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		value, _ := pflag.UnquoteUsage(e.GetFlag())
		return fmt.Errorf("--%s needs a value: %s", e.GetFlag().Name, value)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("--%s does not take %q: it takes %s", e.GetFlag().Name, e.GetValue(), flagValues(e.GetFlag()))
	}
	if e, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return fmt.Errorf("%q is not a flag", e.GetSpecifiedFlag())
	}
	return err
}

// flagValues returns which values a flag takes.
func flagValues(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "true or false"
	case "duration":
		return "a duration such as 90s, 15m or 24h"
	case "int":
		return "a number"
	}
	return "something else"
}
