package docinfo

import (
	"bytes"
	"encoding/binary"

	"github.com/printscout/printscout/internal/pwg"
)

const (
	pwgSync   = 4    // RaS2
	pwgHeader = 1796 // bytes of a page header (PWG 5102.4 §4.3)
)

// newPWG returns a scanner for PWG raster. TotalPageCount is not used: it is 0
// in what CUPS makes.
func newPWG(i *Info) *rasterPages {
	w := &rasterPages{info: i, magic: "RaS2", sign: "PwgRaster\x00", head: pwgSync, header: pwgHeader}
	w.beginPage = w.beginPWG
	return w
}

// beginPWG reads the header of a page.
func (w *rasterPages) beginPWG(h []byte) bool {
	u32 := func(at int) int64 { return int64(binary.BigEndian.Uint32(h[at:])) }
	width, height, bitsPerColor, bits, line, space := u32(372), u32(376), u32(384), u32(388), u32(392), u32(400)
	unit := int((bits + 7) / 8)
	if !bytes.HasPrefix(h, []byte("PwgRaster\x00")) || width == 0 || height == 0 || bits == 0 || bits > 256 ||
		line < (width*bits+7)/8 || line%int64(unit) != 0 {
		return false
	}
	w.lines = rasterLines{unit: unit, width: line / int64(unit), rows: height}
	w.pages++
	switch channels := bits / max(bitsPerColor, 1); {
	case space == 3 || space == 18 || space == 0: // K, sGray, gray
		w.colors.gray = true
	case (space == 1 || space == 19 || space == 20) && channels == 3, space == 6 && channels == 4: // RGB, CMYK
		w.lines.isGray = grayTest(int(channels), int(bitsPerColor))
		w.colors.unsure = w.colors.unsure || w.lines.isGray == nil
	default:
		w.colors.unsure = true
	}
	if w.pages == 1 {
		w.firstPWG(h, u32)
	}
	return true
}

// firstPWG reads from the first page what applies to the document.
func (w *rasterPages) firstPWG(h []byte, u32 func(int) int64) {
	w.info.Sides = sidesOf(u32(272) != 0, u32(368) == 0)
	w.info.Copies = copiesOf(u32(340))
	if name, _, _ := bytes.Cut(h[1732:], []byte{0}); pwg.IsName(string(name)) {
		w.info.Media = string(name)
		return
	}
	w.info.Media = mediaOfPoints(float64(u32(352)), float64(u32(356)))
}

func sidesOf(duplex, longEdge bool) string {
	switch {
	case !duplex:
		return OneSided
	case longEdge:
		return TwoSidedLongEdge
	}
	return TwoSidedShortEdge
}

// copiesMax is the greatest credible number of copies.
const copiesMax = 999999

// copiesOf returns n, or 0 if that is not a credible number of copies.
func copiesOf(n int64) int {
	if n < 1 || n > copiesMax {
		return 0
	}
	return int(n)
}
