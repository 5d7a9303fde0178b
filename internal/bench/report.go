package main

import (
	"fmt"
	"io"
	"runtime"
	"time"
)

// report is what a run found. Its names in JSON stay.
type report struct {
	System  string   `json:"system"`
	Cores   int      `json:"cores"`
	Rows    []row    `json:"rows"`
	Figures []figure `json:"figures"`
	Notes   []string `json:"notes"`
}

// row compares the scout with one peer.
type row struct {
	What     string  `json:"what"`
	Document string  `json:"document"`
	Clients  int     `json:"clients"`
	Bytes    int64   `json:"bytes"`
	Against  string  `json:"against"`
	Ours     float64 `json:"ours_s"`
	Theirs   float64 `json:"theirs_s"` // 0 where there is no peer
	Again    int     `json:"sent_again"`
	Ratio    float64 `json:"ratio"` // how many times as fast the scout is
	Goal     float64 `json:"goal"`
	Met      bool    `json:"met"`
}

// figure is a row that has no peer: absolute, and noisy.
type figure struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Goal  float64 `json:"goal"` // at most
	Met   bool    `json:"met"`
}

func newReport() report {
	return report{System: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(), Rows: []row{}, Figures: []figure{}, Notes: []string{}}
}

// compare adds a row: ours first, then theirs, if there are any.
func (r *report) compare(o row, medians []spent) {
	o.Ours = medians[0].time.Seconds()
	if len(medians) > 1 {
		o.Theirs, o.Again = medians[1].time.Seconds(), medians[1].again
		o.Ratio = o.Theirs / o.Ours
		o.Met = o.Ratio >= o.Goal
	}
	r.Rows = append(r.Rows, o)
}

func (r *report) figure(what string, value float64, unit string, goal float64) {
	r.Figures = append(r.Figures, figure{what, value, unit, goal, value <= goal})
}

func (r *report) note(s string) { r.Notes = append(r.Notes, s) }

// write prints the report as Markdown.
func (r report) write(w io.Writer) {
	fmt.Fprintf(w, "%s, %d cores\n\n", r.System, r.Cores)
	fmt.Fprintln(w, "| capture of | document | clients | scout | against | takes | sent again | ratio | goal | |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|")
	for _, o := range r.Rows {
		theirs, ratio, verdict := "—", "—", "—"
		if o.Theirs > 0 {
			theirs, ratio, verdict = speed(o.Theirs, o.Bytes), fmt.Sprintf("%.2f", o.Ratio), met(o.Met)
		}
		fmt.Fprintf(w, "| %s | %s | %d | %s | %s | %s | %d | %s | %.2f | %s |\n",
			o.What, o.Document, o.Clients, speed(o.Ours, o.Bytes), o.Against, theirs, o.Again, ratio, o.Goal, verdict)
	}
	fmt.Fprintln(w, "\n| figure, absolute and noisy | | goal, at most | |")
	fmt.Fprintln(w, "|---|---|---|---|")
	for _, f := range r.Figures {
		fmt.Fprintf(w, "| %s | %.1f %s | %g %s | %s |\n", f.What, f.Value, f.Unit, f.Goal, f.Unit, met(f.Met))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "\n%s\n", n)
	}
}

func speed(seconds float64, bytes int64) string {
	took := time.Duration(seconds * float64(time.Second))
	unit := time.Millisecond
	if took < 10*time.Millisecond {
		unit = 10 * time.Microsecond
	}
	return fmt.Sprintf("%s, %.0f MB/s", took.Round(unit), float64(bytes)/mB/seconds)
}

func met(yes bool) string {
	if yes {
		return "met"
	}
	return "not met"
}
