package docinfo

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

const (
	pdfTail      = 1 << 20 // bytes at the end that must hold startxref
	pdfTailStep  = 4 << 10
	pdfRevisions = 1 << 12 // sections of the cross-reference, in all updates
	pdfEntries   = 8 << 20 // bytes of cross-reference streams in memory
)

// pdfSection is a part of the cross-reference: for a table the offset of its
// entries, for a stream the entries.
type pdfSection struct {
	first, count int64
	at, size     int64 // of a table: the offset of the first entry, the bytes of each
	data         []byte
	widths       [3]int64
}

// pdfEntry is where an object is: kind 0 nowhere, 1 at an offset, 2 in the
// object stream with that number.
type pdfEntry struct{ kind, at int64 }

// openXref reads the cross-reference, from the newest update to the oldest.
func (f *pdfFile) openXref() error {
	head, err := f.bytesAt(0, pdfWithin+len("%PDF-"))
	if err != nil {
		return err
	}
	header := int64(bytes.Index(head, []byte("%PDF-")))
	if header < 0 {
		return ErrFormat
	}
	at, err := f.startXref()
	if err != nil {
		return err
	}
	err = f.followXref(at)
	if err != nil && header > 0 && f.src.err == nil {
		f.base, f.sections, f.trailer = header, nil, nil
		err = f.followXref(at)
	}
	if err != nil {
		return fmt.Errorf("the cross-reference: %w", err)
	}
	return f.findStreamKey()
}

// startXref returns the offset in the last startxref. It ignores what follows
// that, unless objects do: then an update was cut off.
func (f *pdfFile) startXref() (int64, error) {
	for end := f.size; end > 0 && f.size-end < pdfTail; end -= pdfTailStep {
		from := max(0, end-pdfTailStep)
		tail, err := f.bytesAt(from, int(end-from)+len("startxref 0123456789")+2)
		if err != nil {
			return 0, err
		}
		i := bytes.LastIndex(tail, []byte("startxref"))
		if i < 0 {
			continue
		}
		p := pdfParser{b: tail[i+len("startxref"):], final: true}
		v, _ := p.parseObject(0)
		at, ok := v.(float64)
		if !ok || at < 0 || at >= float64(f.size) {
			return 0, fmt.Errorf("no offset after startxref: %w", ErrDamaged)
		}
		return int64(at), f.isTail(from + int64(i))
	}
	return 0, fmt.Errorf("no startxref: %w", ErrDamaged)
}

// isTail returns an error if there is an object after an offset near the end.
func (f *pdfFile) isTail(at int64) error {
	for ; at < f.size; at += pdfTailStep {
		b, err := f.bytesAt(at, pdfTailStep+pdfMarkMax)
		if err != nil {
			return err
		}
		if k, _, _ := nextMark(b); k >= 0 {
			return fmt.Errorf("an object after the last startxref: %w", ErrDamaged)
		}
	}
	return nil
}

// objectNumbers returns a bound on object numbers: no tree has more pages.
func (f *pdfFile) objectNumbers() int64 {
	if f.rebuilt != nil {
		return int64(len(f.rebuilt))
	}
	n := int64(0)
	for _, s := range f.sections {
		n = max(n, s.first+s.count)
	}
	return n
}

