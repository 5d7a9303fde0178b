package vault

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"
)

const (
	formatVersion = 1
	headSize      = 64
	headUsed      = 38
	minSegmentLog = 12
	maxSegmentLog = 20
)

var (
	jobMagic  = [8]byte{0xD3, 'S', 'C', 'J', 'O', 'B', '\r', '\n'}
	noteMagic = [8]byte{0xD3, 'S', 'C', 'N', 'O', 'T', '\r', '\n'}
)

// head is the immutable part of a job's header.
type head struct {
	id         uuid.UUID
	epoch      uint32
	created    int64 // milliseconds since 1970
	segmentLog uint8
}

func (h head) segmentSize() int { return 1 << h.segmentLog }

func (h head) encode() [headSize]byte {
	b := append(make([]byte, 0, headSize), jobMagic[:]...)
	b = append(b, formatVersion)
	b = append(b, h.id[:]...)
	b = binary.BigEndian.AppendUint32(b, h.epoch)
	b = binary.BigEndian.AppendUint64(b, uint64(h.created))
	b = append(b, h.segmentLog)
	return [headSize]byte(b[:headSize])
}

func parseHead(b []byte) (head, error) {
	if len(b) < headSize {
		return head{}, ErrTruncated
	}
	if err := checkMagic(b, jobMagic); err != nil {
		return head{}, err
	}
	h := head{
		id:         uuid.UUID(b[9:25]),
		epoch:      binary.BigEndian.Uint32(b[25:]),
		created:    int64(binary.BigEndian.Uint64(b[29:])),
		segmentLog: b[37],
	}
	if h.segmentLog < minSegmentLog || h.segmentLog > maxSegmentLog {
		return head{}, notAuthentic("segment size out of bounds")
	}
	if !isZero(b[headUsed:headSize]) {
		return head{}, notAuthentic("reserved bytes are not zero")
	}
	return h, nil
}

func checkMagic(b []byte, magic [8]byte) error {
	if [8]byte(b) != magic {
		return notAuthentic("wrong magic")
	}
	if b[8] != formatVersion {
		return fmt.Errorf("version %d: %w", b[8], ErrVersion)
	}
	return nil
}

func isZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }
