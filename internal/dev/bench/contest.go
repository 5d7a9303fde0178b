package main

import (
	"fmt"
	"io"
	"slices"
)

// contest compares the scout with a peer in a unit of which less is better.
type contest struct {
	What    string  `json:"what"`
	Against string  `json:"against"`
	Unit    string  `json:"unit"`
	Ours    spread  `json:"ours"`
	Theirs  spread  `json:"theirs"` // all 0 where the peer is not on this machine
	Ahead   int     `json:"ahead"`  // how often the scout was no worse than the peer in the same round
	Rounds  int     `json:"rounds"` // of those that both had
	Ratio   float64 `json:"ratio"`  // how many times as good the scout is
	Goal    float64 `json:"goal"`   // 0 for none
	Met     bool    `json:"met"`
}

// spread summarizes repeated measurements.
type spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	return spread{medianOf(values), slices.Min(values), slices.Max(values)}
}

// addContest adds a contest with the values of the scout and of its peer, round by
// round.
func (r *report) addContest(c contest, ours, theirs []float64) {
	c.Ours, c.Theirs = spreadOf(ours), spreadOf(theirs)
	c.Rounds = min(len(ours), len(theirs))
	for i := range c.Rounds {
		if ours[i] <= theirs[i] {
			c.Ahead++
		}
	}
	c.Ratio = c.Theirs.Median / c.Ours.Median
	c.Met = c.Ratio >= c.Goal
	r.Contests = append(r.Contests, c)
}

func (r report) writeContests(w io.Writer) {
	if len(r.Contests) == 0 {
		return
	}
	fmt.Fprintln(w, "\n| delivery | scout | against | takes | scout ahead | ratio | goal | |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|")
	for _, c := range r.Contests {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", c.What, c.Ours.formatIn(c.Unit), c.Against, c.Theirs.formatIn(c.Unit), c.verdictColumns())
	}
}

// verdictColumns returns the last four columns of a contest's row.
func (c contest) verdictColumns() string {
	ahead, ratio, goal, verdict := "—", "—", "—", "—"
	if c.Theirs.Median > 0 {
		ahead, ratio = fmt.Sprintf("%d of %d", c.Ahead, c.Rounds), fmt.Sprintf("%.2f", c.Ratio)
	}
	if c.Goal > 0 {
		goal = fmt.Sprintf("%.2f", c.Goal)
	}
	if c.Theirs.Median > 0 && c.Goal > 0 {
		verdict = formatMet(c.Met)
	}
	return ahead + " | " + ratio + " | " + goal + " | " + verdict
}

// formatIn returns the median and, if there was more than one value, the least and
// the most.
func (s spread) formatIn(unit string) string {
	switch {
	case s.Most == 0:
		return "—"
	case s.Least == s.Most:
		return formatNumber(s.Median) + " " + unit
	}
	return fmt.Sprintf("%s %s (%s to %s)", formatNumber(s.Median), unit, formatNumber(s.Least), formatNumber(s.Most))
}

// formatNumber returns a number with one decimal if it is small.
func formatNumber(v float64) string {
	if v < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
