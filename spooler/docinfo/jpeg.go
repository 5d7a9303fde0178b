package docinfo

import (
	"bytes"
	"encoding/binary"
)

// jpeg reads the segments of a JPEG (ITU T.81 §B.1), whose frame header tells
// whether it has color, and what follows its end: another JPEG, where a queue
// has concatenated files. Pictures within a picture (CIPA DC-007, Multi-Picture
// Format) are one page, as readers show them.
type jpeg struct {
	info   *Info
	skip   int
	within bool // entropy-coded data, up to the next marker
	ended  bool // after an end of image
	multi  bool // further images after the first are part of the picture
	files  int
	over   bool // the rest is ignored
}

func (j *jpeg) scan(p []byte) (n int) {
	for n < len(p) && !j.over {
		k := 0
		switch {
		case j.skip > 0:
			k = min(j.skip, len(p)-n)
			j.skip -= k
		case j.within:
			k = j.scanImageData(p[n:])
		case j.ended:
			k = j.scanAfterImage(p[n:])
		default:
			k = j.scanMarker(p[n:])
		}
		if k == 0 {
			return n
		}
		n += k
	}
	if j.over {
		return len(p)
	}
	return n
}

// scanImageData reads entropy-coded data; FF 00 and restart markers are part of
// it.
func (j *jpeg) scanImageData(p []byte) int {
	i := bytes.IndexByte(p, 0xff)
	switch {
	case i < 0:
		return len(p)
	case i > 0:
		return i
	case len(p) < 2:
		return 0
	case p[1] == 0 || p[1]&0xf8 == 0xd0:
		return 2
	case p[1] == 0xff: // fill
		return 1
	}
	j.within = false
	return j.scanMarker(p)
}

// scanAfterImage looks for another JPEG after white space and zeros.
func (j *jpeg) scanAfterImage(p []byte) int {
	switch {
	case isSpace(p[0]):
		return 1
	case p[0] != 0xff || j.multi:
		j.over = true
		return 1
	case len(p) < 3:
		return 0
	case p[1] != 0xd8 || p[2] != 0xff:
		j.over = true
		return 1
	}
	j.ended = false
	return 2
}

// mpfMagic begins the segment that says that more images follow.
const mpfMagic = "MPF\x00"

// scanMarker reads one marker, and the head of a frame.
func (j *jpeg) scanMarker(p []byte) int {
	switch {
	case p[0] != 0xff:
		j.over = true
		return 1
	case len(p) < 2:
		return 0
	case p[1] == 0xff: // fill
		return 1
	case p[1] == 0xd8 || p[1] == 1 || p[1]&0xf8 == 0xd0: // without a length
		return 2
	case p[1] == 0xd9: // end of image
		j.ended = true
		j.files++
		j.info.setExtraFiles(j.files - 1)
		return 2
	case len(p) < 10:
		return 0
	}
	switch {
	case p[1] == 0xda: // scan
		j.within = true
	case p[1] == 0xe2 && string(p[4:8]) == mpfMagic:
		j.multi = true
	case p[1]&0xf0 == 0xc0 && p[1] != 0xc4 && p[1] != 0xc8 && p[1] != 0xcc:
		j.readFrame(int(p[9]))
	}
	j.skip = int(binary.BigEndian.Uint16(p[2:]))
	return 2
}

// readFrame notes the number of components of a picture.
func (j *jpeg) readFrame(components int) {
	switch {
	case components != 1:
		j.info.Color = InColor
	case j.info.Color != InColor:
		j.info.Color = InMonochrome
	}
}

// countPages returns one page for each file; of several, printers print the
// first or all.
func (j *jpeg) countPages(int) (int, Certainty) {
	if j.files > 1 {
		return j.files, Estimated
	}
	return 1, Exact
}
