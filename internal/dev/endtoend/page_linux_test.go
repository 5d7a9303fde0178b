//go:build !race

package endtoend

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// step is what a page has its reader do once: commands, and what they should print.
type step struct {
	line     int      // of the page
	place    string   // where, as the page says it: "the server"
	person   string   // "" for an administrator
	repeat   bool     // until it prints that
	commands string   // of a shell
	output   []string // lines, in this order, among others
}

var placePattern = regexp.MustCompile(`(?:^|\. |\*\* )On (the server|your computer|each computer|pc-\d+)(?:, as (\w+))?:$`)

// readSteps returns the steps of a page. The paragraph before an indented block
// ends with the place; in the block, commands and output take turns, parted by
// empty lines. What stands between fences is for reading only.
func readSteps(t testing.TB, page string) (steps []step) {
	t.Helper()
	var paragraph string
	var at step // where the block is for
	var block []string
	var fenced bool
	flush := func() {
		for i, part := range strings.Split(strings.Trim(strings.Join(block, "\n"), "\n"), "\n\n") {
			if i%2 == 0 {
				at.commands = part
				steps = append(steps, at)
			} else {
				steps[len(steps)-1].output = strings.Split(part, "\n")
			}
		}
		block = nil
	}
	for i, line := range strings.Split(page+"\n.", "\n") {
		text, indented := strings.CutPrefix(line, "    ")
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		switch {
		case fenced:
		case indented && block == nil:
			m := placePattern.FindStringSubmatch(paragraph)
			if m == nil {
				t.Fatalf("line %d: the paragraph before the commands does not end with where they are typed: %q", i+1, paragraph)
			}
			at = step{line: i + 1, place: m[1], person: m[2], repeat: strings.Contains(paragraph, "Repeat the next command until")}
			block = []string{text}
		case indented:
			block = append(block, text)
		case line == "" && block != nil:
			block = append(block, "")
		case line != "":
			if block != nil {
				flush()
			}
			paragraph = line
		}
	}
	return steps
}

// sample is a value of the page that differs on each site: what the commands
// print in its place is used in its place.
type sample struct{ page, pattern string }

// bindings are the values in place of the samples.
type bindings map[string]string

// inPlace returns text with the values in place of the samples.
func (b bindings) inPlace(text string) string {
	for page, value := range b {
		text = strings.ReplaceAll(text, page, value)
	}
	return text
}

// learn returns the first line of the page that the output lacks, "" if it has
// all, in order. Spaces count as one, "…" stands for anything on a line, and a
// sample is learned where it is first printed.
func (b bindings) learn(want []string, output string, samples []sample) (missing string) {
	lines := strings.Split(output, "\n")
	for _, line := range want {
		var unknown []sample
		for _, s := range samples {
			if b[s.page] == "" && strings.Contains(line, s.page) {
				unknown = append(unknown, s)
			}
		}
		pattern := linePattern(b.inPlace(line), unknown)
		found := slices.IndexFunc(lines, pattern.MatchString)
		if found < 0 {
			return line
		}
		for i, value := range pattern.FindStringSubmatch(lines[found])[1:] {
			b[unknown[i].page] = value
		}
		lines = lines[found+1:]
	}
	return ""
}

// linePattern matches a whole line of output. Of samples that are not known yet
// a line has one.
func linePattern(line string, unknown []sample) *regexp.Regexp {
	p := regexp.QuoteMeta(strings.Join(strings.Fields(line), " "))
	for _, s := range unknown {
		p = strings.ReplaceAll(p, regexp.QuoteMeta(s.page), "("+s.pattern+")")
	}
	p = strings.NewReplacer(" … ", " .*", "… ", ".*", " …", ".*", "…", ".*", " ", `\s+`).Replace(p)
	return regexp.MustCompile(`^\s*` + p + `\s*$`)
}
