package fit

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// Fitted is a ticket as one printer gets it.
type Fitted struct {
	// Attrs are what the printer is asked for.
	Attrs goipp.Attributes

	printer capabilities
	dropped []string // names of what is left out, wholly or in part
	notes   []string // sentences on what was replaced
}

// capabilities are what a printer lists.
type capabilities struct{ attrs goipp.Attributes }

// FitTo fits a ticket to what a printer lists, by its attributes. What must
// not be left out, and cannot be done, is an error: a CopiesError or ErrPages.
func (t Ticket) FitTo(printer goipp.Attributes) (*Fitted, error) {
	f := &Fitted{printer: capabilities{printer}}
	paper := f.choosePaper(t)
	for n, a := range t {
		if _, twice := ipp.Find(goipp.Attributes(t[:n]), a.Name); twice {
			continue
		}
		if err := f.takeAttribute(a, paper); err != nil {
			return nil, err
		}
	}
	f.withoutBanner(t)
	return f, nil
}

func (f *Fitted) takeAttribute(a goipp.Attribute, paper chosenPaper) error {
	switch {
	case a.Name == "media" || a.Name == "media-col":
		f.takePaper(a, paper)
		return nil
	case a.Name == overridesName:
		f.takeListed(a, settingRule{lists: f.printer.listsOverride})
		return nil
	case a.Name == "finishings-col":
		f.takeListed(a, settingRule{lists: f.printer.listsTemplate})
		return nil
	}
	all := f.takeListed(a, settingRules[a.Name])
	switch {
	case all:
	case a.Name == "copies" && Ticket{a}.Copies() != 1:
		return &CopiesError{Ticket{a}.Copies()}
	case a.Name == "page-ranges" && !EveryPage(a):
		return ErrPages
	}
	return nil
}

// takeListed takes what the printer lists of an attribute, or a substitute for
// it, and reports whether that is all of it.
func (f *Fitted) takeListed(a goipp.Attribute, s settingRule) bool {
	supported, ok := ipp.Find(f.printer.attrs, a.Name+"-supported")
	kept, all := goipp.Attribute{Name: a.Name}, true
	for _, v := range a.Values {
		var fit goipp.Value
		if ok {
			fit = s.fitValue(supported, v.V)
		}
		if fit == nil {
			all = false
			continue
		}
		f.noteReplaced(a.Name, v.V, fit)
		if !listsValue(kept, fit) {
			kept.Values.Add(v.T, fit)
		}
	}
	if len(kept.Values) > 0 {
		f.Attrs.Add(kept)
	}
	if !all && !meansNothing(a) {
		f.noteDropped(a.Name)
	}
	return all
}

// fitValue returns the value if it is listed, else its substitute; nil if
// there is none.
func (s settingRule) fitValue(supported goipp.Attribute, v goipp.Value) goipp.Value {
	switch {
	case s.lists == nil:
		return nil
	case s.lists(supported, v):
		return v
	case s.instead == nil:
		return nil
	}
	return s.instead(supported, v)
}

// meansNothing reports whether a printer does the same without being asked.
func meansNothing(a goipp.Attribute) bool {
	n, ok := ipp.Int(goipp.Attributes{a}, a.Name)
	return a.Name == "copies" || a.Name == "number-up" && ok && n == 1 || a.Name == "page-ranges"
}

// EveryPage reports whether one of the ranges covers every page of any
// document.
func EveryPage(a goipp.Attribute) bool {
	for _, v := range a.Values {
		if r, ok := v.V.(goipp.Range); ok && r.Lower <= 1 && r.Upper == math.MaxInt32 {
			return true
		}
	}
	return false
}

// listsTemplate reports whether a finishings-col has only a
// finishing-template, which the printer lists (PWG 5100.1).
func (i capabilities) listsTemplate(supported goipp.Attribute, v goipp.Value) bool {
	c, ok := v.(goipp.Collection)
	names, known := ipp.Find(i.attrs, "finishing-template-supported")
	return ok && known && len(c) == 1 && c[0].Name == "finishing-template" && listsMembers(supported, v) &&
		len(c[0].Values) == 1 && listsValue(names, c[0].Values[0].V)
}

// withoutBanner asks for no banner page if the job did not ask for one and the
// printer would print one by default.
func (f *Fitted) withoutBanner(t Ticket) {
	_, asked := ipp.Find(goipp.Attributes(t), "job-sheets")
	usual := ipp.String(f.printer.attrs, "job-sheets-default")
	if !asked && usual != "" && usual != "none" && slices.Contains(ipp.Strings(f.printer.attrs, "job-sheets-supported"), "none") {
		f.Attrs.Add(ipp.Keyword("job-sheets", "none"))
	}
}

// takesAsIs reports whether the printer would get an attribute unchanged.
func (i capabilities) takesAsIs(a goipp.Attribute) bool {
	f, err := Ticket{a}.FitTo(i.attrs)
	return err == nil && slices.ContainsFunc(f.Attrs, a.Equal)
}

func (f *Fitted) noteDropped(name string) {
	if name = ipp.Clean(name, 127); !slices.Contains(f.dropped, name) {
		f.dropped = append(f.dropped, name)
	}
}

// noteReplaced notes that a value is sent in place of the one that was asked
// for.
func (f *Fitted) noteReplaced(name string, asked, sent goipp.Value) {
	if !goipp.ValueEqual(asked, sent) {
		f.noteReplacedWords(name+" "+valueWords(sent), valueWords(asked))
	}
}

func (f *Fitted) noteReplacedWords(sent, asked string) {
	f.notes = append(f.notes, fmt.Sprintf("Printed with %s instead of %s: the printer does not list %s.", sent, asked, asked))
}

// valueWords returns a value as text for a person.
func valueWords(v goipp.Value) string {
	return strings.TrimSpace(ipp.Clean(v.String(), 127))
}

// Sentences returns what people should know of what was left out or replaced.
func (f *Fitted) Sentences() []string {
	if len(f.dropped) == 0 {
		return f.notes
	}
	return append(slices.Clone(f.notes), fmt.Sprintf("Left out, because the printer does not list it: %s.", strings.Join(f.dropped, ", ")))
}
