package docinfo

import (
	"bytes"
	"encoding/binary"

	"github.com/printscout/printscout/internal/pwg"
)

// pclxl counts the pages of PCL XL (PCL XL Feature Reference Protocol Class
// 2.0), the language of PCL 6, by its operators.
type pclxl struct {
	info    *Info
	order   binary.ByteOrder // nil until the header is read
	skip    int64
	value   []byte // the last value, if it is short
	kind    byte
	store   [valueSize]byte
	pages   int
	open    bool // inside a page
	space   int64
	picture bool // an image that was not decoded may have color
	broken  bool
	exit    bool
}

const valueSize = 64

// Operators and attributes that matter here.
const (
	xlBeginPage, xlEndPage, xlBeginImage = 0x43, 0x44, 0xb0

	xlColorSpace, xlRGBColor, xlMediaSize, xlPageCopies, xlSimplex, xlDuplex = 3, 11, 37, 49, 52, 53
)

func (x *pclxl) atUEL() bool { return x.exit }

func (x *pclxl) scan(p []byte) (n int) {
	for n < len(p) && !x.exit {
		k := 0
		switch {
		case x.skip > 0:
			k = int(min(x.skip, int64(len(p)-n)))
			x.skip -= int64(k)
		case x.broken:
			k = bytesBeforeUEL(p[n:])
			x.exit = bytes.HasPrefix(p[n+k:], uel)
		case x.order == nil:
			k = x.scanHeader(p[n:])
		default:
			k = x.scanToken(p[n:])
		}
		if k == 0 {
			break
		}
		n += k
	}
	return n
}

// scanHeader reads the line that gives the byte order; the ASCII form, which no
// driver makes, is not supported.
func (x *pclxl) scanHeader(p []byte) int {
	end := bytes.IndexByte(p[:min(len(p), lineMax)], '\n') + 1
	switch {
	case end == 0 && len(p) < lineMax:
		return 0
	case end > 0 && p[0] == ')':
		x.order = binary.LittleEndian
	case end > 0 && p[0] == '(':
		x.order = binary.BigEndian
	default:
		x.broken = true
		return 1
	}
	return end
}

// scanToken reads one operator, value, attribute or head of embedded data.
func (x *pclxl) scanToken(p []byte) int {
	b := p[0]
	switch {
	case b == 0 || b == ' ' || '\t' <= b && b <= '\r':
		return 1
	case b == esc:
		if bytes.HasPrefix(uel, p[:min(len(p), len(uel))]) {
			x.exit = len(p) >= len(uel)
			return 0
		}
	case 0x41 <= b && b <= 0xbf:
		x.applyOperator(b)
		return 1
	case 0xc0 <= b && b <= 0xef:
		return x.scanValue(p)
	case b == 0xf8 && len(p) >= 2:
		x.applyAttribute(p[1])
		return 2
	case b == 0xf9 && len(p) >= 3:
		return 3
	case b == 0xfa && len(p) >= 5:
		x.skip = int64(x.order.Uint32(p[1:]))
		return 5
	case b == 0xfb && len(p) >= 2:
		x.skip = int64(p[1])
		return 2
	case b >= 0xf8 && b <= 0xfb:
		return 0
	}
	x.broken = true
	return 1
}

// xlSizes lists the sizes of the types 0 to 5 of each group.
var xlSizes = [6]int{1, 2, 4, 2, 4, 4}

// scanValue reads a value: c0 a number, c8 an array, d0 a point, e0 a box.
func (x *pclxl) scanValue(p []byte) int {
	of := int(p[0] & 7)
	head, count := 1, 1
	switch group := p[0] & 0xf8; {
	case of >= len(xlSizes) || group == 0xd8 || group == 0xe8:
		x.broken = true
		return 1
	case group == 0xd0:
		count = 2
	case group == 0xe0:
		count = 4
	case group == 0xc8:
		if head, count = x.arrayLength(p); head <= 0 {
			x.broken = head < 0
			return -head
		}
	}
	size := count * xlSizes[of]
	x.value, x.kind = nil, p[0]
	if size > valueSize {
		x.skip = int64(size)
		return head
	}
	if len(p) < head+size {
		return 0
	}
	x.value = x.store[:copy(x.store[:], p[head:head+size])]
	return head + size
}

// arrayLength returns how many elements an array has; head is 0 where more
// bytes are needed and -1 where it is not an array.
func (x *pclxl) arrayLength(p []byte) (head, count int) {
	switch {
	case len(p) < 2:
		return 0, 0
	case p[1] == 0xc0 && len(p) >= 3:
		return 3, int(p[2])
	case p[1] == 0xc1 && len(p) >= 4:
		return 4, int(x.order.Uint16(p[2:]))
	case p[1] == 0xc0 || p[1] == 0xc1:
		return 0, 0
	}
	return -1, 0
}

// applyAttribute assigns the last value to the attribute.
func (x *pclxl) applyAttribute(id byte) {
	v := x.numberValue()
	switch {
	case x.value == nil:
		return
	case id == xlColorSpace:
		x.space = v
	case id == xlRGBColor && !x.isGray():
		x.info.Color = InColor
	case id == xlPageCopies:
		x.info.Copies = copiesOf(v)
	case id == xlSimplex:
		x.info.Sides = OneSided
	case id == xlDuplex: // 0 binds the top, 1 the side
		x.info.Sides = sidesOf(true, v != 0)
	case id == xlMediaSize && x.pages == 0:
		if x.info.Media = pwg.OfPCLXL(int(v)); x.kind == 0xc8 {
			x.info.Media = pwg.OfPPD(string(x.value))
		}
	}
}

// numberValue returns the last value as a number, -1 if it is not one.
func (x *pclxl) numberValue() int64 {
	switch {
	case x.kind == 0xc0 && len(x.value) == 1:
		return int64(x.value[0])
	case x.kind == 0xc1 && len(x.value) == 2:
		return int64(x.order.Uint16(x.value))
	case x.kind == 0xc2 && len(x.value) == 4:
		return int64(x.order.Uint32(x.value))
	}
	return -1
}

// isGray reports whether the three elements of the last value are the same.
func (x *pclxl) isGray() bool {
	size := len(x.value) / 3
	return size > 0 && bytes.Equal(x.value[:size], x.value[size:2*size]) && bytes.Equal(x.value[size:2*size], x.value[2*size:3*size])
}

func (x *pclxl) applyOperator(b byte) {
	switch b {
	case xlBeginPage:
		if x.open {
			x.broken = true
		}
		x.pages++
		x.open = true
	case xlEndPage:
		x.open = false
	case xlBeginImage:
		x.picture = x.picture || x.space > 1
	}
	x.value = nil
}

func (x *pclxl) countPages(held int) (int, Certainty) {
	if x.info.Color == "" {
		x.info.Color = InMonochrome
	}
	if x.picture && x.info.Color == InMonochrome {
		x.info.Color = ColorUnknown
	}
	if x.broken || x.open || held > 0 || x.skip > 0 {
		return x.pages, Estimated
	}
	return x.pages, Exact
}
