package docinfo

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"errors"
	"io"
)

const (
	pdfWindow  = 4 << 20 // bytes of the longest object
	pdfNesting = 8       // resolutions within a resolution
	pdfCached  = 16 << 20
)

// pdfFile is a PDF with its cross-reference.
type pdfFile struct {
	blockReader
	src           *meteredReader
	rows          blockReader // for entries of tables, read in turn with objects
	base          int64       // added to offsets: the offset of the header, or 0
	sections      []pdfSection
	rebuilt       map[int64]pdfFound // replaces sections after a search of the file
	trailer       pdfDict
	encrypted     bool
	crypt         *pdfCrypt // nil where streams are not encrypted, or cannot be decrypted
	objects       int       // number of objects read
	inflated      int64
	listed        int64 // bytes of cross-reference streams
	nesting       int
	cachedStreams []*pdfObjects // the most recently used first
}

// chargeObject counts one object against the limit.
func (f *pdfFile) chargeObject() error {
	if f.objects++; f.objects > objectsMax {
		return ErrTooMuch
	}
	return nil
}

// parseAt calls read with the bytes at off, as many as read needs.
func (f *pdfFile) parseAt(off int64, read func(*pdfParser) error) error {
	for n := 1 << 10; ; n *= 4 {
		b, err := f.bytesAt(off, n)
		if err != nil {
			return err
		}
		p := pdfParser{b: b, final: off+int64(len(b)) == f.size}
		err = read(&p)
		switch {
		case !errors.Is(err, errShort):
			return err
		case p.final:
			return ErrDamaged
		case n >= pdfWindow:
			return ErrTooMuch
		}
	}
}

// readIndirect reads the object "n g obj" at off; data is the offset of its
// stream, 0 if it has none.
func (f *pdfFile) readIndirect(off, want int64) (v any, data int64, err error) {
	err = f.parseAt(off, func(p *pdfParser) error {
		var head [3]any
		for i := range head {
			if head[i], err = p.parseObject(0); err != nil {
				return err
			}
		}
		if n, _ := head[0].(float64); head[2] != pdfKeyword("obj") || want >= 0 && n != float64(want) {
			return ErrDamaged
		}
		if v, err = p.parseObject(0); err != nil {
			return err
		}
		data = 0
		if _, ok := v.(pdfDict); ok {
			data, err = p.streamAt(off)
		}
		return err
	})
	return v, data, err
}

// streamAt returns the offset of the data after the keyword stream, 0 if that
// keyword does not come next. off is the offset of p.
func (p *pdfParser) streamAt(off int64) (int64, error) {
	if err := p.skipSpace(); err != nil {
		if p.final {
			return 0, nil
		}
		return 0, err
	}
	rest := p.b[p.i:]
	if len(rest) < len("stream")+2 && !p.final {
		return 0, errShort
	}
	if !bytes.HasPrefix(rest, []byte("stream")) {
		return 0, nil
	}
	n := len("stream")
	if n < len(rest) && rest[n] == '\r' {
		n++
	}
	if n < len(rest) && rest[n] == '\n' {
		n++
	}
	return off + int64(p.i+n), nil
}

// resolve follows references.
func (f *pdfFile) resolve(v any) (any, error) {
	for range pdfNesting {
		ref, ok := v.(pdfRef)
		if !ok {
			return v, nil
		}
		if err := f.chargeObject(); err != nil {
			return nil, err
		}
		if f.nesting++; f.nesting > pdfNesting {
			f.nesting--
			return nil, ErrDamaged
		}
		var err error
		v, err = f.lookUpObject(int64(ref))
		f.nesting--
		if err != nil {
			return nil, err
		}
	}
	return nil, ErrDamaged
}

func (f *pdfFile) resolveDict(v any) (pdfDict, error) {
	v, err := f.resolve(v)
	if err != nil {
		return nil, err
	}
	d, ok := v.(pdfDict)
	if !ok {
		return nil, ErrDamaged
	}
	return d, nil
}

func (f *pdfFile) resolveInteger(v any) (int64, error) {
	v, err := f.resolve(v)
	if err != nil {
		return 0, err
	}
	n, ok := v.(float64)
	if !ok || n != float64(int64(n)) {
		return 0, ErrDamaged
	}
	return int64(n), nil
}

// lookUpObject returns the object of a number, nil if there is none.
func (f *pdfFile) lookUpObject(number int64) (any, error) {
	e, err := f.findEntry(number)
	if err != nil {
		return nil, err
	}
	switch e.kind {
	case 1:
		v, _, err := f.readIndirect(f.base+e.at, number)
		return v, err
	case 2:
		return f.compressedObject(e.at, number)
	}
	return nil, nil
}

// decodeStream returns at most limit bytes of the data of a stream. If crypt is
// not nil it decrypts them as the stream of the object with that number.
func (f *pdfFile) decodeStream(d pdfDict, data, limit int64, crypt *pdfCrypt, number int64) ([]byte, error) {
	filter, err := f.singleElement(d["Filter"])
	if err != nil {
		return nil, err
	}
	var r io.Reader = io.NewSectionReader(f.r, data, f.size-data)
	if filter == nil {
		n, err := f.resolveInteger(d["Length"])
		if err != nil || n < 0 {
			return nil, f.src.damageError()
		}
		r = io.LimitReader(r, n)
	}
	if crypt != nil {
		if r, err = crypt.decryptStream(r, number); err != nil {
			return nil, f.src.damageError()
		}
	}
	switch filter {
	case nil:
	case pdfName("FlateDecode"), pdfName("Fl"):
		if r, err = zlib.NewReader(bufio.NewReader(r)); err != nil {
			return nil, f.src.damageError()
		}
	default:
		return nil, ErrDamaged
	}
	limit = min(limit, inflatedMax-f.inflated)
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	f.inflated += int64(len(b))
	switch {
	case int64(len(b)) > limit:
		return nil, ErrTooMuch
	case err != nil && len(b) == 0 || f.src.err != nil:
		return nil, f.src.damageError()
	}
	return f.undoPredictor(d, b)
}

// singleElement returns the only element of an array, or a value that is not an
// array.
func (f *pdfFile) singleElement(v any) (any, error) {
	v, err := f.resolve(v)
	if err != nil {
		return nil, err
	}
	if a, ok := v.(pdfArray); ok {
		switch len(a) {
		case 0:
			return nil, nil
		case 1:
			return f.resolve(a[0])
		}
		return nil, ErrDamaged
	}
	return v, nil
}
