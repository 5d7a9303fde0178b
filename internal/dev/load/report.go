package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// figure is one row of the table.
type figure struct {
	What  string `json:"what"`
	Value string `json:"value"`
	Goal  string `json:"goal,omitempty"`
	Met   *bool  `json:"met,omitempty"`
}

// figureWithGoal returns a figure with a goal.
func figureWithGoal(what, value, goal string, met bool) figure {
	return figure{What: what, Value: value, Goal: goal, Met: &met}
}

func plainFigure(what, format string, args ...any) figure {
	return figure{What: what, Value: fmt.Sprintf(format, args...)}
}

func printFigures(w io.Writer, figures []figure, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(figures)
	}
	fmt.Fprintln(w, "| what | figure | goal | |")
	fmt.Fprintln(w, "|---|---|---|---|")
	for _, f := range figures {
		goal, met := "—", "—"
		if f.Met != nil {
			goal, met = f.Goal, map[bool]string{true: "met", false: "missed"}[*f.Met]
		}
		if _, err := fmt.Fprintf(w, "| %s | %s | %s | %s |\n", f.What, f.Value, goal, met); err != nil {
			return fmt.Errorf("printing the table: %w", err)
		}
	}
	return nil
}
