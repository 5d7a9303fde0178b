package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/printscout/printscout/internal/dev/peers/run"
)

// row is the result of one suite with both printers.
type row struct {
	name         string
	must         bool
	ours, theirs run.Suite
}

type table struct{ rows []row }

// hasFailed reports whether the scout fails a test that it has to pass.
func (t table) hasFailed() bool {
	for _, r := range t.rows {
		if r.must && len(r.ours.Failed) > 0 {
			return true
		}
	}
	return false
}

// writeMarkdown prints the table and then the failed tests, as Markdown.
func (t table) writeMarkdown(w io.Writer) {
	fmt.Fprintln(w, "| suite | scout: pass / fail / skip | time | ippeveprinter: pass / fail / skip | time |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	for _, r := range t.rows {
		fmt.Fprintf(w, "| %s | %s | %s |\n", r.name, formatCells(r.ours), formatCells(r.theirs))
	}
	t.writeFailures(w, "scout", func(r row) run.Suite { return r.ours })
	t.writeFailures(w, "ippeveprinter", func(r row) run.Suite { return r.theirs })
}

func formatCells(s run.Suite) string {
	return fmt.Sprintf("%d / %d / %d | %.2f s", s.Passed, len(s.Failed), s.Skipped, s.Took.Seconds())
}

func (t table) writeFailures(w io.Writer, who string, of func(row) run.Suite) {
	fmt.Fprintf(w, "\nFAIL of %s:", who)
	none := true
	for _, r := range t.rows {
		for _, f := range of(r).Failed {
			none = false
			fmt.Fprintf(w, "\n- %s: %s%s", r.name, f.Test, expectedText(f))
		}
	}
	if none {
		fmt.Fprint(w, " none")
	}
	fmt.Fprintln(w)
}

// expectedText returns what ipptool expected, without the answer that it shows.
func expectedText(f run.Failure) string {
	var expected []string
	for _, line := range f.Why {
		if what, ok := strings.CutPrefix(line, "EXPECTED: "); ok {
			expected = append(expected, strings.ReplaceAll(what, "|", `\|`))
		}
	}
	if len(expected) == 0 {
		return ""
	}
	return " (expected: " + strings.Join(expected, "; ") + ")"
}

// The lines around the table in a document.
const (
	begin = "<!-- make conformance writes from here -->\n"
	end   = "<!-- to here -->\n"
)

// saveInto writes the table to a document: between the two marks, or as the whole
// document if it does not have them.
func (t table) saveInto(file string) error {
	old, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("writing the table: %w", err)
	}
	var b bytes.Buffer
	t.writeMarkdown(&b)
	if err := os.WriteFile(file, replaceTable(old, b.Bytes()), 0o644); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

func replaceTable(document, table []byte) []byte {
	before, rest, ok := bytes.Cut(document, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		before, after = nil, nil
	}
	return bytes.Join([][]byte{before, []byte(begin), table, []byte(end), after}, nil)
}
