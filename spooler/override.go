package spooler

import (
	"slices"

	"github.com/OpenPrinting/goipp"
)

// overrideMembers lists the members of an override (PWG 5100.6 §4.1): which
// pages it is for, and what is different there. The registry has
// document-numbers; the IPP Everywhere suite asks for document-number.
var overrideMembers = []string{
	"pages", "document-numbers", "document-number",
	"media", "media-col", "orientation-requested", "output-bin", "print-color-mode", "print-quality", "sides",
}

// isOverride returns a check for a collection all of whose members are
// supported.
func isOverride(overridable map[string]templateAttribute) func(goipp.Value) bool {
	return func(v goipp.Value) bool {
		c, ok := v.(goipp.Collection)
		if !ok {
			return false
		}
		pages := false
		for _, m := range c {
			pages = pages || m.Name == "pages"
			if !slices.Contains(overrideMembers, m.Name) || !isOverrideMember(overridable, m) {
				return false
			}
		}
		return pages
	}
}

func isOverrideMember(overridable map[string]templateAttribute, m goipp.Attribute) bool {
	if len(m.Values) == 0 || len(m.Values) > maxValues {
		return false
	}
	switch m.Name {
	case "pages", "document-numbers", "document-number":
		for _, v := range m.Values {
			if !isPageRange(v.V) {
				return false
			}
		}
		return true
	}
	t := overridable[m.Name]
	return len(m.Values) == 1 && slices.Contains(t.tags, m.Values[0].T) && t.ok(m.Values[0].V)
}
