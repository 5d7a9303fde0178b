package vault

import (
	"encoding/binary"
	"fmt"
)

const (
	maxMetadata = 64 << 10
	maxSummary  = 64 << 10
	maxSegments = 1 << 20
	footerSize  = 16

	trailerFixed = 8 + 4 + 4
	maxTrailer   = trailerFixed + 4*maxSegments + maxSummary + tagSize
)

var footerMagic = [8]byte{'S', 'C', 'J', 'O', 'B', 'E', 'N', 'D'}

// segment is what the trailer says of one segment: bit 31 is set if it is
// compressed, the others are the length of its ciphertext.
type segment uint32

const compressedBit segment = 1 << 31

func newSegment(kind recordKind, ciphertext int) segment {
	s := segment(ciphertext)
	if kind == kindZstd {
		s |= compressedBit
	}
	return s
}

func (s segment) ciphertext() int { return int(s &^ compressedBit) }

func (s segment) kind() recordKind {
	if s&compressedBit != 0 {
		return kindZstd
	}
	return kindStored
}

func (s segment) header() recordHeader { return newRecordHeader(s.kind(), s.ciphertext()) }

// trailer closes a job's file.
type trailer struct {
	size     int64 // of the document
	segments []segment
	summary  []byte
}

func (t trailer) encode() []byte {
	b := make([]byte, 0, trailerFixed+4*len(t.segments)+len(t.summary))
	b = binary.BigEndian.AppendUint64(b, uint64(t.size))
	b = binary.BigEndian.AppendUint32(b, uint32(len(t.segments)))
	for _, s := range t.segments {
		b = binary.BigEndian.AppendUint32(b, uint32(s))
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(t.summary)))
	return append(b, t.summary...)
}

// parseTrailer reads a trailer of a file whose segments carry segmentSize bytes.
func parseTrailer(b []byte, segmentSize int) (trailer, error) {
	if len(b) < trailerFixed {
		return trailer{}, notAuthentic("trailer is short")
	}
	size, count := binary.BigEndian.Uint64(b), int64(binary.BigEndian.Uint32(b[8:]))
	if count > maxSegments || int64(len(b)) < trailerFixed+4*count {
		return trailer{}, notAuthentic("trailer names more segments than it has")
	}
	if size > uint64(count)*uint64(segmentSize) || count != segmentCount(int64(size), segmentSize) {
		return trailer{}, notAuthentic("size of the document does not fit its segments")
	}
	t := trailer{size: int64(size), segments: make([]segment, count)}
	for i := range t.segments {
		t.segments[i] = segment(binary.BigEndian.Uint32(b[12+4*i:]))
		if !t.segments[i].fits(t.plain(i, segmentSize)) {
			return trailer{}, notAuthentic(fmt.Sprintf("length of segment %d", i))
		}
	}
	rest := b[12+4*count:]
	t.summary = rest[4:]
	if len(t.summary) > maxSummary || uint32(len(t.summary)) != binary.BigEndian.Uint32(rest) {
		return trailer{}, notAuthentic("length of the summary")
	}
	return t, nil
}

func segmentCount(size int64, segmentSize int) int64 {
	n := size / int64(segmentSize)
	if size%int64(segmentSize) != 0 {
		n++
	}
	return n
}

// fits says whether the segment can carry so many bytes of the document.
func (s segment) fits(plain int) bool {
	if s.kind() == kindStored {
		return s.ciphertext() == plain+tagSize
	}
	return s.ciphertext() > tagSize && s.ciphertext() < plain+tagSize
}

// plain is how many bytes of the document segment i carries.
func (t trailer) plain(i, segmentSize int) int {
	return int(min(int64(segmentSize), t.size-int64(i)*int64(segmentSize)))
}

// sealedSize is what all segments take up in the file.
func (t trailer) sealedSize() int64 {
	var n int64
	for _, s := range t.segments {
		n += int64(recordHeaderSize + s.ciphertext())
	}
	return n
}

func encodeFooter(trailerAt int64) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(trailerAt))
	return append(b, footerMagic[:]...)
}

// parseFooter gives the offset of the trailer, which must lie before end.
func parseFooter(b []byte, end int64) (int64, error) {
	if [8]byte(b[8:]) != footerMagic {
		return 0, ErrTruncated
	}
	at := binary.BigEndian.Uint64(b)
	if at > uint64(end) {
		return 0, notAuthentic("footer points outside of the file")
	}
	return int64(at), nil
}
