// Package docinfo tells what a document says about itself: its format by
// content, its pages, colors, sides, copies, media and names.
//
// It owns a tap that the bytes of a document run through once, on their way to
// somewhere else ([Tap]), and a reader by position for the formats whose pages
// are listed at their end ([Examine]). It holds no document; the tap never
// fails and never holds a document up. It knows no job, no IPP, no file and no
// seal, and starts no other program.
//
// docs/docinfo.md says for each format what is exact and what is not.
package docinfo

import "cmp"

// Certainty says how far a count of pages may be trusted.
type Certainty string

// The certainties. Exact: the format leaves no doubt. Estimated: counted, but
// the format allows for streams of which the count is wrong. Unknown: there is
// no count.
const (
	Exact     Certainty = "exact"
	Estimated Certainty = "estimated"
	Unknown   Certainty = "unknown"
)

// Values of Info.Color.
const (
	InColor      = "color"
	InMonochrome = "monochrome"
	ColorUnknown = "unknown"
)

// Values of Info.Sides, keywords of RFC 8011 §5.2.8.
const (
	OneSided          = "one-sided"
	TwoSidedLongEdge  = "two-sided-long-edge"
	TwoSidedShortEdge = "two-sided-short-edge"
)

// Info is what a document said about itself. It is stored as JSON: the names
// of its fields stay, and a field that older data lacks is read as empty.
type Info struct {
	// Format is the media type by content, one of the Format constants, or ""
	// where the content is none of them.
	Format string
	// Pages is the number of pages in the document, nil while unknown. A
	// document that repeats its pages for each copy has them all in Pages,
	// PostScript whose page numbers show the repetition excepted.
	Pages *int
	// Certainty is that of Pages; Unknown if and only if Pages is nil.
	Certainty Certainty
	// Files is how many files stand behind one another in the document, as a
	// queue strings them together; 0 where it is one, or that cannot be told.
	// Pages are those of all of them.
	Files int `json:",omitempty"`
	// Color is InColor, InMonochrome or ColorUnknown; "" in data older than it.
	Color string `json:",omitempty"`
	// Sides is the keyword of sides that the document carries, "" where none.
	Sides string `json:",omitempty"`
	// Copies is how many copies the document itself asks for, 0 where it does
	// not say. It says the same as the attribute copies of a job, or nothing:
	// the two are never multiplied. What is printed is Pages times the
	// attribute where the job has one greater than 1, else Pages times Copies.
	Copies int `json:",omitempty"`
	// Media is the self-describing name (PWG 5101.1) of the first page's size.
	Media string `json:",omitempty"`
	// Title, Application and Producer are clean (no control characters, no
	// marks of direction) UTF-8 of at most 255 bytes.
	Title       string `json:",omitempty"`
	Application string `json:",omitempty"`
	Producer    string `json:",omitempty"`
}

// Or returns i with what it does not know taken from the other: what Examine
// found, or what the tap saw.
func (i Info) Or(other Info) Info {
	if i.Pages == nil {
		i.Pages, i.Certainty = other.Pages, other.Certainty
	}
	if i.Color == "" || i.Color == ColorUnknown {
		i.Color = other.Color
	}
	i.Copies, i.Files = cmp.Or(i.Copies, other.Copies), cmp.Or(i.Files, other.Files)
	for _, f := range []struct{ to, from *string }{
		{&i.Format, &other.Format}, {&i.Sides, &other.Sides}, {&i.Media, &other.Media},
		{&i.Title, &other.Title}, {&i.Application, &other.Application}, {&i.Producer, &other.Producer},
	} {
		*f.to = cmp.Or(*f.to, *f.from)
	}
	i.Certainty, i.Color = cmp.Or(i.Certainty, Unknown), cmp.Or(i.Color, ColorUnknown)
	return i
}

// setPages sets the pages.
func (i *Info) setPages(pages int, sure Certainty) {
	i.Pages, i.Certainty = nil, Unknown
	if pages > 0 && sure != Unknown {
		i.Pages, i.Certainty = new(pages), sure
	}
	i.Color = cmp.Or(i.Color, ColorUnknown)
}

// setExtraFiles notes that so many files stand behind the first one.
func (i *Info) setExtraFiles(more int) {
	if more > 0 {
		i.Files = more + 1
	}
}
