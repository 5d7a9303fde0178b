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

	maxDocuments = 1000

	trailerFixed = 4 + 4 + 4
	maxTrailer   = trailerFixed + 8*maxDocuments + 4*maxSegments + maxSummary + tagSize
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

func (s segment) ciphertextSize() int { return int(s &^ compressedBit) }

func (s segment) kind() recordKind {
	if s&compressedBit != 0 {
		return kindZstd
	}
	return kindStored
}

// recordSize returns the length of the segment's record in the file.
func (s segment) recordSize() int64 { return int64(recordHeaderSize + s.ciphertextSize()) }

func (s segment) recordHeader() recordHeader { return newRecordHeader(s.kind(), s.ciphertextSize()) }

// trailer is the last record of a job's file.
type trailer struct {
	documents []int64 // their sizes
	segments  []segment
	summary   []byte

	size  int64 // of all documents
	first []int // index of each document's first segment
}

func (t trailer) encode() []byte {
	b := make([]byte, 0, trailerFixed+8*len(t.documents)+4*len(t.segments)+len(t.summary))
	b = binary.BigEndian.AppendUint32(b, uint32(len(t.documents)))
	for _, size := range t.documents {
		b = binary.BigEndian.AppendUint64(b, uint64(size))
	}
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
	documents, b := int64(binary.BigEndian.Uint32(b)), b[4:]
	if documents < 1 || documents > maxDocuments || int64(len(b)) < 8*documents+8 {
		return trailer{}, notAuthentic("trailer names more documents than it has")
	}
	t := trailer{documents: make([]int64, documents)}
	for i := range t.documents {
		t.documents[i] = int64(binary.BigEndian.Uint64(b[8*i:]))
	}
	if err := t.assignSegments(segmentSize); err != nil {
		return trailer{}, err
	}
	b = b[8*documents:]
	count, b := int64(binary.BigEndian.Uint32(b)), b[4:]
	if count != t.segmentCount() || int64(len(b)) < 4*count+4 {
		return trailer{}, notAuthentic("sizes of the documents do not fit the segments")
	}
	if err := t.readSegments(b[:4*count], segmentSize); err != nil {
		return trailer{}, err
	}
	rest := b[4*count:]
	t.summary = rest[4:]
	if len(t.summary) > maxSummary || uint32(len(t.summary)) != binary.BigEndian.Uint32(rest) {
		return trailer{}, notAuthentic("length of the summary")
	}
	return t, nil
}

// assignSegments computes which segments belong to each document.
func (t *trailer) assignSegments(segmentSize int) error {
	t.size, t.first = 0, make([]int, 0, len(t.documents)+1)
	var count int64
	for _, size := range t.documents {
		t.first = append(t.first, int(count))
		if size < 0 || size > maxSegments*int64(segmentSize) {
			return notAuthentic("size of a document")
		}
		t.size += size
		if count += segmentCount(size, segmentSize); count > maxSegments {
			return notAuthentic("too many segments")
		}
	}
	t.first = append(t.first, int(count))
	return nil
}

func (t *trailer) segmentCount() int64 { return int64(t.first[len(t.documents)]) }

func (t *trailer) readSegments(b []byte, segmentSize int) error {
	t.segments = make([]segment, 0, t.segmentCount())
	for doc, size := range t.documents {
		for i := range t.first[doc+1] - t.first[doc] {
			s := segment(binary.BigEndian.Uint32(b[4*len(t.segments):]))
			if !s.fitsPlaintext(plainSize(size, i, segmentSize)) {
				return notAuthentic(fmt.Sprintf("length of segment %d", len(t.segments)))
			}
			t.segments = append(t.segments, s)
		}
	}
	return nil
}

func segmentCount(size int64, segmentSize int) int64 {
	n := size / int64(segmentSize)
	if size%int64(segmentSize) != 0 {
		n++
	}
	return n
}

// plainSize returns how many bytes segment i of a document of that size carries.
func plainSize(size int64, i, segmentSize int) int {
	return int(min(int64(segmentSize), size-int64(i)*int64(segmentSize)))
}

// fitsPlaintext reports whether the segment can carry exactly plain bytes of the
// document.
func (s segment) fitsPlaintext(plain int) bool {
	if s.kind() == kindStored {
		return s.ciphertextSize() == plain+tagSize
	}
	return s.ciphertextSize() > tagSize && s.ciphertextSize() < plain+tagSize
}

// sealedSize returns how many bytes the segments take up in the file.
func (t trailer) sealedSize() int64 {
	var n int64
	for _, s := range t.segments {
		n += s.recordSize()
	}
	return n
}

func encodeFooter(trailerAt int64) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(trailerAt))
	return append(b, footerMagic[:]...)
}

// parseFooter returns the offset of the trailer, which must lie before end.
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
