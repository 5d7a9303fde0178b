package settings

import (
	"maps"
	"regexp"
	"strings"
)

// Schema returns a JSON Schema of the configuration file, the installer's file
// and the files of policy.
func Schema() map[string]any {
	defaults := Defaults()
	properties := map[string]any{schemaKey: map[string]any{"type": "string"}}
	for _, row := range Table() {
		one := maps.Clone(row.Type.schema)
		one["description"] = row.PlainDoc()
		if row.dependsOnSystem() {
			one["description"] = row.PlainDoc() + " (the default depends on the system)"
		} else {
			one["default"] = row.Value(&defaults)
		}
		properties[row.Name] = one
	}
	return map[string]any{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                "Settings of Print Scout",
		"type":                 "object",
		"properties":           properties,
		"additionalProperties": false,
	}
}

// dependsOnSystem reports whether each system has a default of its own.
func (s *Setting) dependsOnSystem() bool {
	return strings.HasPrefix(s.Type.Name, "absolute path") && !strings.Contains(s.Type.Name, "or")
}

var markdownLink = regexp.MustCompile(`\[[^\]]*\]\(([^)]*)\)`)

// PlainDoc returns Doc without Markdown: a link is the name of the page.
func (s *Setting) PlainDoc() string {
	return strings.ReplaceAll(markdownLink.ReplaceAllString(s.Doc, "docs/$1"), "`", "")
}
