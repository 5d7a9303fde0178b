package docinfo

import "encoding/binary"

// jpeg reads the markers of a JPEG up to its frame header (ITU T.81 §B.2),
// whose number of components says whether it has colour. It is one page
// always.
type jpeg struct {
	info *Info
	skip int
	over bool
}

func (j *jpeg) scan(p []byte) (n int) {
	for n < len(p) && !j.over {
		if j.skip > 0 {
			k := min(j.skip, len(p)-n)
			j.skip -= k
			n += k
			continue
		}
		k := j.marker(p[n:])
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

// marker takes one marker, with the head of a frame.
func (j *jpeg) marker(p []byte) int {
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
	case p[1] == 0xda || p[1] == 0xd9: // scan, end
		j.over = true
		return 2
	case len(p) < 10:
		return 0
	}
	if p[1]&0xf0 == 0xc0 && p[1] != 0xc4 && p[1] != 0xc8 && p[1] != 0xcc {
		j.over = true
		j.info.Color = InColor
		if p[9] == 1 {
			j.info.Color = InMonochrome
		}
		return 10
	}
	j.skip = int(binary.BigEndian.Uint16(p[2:]))
	return 2
}

func (j *jpeg) count(int) (int, Certainty) { return 1, Exact }
