package spooler

import (
	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Groups of attributes that requested-attributes may name (RFC 8011 §4.2.5.1,
// §4.3.4.1). Attributes in groupNone are sent only if named themselves.
const (
	groupPrinter  = "printer-description"
	groupJob      = "job-description"
	groupTemplate = "job-template"
	groupDocument = "document-description"

	groupSubscription         = "subscription-description"
	groupSubscriptionTemplate = "subscription-template"
	groupNone                 = ""
)

// requestedAttributes is the set of names and groups that a request asks for.
type requestedAttributes map[string]bool

// readRequestedAttributes returns requested-attributes, or usual where it is
// absent.
func readRequestedAttributes(m *goipp.Message, usual ...string) requestedAttributes {
	names := ipp.Strings(m.Operation, "requested-attributes")
	if len(names) == 0 {
		names = usual
	}
	w := make(requestedAttributes, len(names))
	for _, n := range names {
		w[n] = true
	}
	return w
}

// selectFrom returns those attributes of a group that are requested.
func (w requestedAttributes) selectFrom(group string, attrs goipp.Attributes) goipp.Attributes {
	if group != groupNone && (w["all"] || w[group]) {
		return attrs
	}
	var out goipp.Attributes
	for _, a := range attrs {
		if w[a.Name] {
			out.Add(a)
		}
	}
	return out
}
