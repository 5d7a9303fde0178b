// Package docinfo finds out what a document says about itself: its format by
// content, its pages, colors, sides, copies, media and names.
//
// It owns a writer that sees the bytes of a document once, on their way to
// somewhere else ([Tap]), and a reader with random access for formats that list
// their pages at the end ([Examine]). It stores no document; the tap never fails
// and never delays a document. It knows no job, no IPP, no file and no seal, and
// starts no other program.
//
// docs/docinfo.md says for each format what is exact and what is not.
package docinfo

import "cmp"

// Certainty says how reliable a number of pages is.
type Certainty string

// The certainties. Exact: the format leaves no doubt. Estimated: counted, but
// documents of the format may exist for which the count is wrong. Unknown: there
// is no count.
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

// Info is what a document says about itself. It is stored as JSON: field names
// must not change, and a field that older data lacks is read as empty.
type Info struct {
	// Format is the media type by content, one of the Format constants, or ""
	// where the content is none of them.
	Format string
	// Pages is the number of pages in the document, nil while unknown. It
	// includes pages that are repeated for each copy, except in PostScript whose
	// page numbers show the repetition.
	Pages *int
	// Certainty is the certainty of Pages; Unknown if and only if Pages is nil.
	Certainty Certainty
	// Files is how many files a queue has concatenated in the document; 0 where
	// it is one, or not known. Pages counts all of them.
	Files int `json:",omitempty"`
	// Color is InColor, InMonochrome or ColorUnknown; "" in data older than it.
	Color string `json:",omitempty"`
	// Sides is the keyword of sides in the document, "" where it has none.
	Sides string `json:",omitempty"`
	// Copies is how many copies the document itself asks for, 0 where it does
	// not say. It is never multiplied by the attribute copies of a job: what is
	// printed is Pages times the attribute where that is greater than 1, else
	// Pages times Copies.
	Copies int `json:",omitempty"`
	// Media is the self-describing name (PWG 5101.1) of the first page's size.
	Media string `json:",omitempty"`
	// Title, Application and Producer are UTF-8 of at most 255 bytes, without
	// control characters and marks that change the writing direction.
	Title       string `json:",omitempty"`
	Application string `json:",omitempty"`
	Producer    string `json:",omitempty"`
}

// Or returns i with its unknown fields taken from other: what Examine found, or
// else what the tap saw.
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

// setExtraFiles notes that so many files follow the first one.
func (i *Info) setExtraFiles(more int) {
	if more > 0 {
		i.Files = more + 1
	}
}
