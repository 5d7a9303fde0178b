package fit

import (
	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// chosenPaper is what a printer is told of the paper, and the attribute of the
// Ticket that it was made from.
type chosenPaper struct {
	of   string          // media, media-col, or "" if nothing fits
	attr goipp.Attribute // what is sent for it
	lost []string        // members of media-col that are left out
}

// choosePaper chooses what to say of the paper. Only one of the two attributes
// may be sent (PWG 5100.7 §6.3), and media-col says more.
func (f *Fitted) choosePaper(t Ticket) chosenPaper {
	for _, of := range []struct {
		name string
		fit  func(paperSupport, goipp.Value) chosenPaper
	}{{"media-col", paperSupport.fitCollection}, {"media", paperSupport.fitName}} {
		a, ok := ipp.Find(goipp.Attributes(t), of.name)
		if !ok || len(a.Values) == 0 {
			continue
		}
		if p := of.fit(f.printer.readPapers(), a.Values[0].V); len(p.attr.Values) > 0 {
			p.of = of.name
			return p
		}
	}
	return chosenPaper{}
}

// takePaper sends the paper in place of the attribute it was made from. A
// second one is left out.
func (f *Fitted) takePaper(a goipp.Attribute, p chosenPaper) {
	if a.Name != p.of {
		f.noteDropped(a.Name)
		if p.of == "" {
			f.notes = append(f.notes, "Printed on the printer's usual paper: it does not list "+paperWords(a)+".")
		}
		return
	}
	f.Attrs.Add(p.attr)
	if sent, asked := paperWords(p.attr), paperWords(a); sent != asked {
		f.noteReplacedWords(sent, asked)
	}
	for _, m := range p.lost {
		f.noteDropped("media-col/" + m)
	}
}

// paperWords returns media or media-col as text for a person.
func paperWords(a goipp.Attribute) string {
	if len(a.Values) == 0 {
		return a.Name
	}
	c, ok := a.Values[0].V.(goipp.Collection)
	if !ok {
		return a.Name + " " + valueWords(a.Values[0].V)
	}
	if s, ok := askedSize(c); ok {
		return a.Name + " " + s.Words()
	}
	return a.Name
}
