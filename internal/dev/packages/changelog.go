package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// maintainer is who answers for the packages.
const maintainer = "Print Scout maintainers <printscout@users.noreply.github.com>"

// releaseHeading matches "## Unreleased" and "## 1.2.3 - 2026-11-28".
var releaseHeading = regexp.MustCompile(`^## (?:v?(\d\S*?)(?: - (\d{4}-\d{2}-\d{2}))?|Unreleased)\s*$`)

// debianChangelog returns CHANGELOG.md in Debian's form.
func (b *bundle) debianChangelog() ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(b.source, "CHANGELOG.md"))
	if err != nil {
		return nil, err
	}
	return debianChangelog(b.product, b.number, time.Unix(b.epoch, 0).UTC(), string(text))
}

// debianChangelog makes an entry of each section that has items. What is not
// released yet belongs to the version that is packaged; so does the section of
// that version itself.
func debianChangelog(product string, current version, built time.Time, text string) ([]byte, error) {
	var out bytes.Buffer
	number, when := "", built
	var items []string
	flush := func() {
		if number != "" && len(items) > 0 {
			fmt.Fprintf(&out, "%s (%s) unstable; urgency=medium\n\n", product, number)
			for _, item := range items {
				out.WriteString(foldItem(item))
			}
			fmt.Fprintf(&out, "\n -- %s  %s\n\n", maintainer, when.Format(time.RFC1123Z))
		}
		items = nil
	}
	for _, line := range strings.Split(text, "\n") {
		if m := releaseHeading.FindStringSubmatch(line); m != nil {
			flush()
			number, when = current.debian(), built
			if m[1] != "" && m[1] != current.numbers {
				number = m[1]
			}
			if m[2] != "" {
				day, err := time.Parse(time.DateOnly, m[2])
				if err != nil {
					return nil, fmt.Errorf("CHANGELOG.md: %w", err)
				}
				when = day
			}
			continue
		}
		items = appendItem(items, line)
	}
	flush()
	if out.Len() == 0 {
		return nil, fmt.Errorf("CHANGELOG.md has no section with items: a section begins with ## Unreleased or ## 1.2.3 - 2026-11-28")
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// appendItem adds a line of CHANGELOG.md to the items of its section.
func appendItem(items []string, line string) []string {
	rest, isItem := strings.CutPrefix(line, "- ")
	switch {
	case isItem:
		return append(items, rest)
	case strings.HasPrefix(line, "  ") && len(items) > 0:
		items[len(items)-1] += line
	}
	return items
}

// foldItem returns an item in lines of at most 80 characters.
func foldItem(text string) string {
	var out strings.Builder
	line := "  * "
	for _, word := range strings.Fields(text) {
		if len(line)+len(word) > 80 && strings.TrimSpace(line) != "*" {
			out.WriteString(strings.TrimRight(line, " ") + "\n")
			line = "    "
		}
		line += word + " "
	}
	out.WriteString(strings.TrimRight(line, " ") + "\n")
	return out.String()
}
