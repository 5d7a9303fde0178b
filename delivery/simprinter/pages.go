package simprinter

import (
	"bytes"
)

// pageCounter counts the page objects of a PDF that are not compressed.
type pageCounter struct {
	n   int
	buf []byte // the end of what was written before, then what is written now
	old int
}

var pageMarks = [][]byte{[]byte("/Type /Page"), []byte("/Type/Page")}

const longestMark = len("/Type /Page")

// Write implements io.Writer.
func (c *pageCounter) Write(b []byte) (int, error) {
	c.buf = append(c.buf[:c.old], b...)
	for _, mark := range pageMarks {
		c.countMarks(c.buf[c.old-min(c.old, len(mark)):], mark)
	}
	end := c.buf[len(c.buf)-min(len(c.buf), longestMark):]
	c.old = copy(c.buf, end)
	return len(b), nil
}

// countMarks counts a mark together with the byte after it: without that it
// may be the end of what has come, and is seen again.
func (c *pageCounter) countMarks(b, mark []byte) {
	for {
		i := bytes.Index(b, mark)
		if i < 0 || i+len(mark) >= len(b) {
			return
		}
		if b = b[i+len(mark):]; b[0] != 's' {
			c.n++
		}
	}
}
