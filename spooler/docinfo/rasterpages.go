package docinfo

// rasterPages counts the pages of a raster by going through their lines, since
// nothing says how long a page is.
type rasterPages struct {
	info   *Info
	head   int                 // bytes before the first page, 0 once they are over
	header int                 // bytes of a page header
	begin  func(h []byte) bool // reads a page header, false if it is none
	pages  int
	page   raster
	colors colors
	broken bool // what follows is no page
}

func (w *rasterPages) scan(p []byte) (n int) {
	if w.broken {
		return len(p)
	}
	for n < len(p) {
		n += w.page.scan(p[n:])
		if w.page.rows > 0 {
			return n
		}
		w.colors.add(&w.page)
		rest := p[n:]
		switch {
		case len(rest) < w.head || w.head == 0 && len(rest) < w.header:
			return n
		case w.head > 0:
			n += w.head
			w.head = 0
		case !w.begin(rest[:w.header]):
			w.broken = true
			return len(p)
		default:
			n += w.header
		}
	}
	w.colors.add(&w.page)
	return n
}

func (w *rasterPages) count(held int) (int, Certainty) {
	w.info.Color = w.colors.value(w.page.colored)
	if w.broken || held > 0 || w.page.rows > 0 || w.colors.overrun {
		return w.pages, Estimated
	}
	return w.pages, Exact
}

// colors is what the pages of a raster showed.
type colors struct {
	gray, colored, unsure bool
	overrun               bool
}

// add notes what a page showed, if it is over.
func (c *colors) add(r *raster) {
	if r.rows > 0 {
		return
	}
	c.colored = c.colored || r.colored
	c.gray = c.gray || r.isGray != nil
	c.overrun = c.overrun || r.overrun
}

// value is for Info.Color; current is whether the page that is not over has
// shown colour.
func (c *colors) value(current bool) string {
	switch {
	case c.colored || current:
		return InColor
	case c.unsure || !c.gray:
		return ColorUnknown
	}
	return InMonochrome
}
