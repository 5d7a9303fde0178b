package docinfo

import "bytes"

// rasterPages counts the pages of a raster by reading their lines, since the
// length of a page is not stored.
type rasterPages struct {
	info      *Info
	magic     string              // beginning of a raster
	head      int                 // bytes before its first page
	sign      string              // beginning of a page header
	header    int                 // bytes of a page header
	beginPage func(h []byte) bool // reads a page header, false if it is not one
	pages     int
	lines     rasterLines
	colors    rasterColors
	files     int  // rasters so far
	cut       bool // the last page ends inside its header
	fresh     bool // a raster has begun, but no page of it
	filled    bool // zeros follow the last page
	broken    bool // what follows is not a page
}

func (w *rasterPages) scan(p []byte) (n int) {
	for n < len(p) && !w.broken {
		n += w.lines.scan(p[n:])
		if w.lines.rows > 0 {
			return n
		}
		w.colors.addPage(&w.lines)
		k := w.scanBetween(p[n:])
		if k == 0 {
			return n
		}
		n += k
	}
	if w.broken {
		return len(p)
	}
	return n
}

// scanBetween reads what precedes a page: the head of a raster, the header of
// the page, or, after the last page, the zeros that fill a block; no page
// begins with one.
func (w *rasterPages) scanBetween(p []byte) int {
	switch {
	case len(p) == 0:
		return 0
	case w.filled || w.files > 0 && !w.fresh && p[0] == 0:
		w.filled, w.broken = true, p[0] != 0
		return 1
	case !w.fresh && (w.files == 0 || p[0] == w.magic[0]):
		return w.beginFile(p)
	case len(p) < w.header:
		w.cut = bytes.HasPrefix([]byte(w.sign), p[:min(len(p), len(w.sign))])
		return 0
	}
	w.broken, w.fresh, w.cut = !w.beginPage(p[:w.header]), false, false
	return w.header
}

// beginFile reads the head of a raster, the first or a later one.
func (w *rasterPages) beginFile(p []byte) int {
	if len(p) < w.head {
		return 0
	}
	w.broken = !bytes.HasPrefix(p, []byte(w.magic))
	w.files, w.fresh = w.files+1, true
	w.info.setExtraFiles(w.files - 1)
	return w.head
}

func (w *rasterPages) countPages(held int) (int, Certainty) {
	w.info.Color = w.colors.infoColor(w.lines.colored)
	if w.cut && held > 0 {
		return w.pages + 1, Estimated
	}
	if w.broken || w.fresh || held > 0 || w.lines.rows > 0 || w.colors.overrun {
		return w.pages, Estimated
	}
	return w.pages, Exact
}

// rasterColors is what is known of the color of a raster's pages.
type rasterColors struct {
	gray, colored, unsure bool
	overrun               bool
}

// addPage notes the color of a page, if the page is complete.
func (c *rasterColors) addPage(r *rasterLines) {
	if r.rows > 0 {
		return
	}
	c.colored = c.colored || r.colored
	c.gray = c.gray || r.isGray != nil
	c.overrun = c.overrun || r.overrun
}

// infoColor returns the value for Info.Color; current reports whether the
// incomplete page has shown color.
func (c *rasterColors) infoColor(current bool) string {
	switch {
	case c.colored || current:
		return InColor
	case c.unsure || !c.gray:
		return ColorUnknown
	}
	return InMonochrome
}
