package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// JSONFlag adds --json to a command that prints an answer.
func JSONFlag(c *cobra.Command) *bool {
	return c.Flags().Bool("json", false, "print JSON (field names are stable)")
}

// Present prints an answer as JSON or as a table.
func Present[T any](c *cobra.Command, asJSON bool, answer T, table func(T) [][]string) error {
	if asJSON {
		return PrintJSON(c.OutOrStdout(), answer)
	}
	return PrintTable(c.OutOrStdout(), table(answer))
}

// PrintJSON prints an answer as indented JSON.
func PrintJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// PrintTable aligns rows of cells.
func PrintTable(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// Terminal returns the file of a command's stream and reports whether it is a
// terminal.
func Terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}
