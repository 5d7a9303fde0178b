package docinfo

import (
	"bytes"

	"github.com/printscout/printscout/internal/pwg"
)

// pcl counts the pages of PCL 5 (PCL 5 Printer Language Technical Reference
// Manual): form feeds, and commands that eject a page with something on it. It
// skips binary data and macros.
type pcl struct {
	info   *Info
	flow   pageFlow
	skip   int64
	chain  [2]byte // the first two characters of a combined sequence
	hpgl   bool    // between ESC % # B and ESC % # A
	macro  bool    // the data is stored, not printed
	unsure bool
	pitch  bool // the line height is not the assumed one
	exit   bool
}

func newPCL(i *Info) *pcl { return &pcl{info: i} }

const esc = 0x1b

func (c *pcl) atUEL() bool { return c.exit }

func (c *pcl) scan(p []byte) (n int) {
	for n < len(p) && !c.exit {
		k := 0
		switch {
		case c.skip > 0:
			k = int(min(c.skip, int64(len(p)-n)))
			c.skip -= int64(k)
		case c.chain[0] != 0:
			k = c.scanParameter(p[n:])
		case p[n] == esc:
			k = c.scanEscape(p[n:])
		default:
			k = c.scanText(p[n:])
		}
		if k == 0 {
			break
		}
		n += k
	}
	return n
}

// scanText reads the characters before the next escape.
func (c *pcl) scanText(p []byte) int {
	n := bytes.IndexByte(p, esc)
	if n < 0 {
		n = len(p)
	}
	if c.macro || c.hpgl {
		c.unsure = true
		return n
	}
	for _, b := range p[:n] {
		switch {
		case b == '\f':
			c.flow.ejectPage()
		case b == '\n':
			c.flow.lines++
			c.unsure = c.unsure || c.pitch
		case b > ' ':
			c.flow.markPage()
		}
	}
	return n
}

// scanEscape reads a two-character sequence, or the beginning of a longer one.
func (c *pcl) scanEscape(p []byte) int {
	if len(p) < 2 {
		return 0
	}
	if b := p[1]; b < '!' || b > '/' {
		if b == 'E' {
			c.resetPrinter()
		}
		return 2
	}
	if bytes.HasPrefix(uel, p[:min(len(p), len(uel))]) {
		if len(p) >= len(uel) {
			c.resetPrinter()
			c.exit = true
		}
		return 0
	}
	if len(p) < 3 {
		return 0
	}
	c.chain = [2]byte{p[1], 0}
	if isGroup(p[2]) {
		c.chain[1] = p[2]
		return 3
	}
	return 2
}

func isGroup(b byte) bool { return '`' <= b && b <= '~' }

// valueMax is the length of the longest number of a sequence.
const valueMax = 32

// scanParameter reads one number and the character after it; a capital ends the
// sequence.
func (c *pcl) scanParameter(p []byte) int {
	i := 0
	for i < len(p) && i < valueMax && bytes.IndexByte([]byte("+-.0123456789 "), p[i]) >= 0 {
		i++
	}
	if i == len(p) {
		return 0
	}
	b := p[i]
	group := c.chain
	if !isGroup(b) {
		c.chain = [2]byte{}
	}
	if b < '@' || b > '~' { // not a sequence
		c.unsure = true
		if i == 0 && b == esc {
			return c.scanEscape(p)
		}
		return max(i, 1)
	}
	v, signed := parsePCLNumber(p[:i])
	c.applyCommand(string(group[:])+string(b&^0x20), v, signed)
	return i + 1
}

// parsePCLNumber returns the integer part of a number.
func parsePCLNumber(p []byte) (v int64, signed bool) {
	for _, b := range p {
		switch {
		case b == '-' || b == '+':
			signed = signed || b == '-'
		case b == '.':
			return v, signed
		case '0' <= b && b <= '9' && v < 1<<31:
			v = v*10 + int64(b-'0')
		}
	}
	return v, signed
}

// applyCommand carries out the commands that matter here; the last character of
// what is a capital.
func (c *pcl) applyCommand(what string, v int64, signed bool) {
	if what[2] == 'W' && !signed || what == "*bV" || what == "&pX" {
		c.skip = v
	}
	switch what {
	case "*bW", "*bV", "&pX", "*cP":
		if !c.macro {
			c.flow.dirty = true
		}
	case "&aV", "&aR", "*pY":
		if !signed {
			c.flow.lines = 0
		}
	case "&fX":
		c.useMacro(v)
	case "%\x00B":
		c.hpgl, c.unsure, c.flow.dirty = true, true, true
	case "%\x00A":
		c.hpgl = false
	case "*rU":
		if v != 1 || signed {
			c.info.Color = InColor
		}
	case "*vW":
		c.info.Color = InColor
	default:
		c.applySheetCommand(what, v)
	}
}

// useMacro follows macro control: 0 and 1 begin and end the definition of a
// macro, 2, 3 and 4 put it on pages.
func (c *pcl) useMacro(v int64) {
	switch v {
	case 0:
		c.macro = true
	case 1:
		c.macro = false
	case 2, 3, 4:
		c.unsure = true
		c.flow.dirty = c.flow.dirty || v != 4
	}
}

// applySheetCommand carries out commands that change the sheet, which eject a
// page with something on it.
func (c *pcl) applySheetCommand(what string, v int64) {
	switch what {
	case "&lX":
		c.info.Copies = copiesOf(v)
		return
	case "&lS":
		c.info.Sides = [...]string{OneSided, TwoSidedLongEdge, TwoSidedShortEdge, ""}[min(v, 3)]
	case "&lA":
		if c.flow.pages == 0 && !c.flow.dirty {
			c.info.Media = pwg.OfPCL(int(v))
		}
	case "&lH":
		if v != 0 {
			return
		}
	case "&lC", "&lD":
		c.pitch = true
		return
	case "&lO", "&lP", "&aG":
	default:
		return
	}
	if !c.macro {
		c.flow.flushPage()
	}
}

// resetPrinter ejects a page with something on it.
func (c *pcl) resetPrinter() {
	c.flow.flushPage()
	c.hpgl, c.macro = false, false
}

func (c *pcl) countPages(held int) (int, Certainty) {
	if c.info.Color == "" {
		c.info.Color = InMonochrome
	}
	n := c.flow.totalPages()
	if c.unsure || c.flow.ran || c.flow.dirty || held > 0 || c.skip > 0 {
		return n, Estimated
	}
	return n, Exact
}
