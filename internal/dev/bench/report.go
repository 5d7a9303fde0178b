package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// report is what a run found. Its field names in JSON are stable.
type report struct {
	System   string    `json:"system"`
	Cores    int       `json:"cores"`
	Rows     []row     `json:"rows"`
	Sealing  []row     `json:"sealing"`
	Contests []contest `json:"contests"`
	Cells    []cell    `json:"cells"`
	Figures  []figure  `json:"figures"`
	Notes    []string  `json:"notes"`
}

// row compares the scout with one peer.
type row struct {
	What     string  `json:"what"`
	Document string  `json:"document"`
	Clients  int     `json:"clients"`
	Bytes    int64   `json:"bytes"`
	Against  string  `json:"against"`
	Ours     float64 `json:"ours_s"`
	Theirs   float64 `json:"theirs_s"` // 0 without a peer
	Again    int     `json:"sent_again"`
	Ratio    float64 `json:"ratio"` // how many times as fast the scout is
	Goal     float64 `json:"goal"`  // 0 for none
	Met      bool    `json:"met"`
}

// figure is a row without a peer: absolute, and noisy.
type figure struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Goal  float64 `json:"goal"` // at most; 0 for none
	Met   bool    `json:"met"`
}

func newReport() report {
	return report{System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Rows: []row{}, Sealing: []row{}, Contests: []contest{}, Cells: []cell{}, Figures: []figure{}, Notes: []string{}}
}

// addRow adds a row: ours first, then theirs, if there are any.
func (r *report) addRow(o row, medians []spent) { r.Rows = append(r.Rows, o.withMedians(medians)) }

// addSealing adds a row of the vault.
func (r *report) addSealing(o row, medians []spent) {
	r.Sealing = append(r.Sealing, o.withMedians(medians))
}

func (o row) withMedians(medians []spent) row {
	o.Ours = medians[0].time.Seconds()
	if len(medians) > 1 {
		o.Theirs, o.Again = medians[1].time.Seconds(), medians[1].again
		o.Ratio = o.Theirs / o.Ours
		o.Met = o.Ratio >= o.Goal
	}
	return o
}

func (r *report) addFigure(what string, value float64, unit string, goal float64) {
	r.Figures = append(r.Figures, figure{what, value, unit, goal, goal == 0 || value <= goal})
}

// addMissing notes that a program is not on this machine, once for each program.
func (r *report) addMissing(program string) {
	if s := program + " is not on this machine: nothing to compare with."; !slices.Contains(r.Notes, s) {
		r.addNote(s)
	}
}

func (r *report) addNote(s string) { r.Notes = append(r.Notes, s) }

// writeMarkdown prints the report as Markdown.
func (r report) writeMarkdown(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores\n", r.System, r.Cores)
	r.writeRows(w)
	r.writeSealing(w)
	r.writeContests(w)
	r.writeCells(w)
	r.writeFigures(w)
	for _, n := range r.Notes {
		fmt.Fprintf(w, "\n%s\n", n)
	}
}

func (r report) writeRows(w io.Writer) {
	if len(r.Rows) == 0 {
		return
	}
	fmt.Fprintln(w, "\n| capture of | document | clients | scout | against | takes | sent again | ratio | goal | |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|")
	for _, o := range r.Rows {
		theirs, ratio, verdict := "—", "—", "—"
		if o.Theirs > 0 {
			theirs, ratio, verdict = formatSpeed(o.Theirs, o.Bytes), fmt.Sprintf("%.2f", o.Ratio), formatMet(o.Met)
		}
		fmt.Fprintf(w, "| %s | %s | %d | %s | %s | %s | %d | %s | %.2f | %s |\n",
			o.What, o.Document, o.Clients, formatSpeed(o.Ours, o.Bytes), o.Against, theirs, o.Again, ratio, o.Goal, verdict)
	}
}

func (r report) writeSealing(w io.Writer) {
	if len(r.Sealing) == 0 {
		return
	}
	fmt.Fprintln(w, "\n| vault | document | takes | against | takes | ratio |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, o := range r.Sealing {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %.2f |\n",
			o.What, o.Document, formatSpeed(o.Ours, o.Bytes), o.Against, formatSpeed(o.Theirs, o.Bytes), o.Ratio)
	}
}

func (r report) writeFigures(w io.Writer) {
	fmt.Fprintln(w, "\n| figure, absolute and noisy | | goal, at most | |")
	fmt.Fprintln(w, "|---|---|---|---|")
	for _, f := range r.Figures {
		goal, verdict := "—", "—"
		if f.Goal > 0 {
			goal, verdict = fmt.Sprintf("%g %s", f.Goal, f.Unit), formatMet(f.Met)
		}
		fmt.Fprintf(w, "| %s | %.1f %s | %s | %s |\n", f.What, f.Value, f.Unit, goal, verdict)
	}
}

func formatSpeed(seconds float64, bytes int64) string {
	took := time.Duration(seconds * float64(time.Second))
	unit := time.Millisecond
	if took < 10*time.Millisecond {
		unit = 10 * time.Microsecond
	}
	return fmt.Sprintf("%s, %.0f MB/s", took.Round(unit), float64(bytes)/mB/seconds)
}

func formatMet(yes bool) string {
	if yes {
		return "met"
	}
	return "not met"
}
