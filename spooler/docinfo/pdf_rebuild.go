package docinfo

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
)

const (
	pdfScanSize = 64 << 10 // bytes of the file that are searched at once
	pdfMarkMax  = 64       // bytes of the longest "n g obj", including white space
	pdfRebuilt  = 200_000  // objects of a rebuilt cross-reference
)

// pdfRebuild is the result of a search of the whole file where the
// cross-reference is broken. As in readers, the last of several objects with
// the same number counts.
type pdfRebuild struct {
	f       *pdfFile
	found   map[int64]pdfFound
	streams []int64 // numbers of object streams, in the order of the file
	catalog int64   // number of the last catalog
}

// pdfFound is where an object was found: at an offset, or in the object stream
// there.
type pdfFound struct {
	at     int64
	stream int64 // the number of the object stream, 0 for none
	isPage bool
}

func (o pdfFound) asEntry() pdfEntry {
	switch {
	case o.stream > 0:
		return pdfEntry{2, o.stream}
	case o.at > 0:
		return pdfEntry{1, o.at}
	}
	return pdfEntry{}
}

// rebuildXref rebuilds the cross-reference by a search of the file for objects
// and trailers.
func (f *pdfFile) rebuildXref() error {
	f.base, f.sections, f.trailer, f.encrypted, f.crypt = 0, nil, pdfDict{}, false, nil
	clear(f.cachedStreams)
	f.cachedStreams, f.objects, f.inflated = nil, 0, 0
	r := &pdfRebuild{f: f, found: map[int64]pdfFound{}}
	f.rebuilt = r.found
	if err := r.searchFile(); err != nil {
		return err
	}
	if f.trailer["Root"] == nil && r.catalog > 0 {
		f.trailer["Root"] = pdfRef(r.catalog)
	}
	if err := f.findStreamKey(); err != nil {
		return err
	}
	r.openStreams()
	if err := f.src.err; err != nil && !errors.Is(err, ErrTooMuch) {
		return err
	}
	if d, err := f.resolveDict(f.trailer["Root"]); (err != nil || d["Pages"] == nil) && r.catalog > 0 {
		f.trailer["Root"] = pdfRef(r.catalog)
	}
	if f.trailer["Root"] == nil {
		return ErrDamaged
	}
	f.objects, f.inflated = 0, 0
	return nil
}

// searchFile goes once through the file, and skips the data of streams whose
// length is correct.
func (r *pdfRebuild) searchFile() error {
	window := blockReader{r: r.f.src, size: r.f.size}
	for at := int64(0); at < r.f.size; {
		b, err := window.bytesAt(at, pdfScanSize)
		if err != nil {
			return err
		}
		next, err := r.searchIn(b, at)
		if err != nil {
			return err
		}
		if next >= r.f.size {
			break
		}
		at = max(next, at+1)
	}
	return nil
}

// searchIn searches b, which is at offset at, and returns where to continue.
func (r *pdfRebuild) searchIn(b []byte, at int64) (next int64, err error) {
	end := at + int64(len(b))
	if end < r.f.size {
		end -= pdfMarkMax
	}
	for i := 0; ; {
		k, n, length := nextMark(b[i:])
		mark := at + int64(i+k)
		switch {
		case k < 0 || mark >= end:
			return end, nil
		case n < 0:
			r.takeTrailer(mark + int64(length))
			next = mark + int64(length)
		default:
			next, err = r.takeObject(n, mark, mark+int64(length))
		}
		if err != nil || next >= end {
			return next, err
		}
		i = int(next - at)
	}
}

// nextMark finds the first "n g obj" or "trailer". It returns its offset, n (-1
// for trailer) and its length; the offset is -1 if there is none.
func nextMark(b []byte) (at int, n int64, length int) {
	for i := 0; ; {
		o := bytes.Index(b[i:], []byte("obj"))
		t := bytes.Index(b[i:], []byte("trailer"))
		if t >= 0 && (o < 0 || t < o) {
			return i + t, -1, len("trailer")
		}
		if o < 0 {
			return -1, 0, 0
		}
		if start, n := objectHead(b[:i+o]); start >= 0 {
			return start, n, i + o + len("obj") - start
		}
		i += o + len("obj")
	}
}

