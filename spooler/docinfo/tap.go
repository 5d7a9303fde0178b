package docinfo

// Tap is a writer that looks at what is written to it and keeps only a few
// kilobytes. Its memory does not grow with the stream. Only one goroutine may
// use a Tap at a time.
type Tap struct {
	head    [headSize]byte
	filled  int
	carried [carry]byte // beginning of an incomplete token
	held    int
	scanner formatScanner
	info    Info
}

// carry is the length of the longest token of any scanner: the page header of
// PWG raster and the longest line that is read fit in it.
const carry = 2048

// formatScanner reads the stream of one format.
type formatScanner interface {
	// scan reads the complete tokens that p begins with and returns their
	// length. No token is longer than carry. The division of a stream into
	// tokens must not depend on how it is divided into calls.
	scan(p []byte) int
	// countPages returns the pages so far, if the stream ends here with held
	// bytes of an incomplete token.
	countPages(held int) (int, Certainty)
}

// New returns a Tap for one document.
func New() *Tap { return new(Tap) }

// Write looks at p. It accepts all of p and never returns an error.
func (t *Tap) Write(p []byte) (int, error) {
	size := len(p)
	if t.scanner == nil && t.filled < headSize {
		n := copy(t.head[t.filled:], p)
		t.filled += n
		p = p[n:]
		t.chooseScanner(t.filled == headSize)
	} else if t.filled < headSize {
		t.filled += copy(t.head[t.filled:], p)
	}
	t.feedScanner(p)
	return size, nil
}

// chooseScanner chooses a scanner once the format is known. Until the head is
// whole, nothing counts as text.
func (t *Tap) chooseScanner(whole bool) {
	format := sniffFormat(t.head[:t.filled])
	if format == FormatText && !whole {
		return
	}
	if t.scanner = newFormatScanner(format, t.head[:t.filled], &t.info); t.scanner != nil {
		t.feedScanner(t.head[:t.filled])
	}
}

// feedScanner passes p to the scanner, after what is left of the previous
// piece.
func (t *Tap) feedScanner(p []byte) {
	if t.scanner == nil {
		return
	}
	for t.held > 0 && len(p) > 0 {
		was := t.held
		t.held += copy(t.carried[was:], p)
		switch n := t.scanner.scan(t.carried[:t.held]); {
		case n >= was:
			p, t.held = p[n-was:], 0
		case n > 0:
			t.held = copy(t.carried[:], t.carried[n:was])
		case t.held == carry: // no scanner needs more
			p, t.held = p[carry-was:], 0
		default:
			return
		}
	}
	for len(p) > 0 {
		n := t.scanner.scan(p)
		if n == 0 {
			break
		}
		p = p[n:]
	}
	if len(p) > 0 {
		t.held = copy(t.carried[:], p)
	}
}

// Info returns what is known from the bytes written so far.
func (t *Tap) Info() Info {
	if t.scanner == nil && 0 < t.filled && t.filled < headSize {
		ended := *t
		if ended.chooseScanner(true); ended.scanner != nil {
			return ended.Info()
		}
	}
	pages, sure := 0, Unknown
	if t.scanner != nil {
		pages, sure = t.scanner.countPages(t.held)
	}
	i := t.info
	if s, ok := t.scanner.(*pjlStream); ok {
		i.Copies = s.totalCopies(i.Copies)
	}
	i.Format = sniffFormat(t.head[:t.filled])
	i.setPages(pages, sure)
	return i
}

// newFormatScanner returns the scanner for a format whose stream begins with
// head, or nil where nothing can be learned from the stream.
func newFormatScanner(format string, head []byte, i *Info) formatScanner {
	switch format {
	case FormatPDF, FormatPCLm:
		if isPJL(head) {
			s := newStream(format, head, i)
			s.scan(head)
			i.Copies = s.totalCopies(i.Copies)
		}
		return newPDFScanner(i)
	case FormatPWG:
		return newPWG(i)
	case FormatURF:
		return newURF(i)
	case FormatJPEG:
		return &jpeg{info: i}
	case FormatPNG:
		return onePage{}
	case FormatText:
		return &plainText{info: i}
	case FormatPostScript, FormatPCL, FormatPCLXL:
		return newStream(format, head, i)
	}
	return nil
}

// onePage is a scanner for formats that always hold one page.
type onePage struct{}

func (onePage) scan(p []byte) int               { return len(p) }
func (onePage) countPages(int) (int, Certainty) { return 1, Exact }
