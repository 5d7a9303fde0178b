package docinfo

// linesPerPage is the assumed length of a page of plain text: Letter at six
// lines per inch with margins of half an inch above and below.
const linesPerPage = 60

// plainText counts the pages of plain text: a page ends at a form feed, or
// before the first character below the last line.
type plainText struct {
	info *Info
	pageFlow
}

func (t *plainText) scan(p []byte) int {
	for _, b := range p {
		switch {
		case b == '\f':
			t.ejectPage()
		case b == '\n':
			t.lines++
		case b > ' ':
			t.markPage()
		}
	}
	return len(p)
}

func (t *plainText) countPages(int) (int, Certainty) {
	t.info.Color = InMonochrome
	return t.totalPages(), Estimated
}

// pageFlow is a page that text flows down.
type pageFlow struct {
	pages int
	lines int
	dirty bool
	ran   bool // past the end of a page
}

// markPage puts something on the page, or on the next one if it is full.
func (f *pageFlow) markPage() {
	if f.lines >= linesPerPage {
		f.ran = true
		f.flushPage()
	}
	f.dirty = true
}

// ejectPage ends the page, empty or not.
func (f *pageFlow) ejectPage() {
	f.pages++
	f.lines, f.dirty = 0, false
}

// flushPage ends the page if there is something on it.
func (f *pageFlow) flushPage() {
	if f.dirty {
		f.ejectPage()
	}
	f.lines = 0
}

// totalPages returns the number of pages if the stream ends here.
func (f *pageFlow) totalPages() int {
	if f.dirty {
		return f.pages + 1
	}
	return f.pages
}