// objectHead finds the number and generation at the end of b.
func objectHead(b []byte) (start int, number int64) {
	rest := b[max(0, len(b)-pdfMarkMax):]
	back := func(is func(byte) bool) (taken []byte) {
		i := len(rest)
		for i > 0 && is(rest[i-1]) {
			i--
		}
		taken, rest = rest[i:], rest[:i]
		return taken
	}
	isDigit := func(c byte) bool { return '0' <= c && c <= '9' }
	back(isSpace)
	generation := back(isDigit)
	space := back(isSpace)
	digits := back(isDigit)
	if len(generation) == 0 || len(space) == 0 || len(digits) == 0 || len(digits) > 10 {
		return -1, 0
	}
	return len(b) - min(len(b), pdfMarkMax) + len(rest), int64(firstNumber(digits))
}

// takeTrailer reads the dictionary of a trailer at an offset; later trailers
// take precedence.
func (r *pdfRebuild) takeTrailer(at int64) {
	var d pdfDict
	err := r.f.parseAt(at, func(p *pdfParser) error {
		v, err := p.parseObject(0)
		d, _ = v.(pdfDict)
		return err
	})
	if err == nil {
		r.mergeTrailer(d)
	}
}

func (r *pdfRebuild) mergeTrailer(d pdfDict) {
	for _, k := range []pdfName{"Root", "Info", "Encrypt", "ID"} {
		if v := d[k]; v != nil {
			r.f.trailer[k] = v
		}
	}
}

// takeObject records the object with number n at an offset and returns where to
// continue the search.
func (r *pdfRebuild) takeObject(n, at, after int64) (int64, error) {
	if _, ok := r.found[n]; !ok && len(r.found) >= pdfRebuilt {
		return 0, ErrTooMuch
	}
	o := pdfFound{at: at}
	v, data, err := r.f.readIndirect(at, n)
	if r.f.src.err != nil {
		return 0, r.f.src.err
	}
	d, ok := v.(pdfDict)
	if err != nil || !ok {
		r.found[n] = o
		return after, nil
	}
	switch d["Type"] {
	case pdfName("Page"):
		o.isPage = true
	case pdfName("Catalog"):
		r.catalog = n
	case pdfName("ObjStm"):
		r.streams = append(r.streams, n)
	case pdfName("XRef"):
		r.mergeTrailer(d)
	}
	r.found[n] = o
	return cmp.Or(r.streamEnd(d, data), after), nil
}

// streamEnd returns the offset of the end of a stream, 0 if its length is not
// correct.
func (r *pdfRebuild) streamEnd(d pdfDict, data int64) int64 {
	length, ok := d["Length"].(float64)
	if data == 0 || !ok || length < 0 || length > float64(r.f.size-data) {
		return 0
	}
	end := data + int64(length)
	b, err := r.f.bytesAt(end, 16)
	if err != nil || !bytes.HasPrefix(bytes.TrimLeft(b, "\r\n \t"), []byte("endstream")) {
		return 0
	}
	return end
}

// openStreams adds the objects in object streams. An object by itself takes
// precedence over one in an object stream before it.
func (r *pdfRebuild) openStreams() {
	slices.SortFunc(r.streams, func(a, b int64) int { return cmp.Compare(r.found[a].at, r.found[b].at) })
	for _, n := range slices.Compact(r.streams) {
		at := r.found[n].at
		o, err := r.f.objectStream(n)
		if err != nil {
			continue
		}
		for k := range o.at {
			old, ok := r.found[k]
			if ok && old.at > at || !ok && len(r.found) >= pdfRebuilt {
				continue
			}
			r.found[k] = pdfFound{at: at, stream: n}
			if r.catalog == 0 {
				if d, err := r.f.resolveDict(pdfRef(k)); err == nil && d["Type"] == pdfName("Catalog") {
					r.catalog = k
				}
			}
		}
	}
}
