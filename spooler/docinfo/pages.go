package docinfo

import "bytes"

// typeName and pageName are the two names whose sequence, with white space or
// nothing between them, is in the dictionary of every page (ISO 32000-1
// §7.7.3.3).
const (
	typeName = "/Type"
	pageName = "/Page"
)

// States of a pageCounter: 0 while nothing of the sequence is seen, the number
// of matched bytes within typeName, gap behind it, gap and the number of
// matched bytes within pageName, and after where the byte that ends the name
// is missing.
const (
	gap   = len(typeName)
	after = gap + len(pageName)
)

// pageCounter counts the page dictionaries of a PDF that are not within
// compressed object streams. It counts the same however the stream is cut into
// pieces.
type pageCounter struct {
	n     int
	state int
}

// scan takes all of p.
func (c *pageCounter) scan(p []byte) int {
	c.write(p)
	return len(p)
}

func (c *pageCounter) count(int) (int, Certainty) { return c.n, Estimated }

func (c *pageCounter) write(p []byte) {
	for len(p) > 0 {
		if c.state != 0 {
			c.step(p[0])
			p = p[1:]
			continue
		}
		i := bytes.Index(p, []byte(typeName))
		if i < 0 {
			c.state = begun(p)
			return
		}
		c.state = gap
		p = p[i+len(typeName):]
	}
}

// begun is how many bytes of typeName p ends with, of which it does not hold
// the whole.
func begun(p []byte) int {
	p = p[max(0, len(p)-len(typeName)+1):]
	i := bytes.LastIndexByte(p, '/')
	if i < 0 || string(p[i:]) != typeName[:len(p)-i] {
		return 0
	}
	return len(p) - i
}

// step goes one byte on from any state but 0.
func (c *pageCounter) step(b byte) {
	switch {
	case c.state == after:
		if !isRegular(b) {
			c.n++
		}
	case c.state == gap && isSpace(b):
		return
	case c.state < gap && b == typeName[c.state],
		c.state >= gap && b == pageName[c.state-gap]:
		c.state++
		return
	case c.state == gap+1 && b == typeName[1]:
		c.state = 2
		return
	}
	c.state = 0
	if b == '/' {
		c.state = 1
	}
}

// isSpace and isRegular divide bytes as ISO 32000-1 §7.2.2 does.
func isSpace(b byte) bool {
	return b == 0 || b == '\t' || b == '\n' || b == '\f' || b == '\r' || b == ' '
}

func isRegular(b byte) bool {
	return !isSpace(b) && bytes.IndexByte([]byte("()<>[]{}/%"), b) < 0
}
