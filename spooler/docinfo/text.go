package docinfo

// linesPerPage is what a page of plain text is taken to hold: Letter at six
// lines to the inch with half an inch free above and below.
const linesPerPage = 60

// text counts the pages of plain text: they end at a form feed, or before the
// first mark below the last line.
type text struct {
	info *Info
	flow
}

func (t *text) scan(p []byte) int {
	for _, b := range p {
		switch {
		case b == '\f':
			t.eject()
		case b == '\n':
			t.lines++
		case b > ' ':
			t.mark()
		}
	}
	return len(p)
}

func (t *text) count(int) (int, Certainty) {
	t.info.Color = InMonochrome
	return t.total(), Estimated
}

// flow is a page that text runs down on.
type flow struct {
	pages int
	lines int
	dirty bool
	ran   bool // over the end of a page
}

// mark puts something on the page, or on the next one if it is full.
func (f *flow) mark() {
	if f.lines >= linesPerPage {
		f.ran = true
		f.flush()
	}
	f.dirty = true
}

// eject ends the page, empty or not.
func (f *flow) eject() {
	f.pages++
	f.lines, f.dirty = 0, false
}

// flush ends the page if there is something on it.
func (f *flow) flush() {
	if f.dirty {
		f.eject()
	}
	f.lines = 0
}

// total is the number of pages if the stream ends here.
func (f *flow) total() int {
	if f.dirty {
		return f.pages + 1
	}
	return f.pages
}
