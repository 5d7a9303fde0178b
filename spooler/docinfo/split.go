package docinfo

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Range is a part of a document: Size bytes from At on.
type Range struct {
	At   int64 `json:"at"`
	Size int64 `json:"size"`
}

// splitMax is how many files a document is split into at most: as many as a job
// may have documents.
const splitMax = 100

// Split finds the files that a queue has concatenated in a document of size
// bytes: PDFs one after the other, each complete by its own cross-reference
// from its own beginning, so that neither an update nor an embedded file
// counts. The ranges are in order and cover every byte. Split returns nil where
// the document is one file, ErrDamaged where it is several of which one is not
// complete, and ErrTooMuch where it is too large or has too many.
func Split(ctx context.Context, r io.ReaderAt, size int64) ([]Range, error) {
	m := &meteredReader{ctx: ctx, r: r, left: readMax}
	begins, err := pdfBegins(m, size)
	if err != nil {
		return nil, fmt.Errorf("looking for concatenated files: %w", err)
	}
	if len(begins) == 0 || isWholePDF(m, Range{0, size}, begins[len(begins)-1]) {
		return nil, m.err
	}
	parts := wholePDFs(m, append(begins, size))
	if len(parts) == 0 {
		return nil, fmt.Errorf("concatenated files that are not all complete: %w", m.damageError())
	}
	return parts, nil
}

// pdfBegins returns where a PDF begins after the end of another.
func pdfBegins(m *meteredReader, size int64) (begins []int64, err error) {
	window := blockReader{r: m, size: size}
	files := pairCounter{first: pdfEnd, second: pdfBegin}
	for at := int64(0); at < size; {
		b, err := window.bytesAt(at, pdfScanSize)
		if err != nil {
			return nil, err
		}
		for rest := b; len(rest) > 0; {
			k := files.scanNext(rest)
			if rest = rest[k:]; files.n > len(begins) {
				begins = append(begins, at+int64(len(b)-len(rest)-len(pdfBegin)))
			}
		}
		if len(begins) >= splitMax {
			return nil, ErrTooMuch
		}
		at += int64(len(b))
	}
	return begins, nil
}

// wholePDFs joins the parts that end at these offsets until each is complete;
// it returns nil where one is not.
func wholePDFs(m *meteredReader, ends []int64) (parts []Range) {
	begin := int64(0)
	for _, end := range ends {
		if part := (Range{begin, end - begin}); isWholePDF(m, part, 0) {
			parts = append(parts, part)
			begin = end
		}
	}
	if begin < ends[len(ends)-1] || len(parts) < 2 {
		return nil
	}
	return parts
}

// isWholePDF reports whether a range is a PDF with a page tree that is found by
// the range's own last cross-reference, which must not begin before from.
func isWholePDF(m *meteredReader, part Range, from int64) bool {
	own := &meteredReader{ctx: m.ctx, r: io.NewSectionReader(m, part.At, part.Size), left: readMax}
	f := &pdfFile{src: own, blockReader: blockReader{r: own, size: part.Size}, rows: blockReader{r: own, size: part.Size}}
	if at, err := f.startXref(); err != nil || at < from {
		return false
	}
	tree, err := f.openTree()
	return (err == nil || errors.Is(err, errEncrypted)) && !tree.damaged
}
