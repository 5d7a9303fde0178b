package fit

import (
	"slices"

	"github.com/OpenPrinting/goipp"
)

// overridesName is the attribute that asks for different settings on some
// pages (PWG 5100.6 §4.1).
const overridesName = "overrides"

// documentNumbers are the members that say to which documents of a job an
// override applies: the registered name, and the one that a test suite of the
// PWG uses.
var documentNumbers = []string{"document-numbers", "document-number"}

// ForDocument returns the ticket of one document of a job, numbered from 1, as
// that of a job with only this document: overrides of others are left out.
func (t Ticket) ForDocument(number int) Ticket {
	at := slices.IndexFunc(t, func(a goipp.Attribute) bool { return a.Name == overridesName })
	if at < 0 {
		return t
	}
	mine := goipp.Attribute{Name: overridesName}
	for _, v := range t[at].Values {
		if c, ok := v.V.(goipp.Collection); ok && isOfDocument(c, number) {
			mine.Values.Add(v.T, withoutNumbers(c))
		}
	}
	out := slices.Delete(slices.Clone(t), at, at+1)
	if len(mine.Values) > 0 {
		out = append(out, mine)
	}
	return out
}

func isOfDocument(c goipp.Collection, number int) bool {
	all := true
	for _, a := range c {
		if !slices.Contains(documentNumbers, a.Name) {
			continue
		}
		all = false
		for _, v := range a.Values {
			if r, ok := v.V.(goipp.Range); ok && r.Lower <= number && number <= r.Upper {
				return true
			}
		}
	}
	return all
}

func withoutNumbers(c goipp.Collection) goipp.Collection {
	return slices.DeleteFunc(slices.Clone(c), func(a goipp.Attribute) bool { return slices.Contains(documentNumbers, a.Name) })
}

// listsOverride reports whether the printer lists all members of an override,
// and their values may be asked for the whole job too.
func (i capabilities) listsOverride(supported goipp.Attribute, v goipp.Value) bool {
	c, ok := v.(goipp.Collection)
	if !ok || !listsMembers(supported, v) {
		return false
	}
	return !slices.ContainsFunc(c, func(a goipp.Attribute) bool {
		return a.Name != "pages" && (a.Name == overridesName || !i.takesAsIs(a))
	})
}
