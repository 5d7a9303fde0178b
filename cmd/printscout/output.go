package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/printscout/printscout/internal/control"
)

// askAgent asks the agent one thing.
func askAgent[T any](c *cobra.Command, o *options, ask func(*control.Client, context.Context) (T, error)) (answer T, err error) {
	client, err := o.client()
	if err != nil {
		return answer, err
	}
	defer client.Close()
	return ask(client, c.Context())
}

// present prints an answer as JSON or as a table.
func present[T any](c *cobra.Command, asJSON bool, answer T, table func(T) [][]string) error {
	if asJSON {
		return printJSON(c.OutOrStdout(), answer)
	}
	return printTable(c.OutOrStdout(), table(answer))
}

// jsonFlag adds --json to a command.
func jsonFlag(c *cobra.Command) *bool {
	return c.Flags().Bool("json", false, "print JSON with names that stay")
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// printTable aligns rows of cells.
func printTable(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(t, "\t")
			}
			fmt.Fprint(t, cell)
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// size is a number of bytes for people.
func size(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, prefix := float64(n)/unit, 0
	for value >= unit {
		value /= unit
		prefix++
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGTPE"[prefix])
}
