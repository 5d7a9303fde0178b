// Package docinfo tells what a print stream says about itself: its format by
// content and, where that can be known in passing, its pages.
//
// It owns a tap that the bytes of a document run through once, on their way to
// somewhere else. It holds no document, never fails and never holds a document
// up; it knows no job, no IPP and no file.
package docinfo

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

// Info is what a stream said about itself.
type Info struct {
	// Format is the media type by content, one of the Format constants, or ""
	// where the content is none of them.
	Format string
	// Pages is the number of pages of one copy, nil while unknown.
	Pages *int
	// Certainty is that of Pages; Unknown if and only if Pages is nil.
	Certainty Certainty
}

// Tap is a writer that looks at what is written to it and keeps none of it but
// the first few kilobytes. Its memory does not grow with the stream.
// Two goroutines may not use one Tap at the same time.
type Tap struct {
	head   [headSize]byte
	filled int
	format string
	pages  pageCounter
}

// New returns a tap for one document.
func New() *Tap { return new(Tap) }

// Write looks at p. It takes all of p and returns no error, ever.
func (t *Tap) Write(p []byte) (int, error) {
	if t.filled < headSize {
		t.filled += copy(t.head[t.filled:], p)
		t.format = sniff(t.head[:t.filled])
	}
	if t.format == FormatPDF || t.filled < headSize {
		t.pages.write(p)
	}
	return len(p), nil
}

// Info returns what is known by the bytes written so far.
func (t *Tap) Info() Info {
	i := Info{Format: t.format, Certainty: Unknown}
	switch {
	case t.format == FormatJPEG:
		i.Pages, i.Certainty = new(1), Exact
	case t.format == FormatPDF && t.pages.n > 0:
		i.Pages, i.Certainty = new(t.pages.n), Estimated
	}
	return i
}
