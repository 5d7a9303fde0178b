package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Prepare makes a command tree behave as all of ours do: its help, its errors
// of usage, nothing of cobra's own making.
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

// prepareCommand makes each command check its arguments. A command that does nothing
// by itself shows its help.
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

// groupMark is the annotation of a command that only holds others together.
const groupMark = "group"

func isGroup(c *cobra.Command) bool { return c.Annotations[groupMark] != "" }

// checkArguments checks arguments against the line that says how a command is used:
// "add NAME URI" takes two, "register [NAME]" one or none. A command whose
// arguments depend on its flags checks them itself.
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

// parseUseLine returns the names of the arguments in a use line and how many of
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

// wrongWord returns the error of a command that does not exist in place of err,
// which may be about a flag that such a command would take.
func wrongWord(root *cobra.Command, args []string, err error) error {
	c, left, _ := root.Find(args)
	if isGroup(c) && len(left) > 0 && !strings.HasPrefix(left[0], "-") {
		return unknownCommand(c, left[0])
	}
	return err
}

// unknownCommand says which command there is instead, where one is spelled
// nearly so.
func unknownCommand(c *cobra.Command, word string) error {
	err := Usagef("unknown command %q", c.CommandPath()+" "+word)
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return WithHint(err, fmt.Sprintf("did you mean '%s %s'?", c.CommandPath(), near[0]))
	}
	return err
}

// flagError says in our words what is wrong with a flag.
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

// flagValues says what values a flag takes.
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
