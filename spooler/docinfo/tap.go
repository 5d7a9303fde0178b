package docinfo

// Tap is a writer that looks at what is written to it and keeps none of it but
// a few kilobytes. Its memory does not grow with the stream.
// Two goroutines may not use one Tap at the same time.
type Tap struct {
	head    [headSize]byte
	filled  int
	carried [carry]byte // beginning of a token that is not yet whole
	held    int
	scanner formatScanner
	info    Info
}

// carry is the length of the longest token of any machine: the page header of
// PWG raster and the longest line that is looked at fit in.
const carry = 2048

// formatScanner goes through the stream of one format.
type formatScanner interface {
	// scan takes as many whole tokens as p begins with and returns their
	// length. No token is longer than carry. How a stream is cut into tokens
	// must not depend on how it is cut into pieces.
	scan(p []byte) int
	// count returns the pages so far, if the stream ends here with held bytes
	// of a token that is not whole.
	countPages(held int) (int, Certainty)
}

// New returns a tap for one document.
func New() *Tap { return new(Tap) }

// Write looks at p. It takes all of p and returns no error, ever.
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

// chooseScanner chooses a machine once the format is known. While more may come,
// nothing is taken for text.
func (t *Tap) chooseScanner(whole bool) {
	format := sniffFormat(t.head[:t.filled])
	if format == FormatText && !whole {
		return
	}
	if t.scanner = newFormatScanner(format, t.head[:t.filled], &t.info); t.scanner != nil {
		t.feedScanner(t.head[:t.filled])
	}
}

// feedScanner runs p through the machine, behind what is left of the piece before it.
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
		case t.held == carry: // no machine wants more
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

// Info returns what is known by the bytes written so far.
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

// newFormatScanner returns the machine for a format whose stream begins with head, or
// nil where the stream tells nothing.
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

// onePage is a format that always holds one page.
type onePage struct{}

func (onePage) scan(p []byte) int               { return len(p) }
func (onePage) countPages(int) (int, Certainty) { return 1, Exact }
