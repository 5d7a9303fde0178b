package docinfo

import "bytes"

// pairCounter counts where one text follows another in a stream, with only
// white space between them. The count does not depend on how the stream is
// divided into calls.
type pairCounter struct {
	first, second string
	ends          bool // a byte that ends a name must follow
	n             int
	// state is the number of matched bytes of first followed by second; 0 where
	// nothing is matched, the sum of both lengths where only the byte that ends
	// the name is missing.
	state int
}

func (c *pairCounter) scanAll(p []byte) {
	for len(p) > 0 {
		p = p[c.scanNext(p):]
	}
}

// scanNext reads one step of p, which must not be empty: all bytes before
// first, or one byte. It counts at most one pair, at the end of the bytes it
// has read.
func (c *pairCounter) scanNext(p []byte) int {
	if c.state != 0 {
		c.stepByte(p[0])
		return 1
	}
	i := bytes.Index(p, []byte(c.first))
	if i < 0 {
		c.state = c.prefixLength(p[max(0, len(p)-len(c.first)+1):])
		return len(p)
	}
	c.state = len(c.first)
	return i + len(c.first)
}

// prefixLength returns how many bytes of first are at the end of p, less than
// all of first.
func (c *pairCounter) prefixLength(p []byte) int {
	for k := min(len(p), len(c.first)-1); k > 0; k-- {
		if string(p[len(p)-k:]) == c.first[:k] {
			return k
		}
	}
	return 0
}

// stepByte processes one byte in any state but 0.
func (c *pairCounter) stepByte(b byte) {
	gap, after := len(c.first), len(c.first)+len(c.second)
	switch {
	case c.state == after:
		if !isRegular(b) {
			c.n++
		}
	case c.state == gap && isSpace(b):
		return
	case c.state < gap && b == c.first[c.state],
		c.state >= gap && b == c.second[c.state-gap]:
		if c.state++; c.state == after && !c.ends {
			c.n++
			c.state = 0
		}
		return
	}
	c.state = c.prefixLength(append([]byte(c.matchedText()), b))
}

// matchedText returns the bytes that were matched last.
func (c *pairCounter) matchedText() string {
	if c.state < len(c.first) {
		return c.first[:c.state]
	}
	return c.second[:c.state-len(c.first)]
}

// The two names whose sequence is in the dictionary of every page (ISO 32000-1
// §7.7.3.3), and what is between two concatenated files.
const (
	typeName = "/Type"
	pageName = "/Page"
	pdfEnd   = "%%EOF"
	pdfBegin = "%PDF-"
)

// pdfScanner counts the page dictionaries of a PDF outside compressed object
// streams, and concatenated files.
type pdfScanner struct {
	info  *Info
	pages pairCounter
	files pairCounter
}

func newPDFScanner(i *Info) *pdfScanner {
	return &pdfScanner{
		info:  i,
		pages: pairCounter{first: typeName, second: pageName, ends: true},
		files: pairCounter{first: pdfEnd, second: pdfBegin},
	}
}

// scan reads all of p.
func (c *pdfScanner) scan(p []byte) int {
	c.pages.scanAll(p)
	c.files.scanAll(p)
	return len(p)
}

func (c *pdfScanner) countPages(int) (int, Certainty) {
	c.info.setExtraFiles(c.files.n)
	return c.pages.n, Estimated
}

// isSpace and isRegular classify bytes as ISO 32000-1 §7.2.2 does.
func isSpace(b byte) bool {
	return b == 0 || b == '\t' || b == '\n' || b == '\f' || b == '\r' || b == ' '
}

func isRegular(b byte) bool {
	return !isSpace(b) && bytes.IndexByte([]byte("()<>[]{}/%"), b) < 0
}
