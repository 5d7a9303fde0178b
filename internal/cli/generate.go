package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// NewGenerate returns the command that writes what packages ship with a program:
// its manual pages, and completion for shells.
func NewGenerate() *cobra.Command {
	c := &cobra.Command{
		Use:   "generate",
		Short: "Write manual pages, or completion for a shell",
	}
	c.AddCommand(newGenerateMan(), newGenerateCompletion())
	return c
}

func newGenerateMan() *cobra.Command {
	c := &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write a manual page for each command into a folder",
		Long: "Writes a manual page of section 1 for each command into FOLDER, which is made if it\n" +
			"is not there. Pages that are there already are replaced. The same build writes the\n" +
			"same pages on every computer.",
		Annotations: Exits{
			Done:   "the pages are written",
			Failed: "FOLDER could not be made, or a page not written",
		}.Annotations(),
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := os.MkdirAll(args[0], 0o755); err != nil {
			return fmt.Errorf("making the folder for the pages: %w", err)
		}
		return writeManPages(args[0], c.Root())
	}
	return c
}

// writeManPages writes the pages of a command and of its subcommands.
func writeManPages(dir string, c *cobra.Command) error {
	name := filepath.Join(dir, manName(c)+".1")
	if err := os.WriteFile(name, []byte(manPage(c)), 0o644); err != nil {
		return fmt.Errorf("writing a manual page: %w", err)
	}
	for _, sub := range commandsOf(c) {
		if err := writeManPages(dir, sub); err != nil {
			return err
		}
	}
	return nil
}

// shells has for each shell the function that writes a program's completion.
var shells = map[string]func(*cobra.Command, io.Writer) error{
	"bash":       func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
	"fish":       func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
	"powershell": (*cobra.Command).GenPowerShellCompletionWithDesc,
	"zsh":        (*cobra.Command).GenZshCompletion,
}

var shellNames = []string{"bash", "fish", "powershell", "zsh"}

func newGenerateCompletion() *cobra.Command {
	c := &cobra.Command{
		Use:   "completion " + strings.Join(shellNames, "|"),
		Short: "Print what makes a shell complete this program's commands",
		Long: "Prints a script. A shell that reads it completes commands and flags when Tab is\n" +
			"pressed. Packages install it where the shell looks for such scripts.",
		ValidArgs: shellNames,
		Annotations: Exits{
			Done:   "the script is printed",
			Failed: "it could not be printed",
			Usage:  "wrong usage, or no such shell is known",
		}.Annotations(),
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := checkArguments(c, args); err != nil {
			return err
		}
		if !slices.Contains(shellNames, args[0]) {
			return Usagef("there is no completion for %q: it is %s", args[0], strings.Join(shellNames, ", "))
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := shells[args[0]](c.Root(), c.OutOrStdout()); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
		return nil
	}
	return c
}
