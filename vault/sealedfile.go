package vault

import (
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
)

// sealedFile is a job's file, of which all but the segments has been checked.
type sealedFile struct {
	file     file
	size     int64
	head     head
	key      *jobKey
	records  records
	metadata []byte
	trailer  trailer
	first    int64 // offset of the first segment
}

// openSealed checks all of a job's file but the segments, in the order of
// docs/sealed-job-format.md, "How a reader fails".
func openSealed(f file, id uuid.UUID, own *PrivateKey, keys *shredKeys) (*sealedFile, error) {
	size, err := f.Size()
	if err != nil {
		return nil, fmt.Errorf("reading sealed job: %w", err)
	}
	s := &sealedFile{file: f, size: size}
	if s.head, s.key, err = readHeader(f, own, keys); err != nil {
		return nil, err
	}
	if s.head.id != id {
		return nil, notAuthentic("job id is not the file's")
	}
	if s.records, err = newRecords(s.key); err != nil {
		return nil, err
	}
	if err := s.readEnds(); err != nil {
		return nil, err
	}
	return s, nil
}

func readHeader(f file, own *PrivateKey, keys *shredKeys) (head, *jobKey, error) {
	b := make([]byte, headerSize)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return head{}, nil, fmt.Errorf("reading header: %w", err)
	}
	return openHeader(b[:n], own, keys)
}

// readEnds reads everything before and after the segments.
func (s *sealedFile) readEnds() error {
	end := s.size - footerSize
	if end < headerSize {
		return ErrTruncated
	}
	footer := make([]byte, footerSize)
	if err := readFull(s.file, footer, end); err != nil {
		return err
	}
	trailerAt, err := parseFooter(footer, end)
	if err != nil {
		return err
	}
	s.metadata, s.first, err = s.readRecord(headerSize, trailerAt, kindMetadata, maxMetadata+tagSize)
	if err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	plain, next, err := s.readRecord(trailerAt, end, kindTrailer, maxTrailer)
	if err != nil {
		return fmt.Errorf("trailer: %w", err)
	}
	if next != end {
		return notAuthentic("trailer does not end at the footer")
	}
	if s.trailer, err = parseTrailer(plain, s.head.segmentSize()); err != nil {
		return err
	}
	if s.first+s.trailer.sealedSize() != trailerAt {
		return notAuthentic("segments do not end at the trailer")
	}
	return nil
}

// readRecord reads the record at an offset. It must be of that kind, its
// ciphertext at most limit bytes long, and it must not pass end.
func (s *sealedFile) readRecord(at, end int64, kind recordKind, limit int64) (plain []byte, next int64, err error) {
	var h recordHeader
	if at+recordHeaderSize > end {
		return nil, 0, notAuthentic("record does not fit")
	}
	if err := readFull(s.file, h[:], at); err != nil {
		return nil, 0, err
	}
	next = at + recordHeaderSize + h.size()
	if h.kind() != kind || h.size() < tagSize || h.size() > limit || next > end {
		return nil, 0, notAuthentic("not the record that belongs here")
	}
	record := make([]byte, next-at)
	if err := readFull(s.file, record, at); err != nil {
		return nil, 0, err
	}
	if recordHeader(record) != h {
		return nil, 0, notAuthentic("record changes while it is read")
	}
	plain, err = s.records.openRecord(record, 0)
	return plain, next, err
}

func readFull(f io.ReaderAt, b []byte, at int64) error {
	n, err := f.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return ErrTruncated
	}
	return fmt.Errorf("reading sealed job: %w", err)
}
