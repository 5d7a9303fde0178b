package docinfo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
)

// Errors of Examine, besides those of its reader and its context.
var (
	// ErrFormat means that the file is not of the format, or that Examine does
	// not read the format.
	ErrFormat = errors.New("not a file of that format")
	// ErrDamaged means that the file contradicts itself, or is cut off.
	ErrDamaged = errors.New("the file is damaged")
	// ErrTooMuch means that the file would take more time or memory than allowed.
	ErrTooMuch = errors.New("the file needs more work than is allowed")
)

// Limits for one file.
const (
	objectsMax  = 100_000   // objects, directories, parts looked at
	inflatedMax = 64 << 20  // bytes out of compressed streams
	readMax     = 512 << 20 // bytes read, including those processed again
)

// IsExamined reports whether Examine reads a format.
func IsExamined(format string) bool { return examiners[format] != nil }

var examiners = map[string]func(*meteredReader, int64) (Info, error){
	FormatPDF:  examinePDF,
	FormatPCLm: examinePDF,
	FormatTIFF: examineTIFF,
	FormatXPS:  examineXPS,
	FormatOXPS: examineXPS,
}

// Examine reads a file of size bytes in the format that the tap found. It reads
// only what it needs, uses at most some 40 MiB of memory, and ends early if ctx
// does. With an error it still returns what is known; then its pages are no
// better than the tap's. MergeExamined combines the two.
func Examine(ctx context.Context, r io.ReaderAt, size int64, format string) (Info, error) {
	examine := examiners[format]
	if examine == nil {
		return Info{Format: format, Certainty: Unknown, Color: ColorUnknown}, fmt.Errorf("examining %q: %w", format, ErrFormat)
	}
	i, err := examine(&meteredReader{ctx: ctx, r: r, left: readMax}, size)
	if i.Format == "" {
		i.Format = format
	}
	if i.Certainty == "" {
		i.setPages(0, Unknown)
	}
	if err != nil {
		return i, fmt.Errorf("examining %s: %w", format, err)
	}
	return i, nil
}

// MergeExamined returns what is known of a document after Examine: its result,
// with unknown fields taken from the tap. After ErrDamaged the pages that the
// tap counted are dropped, since no reader shows them.
func MergeExamined(tapped, examined Info, err error) Info {
	if examined.Pages == nil && errors.Is(err, ErrDamaged) {
		tapped.Pages, tapped.Certainty = nil, Unknown
	}
	i := examined.Or(tapped)
	if i.Files > 1 && i.Certainty == Exact { // readers show one of the files
		i.Certainty = Estimated
	}
	return i
}

// meteredReader bounds how much is read. It keeps the error of its reader, so
// that it can be distinguished from damage.
type meteredReader struct {
	ctx  context.Context
	r    io.ReaderAt
	left int64
	err  error
}

func (m *meteredReader) ReadAt(p []byte, off int64) (int, error) {
	if err := m.charge(len(p)); err != nil {
		return 0, err
	}
	n, err := m.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}

// charge counts n bytes against the limit.
func (m *meteredReader) charge(n int) error {
	if m.err == nil {
		m.err = context.Cause(m.ctx)
	}
	if m.left -= int64(n); m.left < 0 && m.err == nil {
		m.err = ErrTooMuch
	}
	return m.err
}

// damageError returns the reader's error if there is one, else ErrDamaged.
func (m *meteredReader) damageError() error { return cmp.Or(m.err, ErrDamaged) }

// blockReader reads a file in blocks and keeps the last one.
type blockReader struct {
	r    *meteredReader
	size int64
	at   int64
	buf  []byte
}

const blockSize = 8 << 10

// bytesAt returns n bytes at off, fewer where the file ends. They are valid
// until the next call.
func (b *blockReader) bytesAt(off int64, n int) ([]byte, error) {
	if off < 0 || off >= b.size {
		return nil, ErrDamaged
	}
	n = int(min(int64(n), b.size-off))
	if err := b.r.charge(n); err != nil {
		return nil, err
	}
	if off < b.at || off+int64(n) > b.at+int64(len(b.buf)) {
		if err := b.loadBlock(off, max(n, int(min(blockSize, b.size-off)))); err != nil {
			return nil, err
		}
	}
	return b.buf[off-b.at:][:n], nil
}

func (b *blockReader) loadBlock(off int64, n int) error {
	if cap(b.buf) < n {
		b.buf = make([]byte, n)
	}
	b.buf, b.at = b.buf[:n], off
	if k, err := b.r.ReadAt(b.buf, off); k < n {
		b.buf = b.buf[:0]
		if err == nil || errors.Is(err, io.EOF) {
			err = ErrDamaged
		}
		return err
	}
	return nil
}
