package docinfo

import "encoding/binary"

const (
	urfHead   = 12 // UNIRAST, NUL and an unreliable number of pages
	urfHeader = 32 // bytes of a page header
)

// newURF returns a scanner for URF, Apple's raster.
func newURF(i *Info) *rasterPages {
	w := &rasterPages{info: i, magic: "UNIRAST\x00", head: urfHead, header: urfHeader}
	w.beginPage = w.beginURF
	return w
}

// urfChannels lists the channels of each color space, 0 where comparing them
// does not show gray (Lab).
var urfChannels = [7]int{1, 3, 0, 3, 1, 3, 4}

func (w *rasterPages) beginURF(h []byte) bool {
	bits, space := int64(h[0]), h[1]
	width, height, dpi := int64(binary.BigEndian.Uint32(h[12:])), int64(binary.BigEndian.Uint32(h[16:])), int64(binary.BigEndian.Uint32(h[20:]))
	if bits == 0 || bits > 8 && bits%8 != 0 || width == 0 || height == 0 || int(space) >= len(urfChannels) {
		return false
	}
	unit := (bits + 7) / 8
	line := (width*bits + 7) / 8
	w.lines = rasterLines{unit: int(unit), width: line / unit, rows: height}
	w.pages++
	switch channels := urfChannels[space]; {
	case channels == 1:
		w.colors.gray = true
	case channels > 1 && bits%int64(channels) == 0:
		w.lines.isGray = grayTest(channels, int(bits)/channels)
		w.colors.unsure = w.colors.unsure || w.lines.isGray == nil
	default:
		w.colors.unsure = true
	}
	if w.pages == 1 {
		w.info.Sides = [4]string{"", OneSided, TwoSidedShortEdge, TwoSidedLongEdge}[h[2]&3]
		if dpi > 0 {
			w.info.Media = mediaOfPoints(float64(width)*72/float64(dpi), float64(height)*72/float64(dpi))
		}
	}
	return true
}
