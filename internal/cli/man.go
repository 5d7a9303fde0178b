package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/printscout/printscout/internal/version"
)

// manPage returns the manual page of a command, in the man macros of roff
// (man(7)). cobra's own writer expects help texts in Markdown, which ours are
// not, and adds three modules and 0.7 MB.
func manPage(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH \"%s\" 1 \"\" \"%s\" \"Print Scout\"\n", escapeRoff(strings.ToUpper(manName(c))), escapeRoff(c.Root().Name()+" "+version.Get().Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", escapeRoff(manName(c)), roffLine(c.Short))
	b.WriteString(".SH SYNOPSIS\n")
	for _, line := range usageLines(c) {
		fmt.Fprintf(&b, ".B %s\n.br\n", escapeRoff(line))
	}
	fmt.Fprintf(&b, ".SH DESCRIPTION\n%s", roffText(description(c)))
	writeManCommands(&b, c)
	writeManFlags(&b, c)
	if c.HasExample() {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.EX\n%s.EE\n", roffText(c.Example))
	}
	b.WriteString(".SH EXIT STATUS\n")
	for _, line := range exitLines(c) {
		fmt.Fprintf(&b, ".TP\n.B %d\n%s\n", line.code, roffLine(line.when))
	}
	if related := manRelated(c); len(related) > 0 {
		fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", strings.Join(related, ",\n"))
	}
	return b.String()
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// commandsOf returns the subcommands that have manual pages.
func commandsOf(c *cobra.Command) (all []*cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, sub)
		}
	}
	return all
}

func writeManCommands(b *strings.Builder, c *cobra.Command) {
	if subs := commandsOf(c); len(subs) > 0 {
		b.WriteString(".SH COMMANDS\n")
		for _, sub := range subs {
			fmt.Fprintf(b, ".TP\n.B %s\n%s\n", escapeRoff(sub.Name()), roffLine(sub.Short))
		}
	}
}

func writeManFlags(b *strings.Builder, c *cobra.Command) {
	b.WriteString(".SH OPTIONS\n")
	write := func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		b.WriteString(".TP\n")
		if f.Shorthand != "" {
			fmt.Fprintf(b, "\\fB\\-%s\\fR, ", escapeRoff(f.Shorthand))
		}
		fmt.Fprintf(b, "\\fB\\-\\-%s\\fR", escapeRoff(f.Name))
		if value != "" {
			fmt.Fprintf(b, " \\fI%s\\fR", escapeRoff(value))
		}
		fmt.Fprintf(b, "\n%s\n", roffLine(usage))
	}
	c.LocalFlags().VisitAll(write)
	c.InheritedFlags().VisitAll(write)
}

// manRelated returns references to the pages of the parent command and of the
// subcommands.
func manRelated(c *cobra.Command) (pages []string) {
	if c.HasParent() {
		pages = append(pages, fmt.Sprintf(".BR %s (1)", escapeRoff(manName(c.Parent()))))
	}
	for _, sub := range commandsOf(c) {
		pages = append(pages, fmt.Sprintf(".BR %s (1)", escapeRoff(manName(sub))))
	}
	return pages
}

// roffText returns lines as roff. Blank lines separate paragraphs.
func roffText(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		if line == "" {
			b.WriteString(".PP\n")
			continue
		}
		fmt.Fprintln(&b, roffLine(line))
	}
	return b.String()
}

// roffLine returns a line that roff does not read as a request.
func roffLine(line string) string {
	line = escapeRoff(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		return `\&` + line
	}
	return line
}

// roffEscapes keeps characters as they are typed: a hyphen that can be copied as
// a minus, a straight quote.
var roffEscapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, `"`, `\(dq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

func escapeRoff(text string) string { return roffEscapes.Replace(text) }
