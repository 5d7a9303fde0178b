package delivery

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// ticket is how a document is to be printed: job template attributes.
type ticket goipp.Attributes

// settings are the job template attributes that may go to a printer, each
// with the rule by which one value is checked against NAME-supported.
var settings = map[string]func(supported goipp.Attribute, v goipp.Value) bool{
	"copies":                     within,
	"sides":                      listed,
	"media":                      listed,
	"media-col":                  members,
	"print-color-mode":           listed,
	"print-quality":              within,
	"print-scaling":              listed,
	"print-content-optimize":     listed,
	"print-rendering-intent":     listed,
	"printer-resolution":         listed,
	"orientation-requested":      within,
	"page-ranges":                offered,
	"number-up":                  within,
	"finishings":                 within,
	"output-bin":                 listed,
	"multiple-document-handling": listed,
	"job-sheets":                 listed,
}

// readTicket decodes what a job was parked with.
func readTicket(encoded []byte) (ticket, error) {
	if len(encoded) == 0 {
		return nil, nil
	}
	m, err := ipp.Read(bufio.NewReader(bytes.NewReader(encoded)), ipp.RequestLimits)
	if err != nil {
		return nil, fmt.Errorf("%w: its settings: %w", errDocument, err)
	}
	return ticket(m.Job), nil
}

func (t ticket) copies() int {
	if n, ok := ipp.Int(goipp.Attributes(t), "copies"); ok {
		return n
	}
	return 1
}

// forPrinter is the part of a ticket that the printer lists, and the names of
// what it does not. Copies are never left out: fewer than asked is an error.
func (t ticket) forPrinter(name string, i info) (goipp.Attributes, []string, error) {
	var out goipp.Attributes
	var dropped []string
	for _, a := range t {
		kept, all := i.supports(a)
		if a.Name == "copies" && !all && t.copies() != 1 {
			return nil, nil, copiesFailure(name, t.copies())
		}
		if !all && a.Name != "copies" {
			dropped = append(dropped, ipp.Clean(a.Name, 127))
		}
		if _, twice := ipp.Find(out, a.Name); len(kept.Values) > 0 && !twice {
			out.Add(kept)
		}
	}
	return out, dropped, nil
}

func copiesFailure(name string, n int) *failure {
	return &failure{reason: ReasonCopies, message: fmt.Sprintf("Printer %s cannot print %d copies.", name, n)}
}

// supports is the part of an attribute that the printer lists, and whether
// that is all of it.
func (i info) supports(a goipp.Attribute) (kept goipp.Attribute, all bool) {
	kept.Name = a.Name
	rule := settings[a.Name]
	if a.Name == overridesName {
		rule = i.overridden
	}
	supported, ok := ipp.Find(i.attrs, a.Name+"-supported")
	if rule == nil || !ok {
		return kept, false
	}
	for _, v := range a.Values {
		if rule(supported, v.V) {
			kept.Values.Add(v.T, v.V)
		}
	}
	return kept, len(kept.Values) == len(a.Values)
}

// within: an integer or enum that is one of the values or in one of the ranges.
func within(supported goipp.Attribute, v goipp.Value) bool {
	n, ok := v.(goipp.Integer)
	return ok && ipp.HasInt(goipp.Attributes{supported}, supported.Name, int(n))
}

// listed: a value that is one of the values.
func listed(supported goipp.Attribute, v goipp.Value) bool {
	for _, s := range supported.Values {
		if goipp.ValueEqual(s.V, v) {
			return true
		}
	}
	return false
}

// members: a collection all of whose members are named (PWG 5100.7 §6.3).
func members(supported goipp.Attribute, v goipp.Value) bool {
	c, ok := v.(goipp.Collection)
	names := ipp.Strings(goipp.Attributes{supported}, supported.Name)
	return ok && !slices.ContainsFunc(c, func(a goipp.Attribute) bool { return !slices.Contains(names, a.Name) })
}

// offered: the printer says that it can do it at all.
func offered(supported goipp.Attribute, _ goipp.Value) bool {
	b, ok := ipp.Bool(goipp.Attributes{supported}, supported.Name)
	return ok && b
}
