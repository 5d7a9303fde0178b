package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// writeCells prints a line for each trouble with a column for each sender, and the
// number of duplicates and silent losses.
func (r report) writeCells(w io.Writer) {
	if len(r.Cells) == 0 {
		return
	}
	senders := r.senderNames()
	fmt.Fprintf(w, "\n| trouble of the printer | with | document | %s |\n", strings.Join(senders, " | "))
	fmt.Fprintln(w, "|---|---|---|"+strings.Repeat("---|", len(senders)))
	for line := range slices.Chunk(r.Cells, len(senders)) {
		fmt.Fprintf(w, "| %s | %s | %s |", line[0].Trouble, line[0].Way, formatSize(line[0].Bytes))
		for _, c := range line {
			fmt.Fprintf(w, " %s |", c)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
	for _, s := range senders {
		fmt.Fprintln(w, "- "+r.countVerdicts(s))
	}
}

// senderNames returns the senders of the cells, in their order there.
func (r report) senderNames() (names []string) {
	for _, c := range r.Cells {
		if !slices.Contains(names, c.Sender) {
			names = append(names, c.Sender)
		}
	}
	return names
}

// countVerdicts returns a sentence with how often a sender printed twice, and how
// often it lost a document and reported it as printed.
func (r report) countVerdicts(sender string) string {
	var all, twice, lost int
	for _, c := range r.Cells {
		if c.Sender != sender {
			continue
		}
		all++
		switch c.Verdict {
		case duplicate:
			twice++
		case silentLoss:
			lost++
		}
	}
	return fmt.Sprintf("%s: %d duplicates, %d silent losses of %d", sender, twice, lost, all)
}

// String returns what came out, what the sender reported, and the verdict.
func (c cell) String() string {
	out := fmt.Sprint(c.Copies)
	if c.Parts > 0 {
		out += fmt.Sprintf(" and %d in part", c.Parts)
	}
	return fmt.Sprintf("%s, %s: %s", out, c.Said, c.Verdict)
}
