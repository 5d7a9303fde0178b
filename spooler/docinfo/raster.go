package docinfo

// rasterLines reads the compressed lines of one page, as in PWG raster (PWG
// 5102.4 §4.4) and URF: each line has a repeat count, then runs of one pixel
// and literal pixels.
type rasterLines struct {
	unit    int   // bytes of a pixel, or 1 where pixels are smaller
	width   int64 // units of a line
	rows    int64 // lines left, including the current one
	repeat  int64 // how many lines the current one counts for, 0 between lines
	left    int64 // units missing in the current line
	literal int64 // literal units left
	isGray  func(pixels []byte) bool
	colored bool
	overrun bool // a run exceeds its line, or a repetition its page
}

// scan reads until the page is complete.
func (r *rasterLines) scan(p []byte) (n int) {
	for r.rows > 0 && n < len(p) {
		var k int
		switch {
		case r.literal > 0:
			k = r.scanLiteral(p[n:])
		case r.repeat == 0:
			k = r.beginLine(p[n])
		default:
			k = r.scanRuns(p[n:])
		}
		if k == 0 {
			return n
		}
		n += k
	}
	return n
}

func (r *rasterLines) beginLine(b byte) int {
	r.repeat = int64(b) + 1
	if r.repeat > r.rows {
		r.repeat, r.overrun = r.rows, true
	}
	r.left = r.width
	return 1
}

// scanLiteral reads whole pixels.
func (r *rasterLines) scanLiteral(p []byte) int {
	k := min(r.literal, int64(len(p)/r.unit))
	r.literal -= k
	n := int(k) * r.unit
	if r.isGray != nil && !r.colored {
		r.colored = !r.isGray(p[:n])
	}
	if r.literal == 0 {
		r.endLine()
	}
	return n
}

// scanRuns reads the complete runs of a line. Nearly all bytes of a raster are
// read here.
func (r *rasterLines) scanRuns(p []byte) (n int) {
	unit, left, look := r.unit, r.left, r.isGray != nil && !r.colored
	for left > 0 && n < len(p) {
		b := int64(p[n])
		count := b + 1
		if b >= 128 {
			count = 257 - b
		}
		if b == 128 { // the rest of the line is white
			left, n = 0, n+1
			break
		}
		size := unit
		if b > 128 {
			size = int(min(count, left)) * unit
		}
		if n+1+size > len(p) {
			if b > 128 { // longer than p: continued by scanLiteral
				n++
				r.literal = min(count, left)
				r.overrun = r.overrun || count > left
				left -= r.literal
				r.left = left
				return n
			}
			break
		}
		if count > left {
			count, r.overrun = left, true
		}
		if look && !r.isGray(p[n+1:n+1+size]) {
			r.colored, look = true, false
		}
		left -= count
		n += 1 + size
	}
	r.left = left
	r.endLine()
	return n
}

// endLine ends the current line if it is complete.
func (r *rasterLines) endLine() {
	if r.left == 0 && r.literal == 0 && r.repeat > 0 {
		r.rows -= r.repeat
		r.repeat = 0
	}
}

// grayTest returns a test whether pixels of a color space are gray, nil where
// comparing bytes cannot tell. In CMYK, gray is equal parts of the first three.
func grayTest(channels, bits int) func([]byte) bool {
	switch {
	case channels == 3 && bits == 8:
		return isGrayRGB
	case channels == 3 && bits == 16, channels == 4 && (bits == 8 || bits == 16):
		return func(p []byte) bool { return isGrayWide(p, channels, bits/8) }
	}
	return nil
}

func isGrayRGB(p []byte) bool {
	for ; len(p) >= 3; p = p[3:] {
		if p[0] != p[1] || p[1] != p[2] {
			return false
		}
	}
	return true
}

func isGrayWide(p []byte, channels, size int) bool {
	for step := channels * size; len(p) >= step; p = p[step:] {
		for i := range 2 * size {
			if p[i] != p[i+size] {
				return false
			}
		}
	}
	return true
}