// followXref reads the cross-reference at an offset and those before it.
func (f *pdfFile) followXref(at int64) error {
	seen := map[int64]bool{}
	next := []int64{at}
	for len(next) > 0 {
		at, next = next[0], next[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		if err := f.chargeObject(); err != nil {
			return err
		}
		d, err := f.readRevision(at)
		if err != nil {
			return err
		}
		if f.trailer == nil {
			f.trailer = pdfDict{}
		}
		for k, v := range d {
			if _, newer := f.trailer[k]; !newer {
				f.trailer[k] = v
			}
		}
		if n, ok := f.asOffset(d["Prev"]); ok {
			next = append(next, n)
		}
	}
	return nil
}

// readRevision reads the cross-reference of one update. Where a table is
// accompanied by a stream for newer readers, the stream takes precedence
// (§7.5.8.4).
func (f *pdfFile) readRevision(at int64) (pdfDict, error) {
	before := len(f.sections)
	d, err := f.readCrossReference(f.base + at)
	if err != nil {
		return nil, err
	}
	if n, ok := f.asOffset(d["XRefStm"]); ok {
		tables := slices.Clone(f.sections[before:])
		f.sections = f.sections[:before]
		if _, err := f.readXrefStream(f.base + n); err != nil {
			return nil, err
		}
		f.sections = append(f.sections, tables...)
	}
	return d, nil
}

// asOffset returns a number that is a valid offset in the file.
func (f *pdfFile) asOffset(v any) (int64, bool) {
	n, ok := v.(float64)
	return int64(n), ok && n > 0 && n < float64(f.size)
}

// readCrossReference reads a table or a stream and returns its trailer.
func (f *pdfFile) readCrossReference(at int64) (pdfDict, error) {
	isTable := false
	start := at
	err := f.parseAt(at, func(p *pdfParser) error {
		v, err := p.parseObject(0)
		isTable = v == pdfKeyword("xref")
		start = at + int64(p.i)
		return err
	})
	if err != nil {
		return nil, err
	}
	if isTable {
		return f.readTable(start)
	}
	return f.readXrefStream(at)
}

// addSection appends a section.
func (f *pdfFile) addSection(s pdfSection) error {
	if len(f.sections) >= pdfRevisions {
		return ErrTooMuch
	}
	f.sections = append(f.sections, s)
	return nil
}

// readTable reads the subsections of a table and keeps only their offsets.
func (f *pdfFile) readTable(at int64) (trailer pdfDict, err error) {
	for {
		var s pdfSection
		err := f.parseAt(at, func(p *pdfParser) error {
			v, err := p.parseObject(0)
			if err != nil {
				return err
			}
			if v == pdfKeyword("trailer") {
				v, err = p.parseObject(0)
				trailer, _ = v.(pdfDict)
				if err == nil && trailer == nil {
					err = ErrDamaged
				}
				return err
			}
			s, err = p.parseSubsection(v)
			s.at += at
			return err
		})
		if err != nil || trailer != nil {
			return trailer, err
		}
		if s.count > (f.size-s.at)/19 {
			return nil, ErrDamaged
		}
		if err := f.addSection(s); err != nil {
			return nil, err
		}
		at = s.at + s.count*s.size
	}
}

// parseSubsection reads the head of a subsection whose first number was read.
// Entries have 20 bytes; some writers omit one.
func (p *pdfParser) parseSubsection(first any) (s pdfSection, err error) {
	n, ok := first.(float64)
	v, err := p.parseObject(0)
	if err != nil {
		return s, err
	}
	count, okCount := v.(float64)
	if !ok || !okCount || count < 0 || count > 1<<40 || n < 0 || n > 1<<40 {
		return s, ErrDamaged
	}
	if err := p.skipSpace(); err != nil {
		return s, err
	}
	if len(p.b)-p.i < 20 {
		if !p.final {
			return s, errShort
		}
		return s, ErrDamaged
	}
	s = pdfSection{first: int64(n), count: int64(count), at: int64(p.i), size: 20}
	if end := p.b[p.i+18 : p.i+20]; end[0] == '\n' && end[1] != '\r' && end[1] != ' ' || end[0] == '\r' && end[1] != '\n' {
		s.size = 19
	}
	return s, nil
}

// readXrefStream reads a cross-reference stream (ISO 32000-1 §7.5.8).
func (f *pdfFile) readXrefStream(at int64) (pdfDict, error) {
	v, data, err := f.readIndirect(at, -1)
	if err != nil {
		return nil, err
	}
	d, ok := v.(pdfDict)
	if !ok || data == 0 || d["Type"] != pdfName("XRef") {
		return nil, ErrDamaged
	}
	b, err := f.decodeStream(d, data, pdfEntries-f.listed, nil, 0)
	if err != nil {
		return nil, err
	}
	f.listed += int64(len(b))
	w, ok := integerArray(d["W"])
	if !ok || len(w) != 3 || w[0]+w[1]+w[2] < 1 || max(w[0], w[1], w[2]) > 8 {
		return nil, ErrDamaged
	}
	size := w[0] + w[1] + w[2]
	index, ok := integerArray(d["Index"])
	if !ok {
		index = []int64{0, int64(len(b)) / size}
	}
	for ; len(index) >= 2; index = index[2:] {
		n := min(index[1], int64(len(b))/size)
		if err := f.addSection(pdfSection{first: index[0], count: n, size: size, data: b[:n*size], widths: [3]int64(w)}); err != nil {
			return nil, err
		}
		b = b[n*size:]
	}
	return d, nil
}

// integerArray returns the elements of an array of numbers that are not
// negative.
func integerArray(v any) ([]int64, bool) {
	a, ok := v.(pdfArray)
	if !ok {
		return nil, false
	}
	out := make([]int64, len(a))
	for i, v := range a {
		n, ok := v.(float64)
		if !ok || n < 0 || n > 1<<40 {
			return nil, false
		}
		out[i] = int64(n)
	}
	return out, true
}

// findEntry looks up an object in the newest section that has it.
func (f *pdfFile) findEntry(number int64) (pdfEntry, error) {
	if f.rebuilt != nil {
		return f.rebuilt[number].asEntry(), nil
	}
	for _, s := range f.sections {
		i := number - s.first
		if i < 0 || i >= s.count {
			continue
		}
		if s.data != nil {
			return s.decodeEntry(s.data[i*s.size:]), nil
		}
		b, err := f.rows.bytesAt(s.at+i*s.size, 18)
		if err != nil || len(b) < 18 {
			return pdfEntry{}, f.src.damageError()
		}
		if b[17] == 'f' {
			return pdfEntry{}, nil
		}
		at, err := strconv.ParseInt(string(b[:10]), 10, 64)
		if err != nil || b[17] != 'n' {
			return pdfEntry{}, ErrDamaged
		}
		return pdfEntry{1, at}, nil
	}
	return pdfEntry{}, nil
}

// decodeEntry reads an entry of a stream; a field without width has its
// default.
func (s pdfSection) decodeEntry(b []byte) pdfEntry {
	e := pdfEntry{kind: 1}
	if s.widths[0] > 0 {
		e.kind = bigEndian(b[:s.widths[0]])
	}
	e.at = bigEndian(b[s.widths[0]:][:s.widths[1]])
	return e
}

func bigEndian(b []byte) (n int64) {
	for _, c := range b {
		n = n<<8 | int64(c)
	}
	return n
}
