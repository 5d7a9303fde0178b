package docinfo

import "slices"

// pdfObjects is an object stream (ISO 32000-1 §7.5.7).
type pdfObjects struct {
	number int64
	data   []byte
	at     map[int64]int // offset of each object in data
}

// compressedObject returns an object of an object stream.
func (f *pdfFile) compressedObject(stream, number int64) (any, error) {
	if f.encrypted && f.crypt == nil {
		return nil, errEncrypted
	}
	o, err := f.objectStream(stream)
	if err != nil {
		return nil, err
	}
	at, ok := o.at[number]
	if !ok {
		return nil, ErrDamaged
	}
	p := pdfParser{b: o.data, i: at, final: true}
	v, err := p.parseObject(0)
	if short := f.src.charge(p.i - at); short != nil {
		return nil, short
	}
	if err != nil {
		return nil, ErrDamaged
	}
	return v, nil
}

// objectStream decodes an object stream, or returns it from the cache.
func (f *pdfFile) objectStream(number int64) (*pdfObjects, error) {
	if i := slices.IndexFunc(f.cachedStreams, func(o *pdfObjects) bool { return o.number == number }); i >= 0 {
		o := f.cachedStreams[i]
		f.cachedStreams = slices.Insert(slices.Delete(f.cachedStreams, i, i+1), 0, o)
		return o, nil
	}
	e, err := f.findEntry(number)
	if err != nil || e.kind != 1 {
		return nil, f.src.damageError()
	}
	v, data, err := f.readIndirect(f.base+e.at, number)
	if err != nil {
		return nil, err
	}
	d, ok := v.(pdfDict)
	if !ok || data == 0 {
		return nil, ErrDamaged
	}
	b, err := f.decodeStream(d, data, pdfCached, f.crypt, number)
	if err != nil {
		return nil, err
	}
	o, err := f.readObjectTable(d, b)
	if err != nil {
		return nil, err
	}
	o.number = number
	f.cacheObjectStream(o)
	return o, nil
}

// readObjectTable reads the table at the beginning of an object stream.
func (f *pdfFile) readObjectTable(d pdfDict, b []byte) (*pdfObjects, error) {
	n, err := f.resolveInteger(d["N"])
	if err != nil {
		return nil, err
	}
	first, err := f.resolveInteger(d["First"])
	if err != nil || first < 0 || first > int64(len(b)) || n < 0 || n > objectsMax {
		return nil, f.src.damageError()
	}
	o := &pdfObjects{data: b[first:], at: map[int64]int{}}
	p := pdfParser{b: b[:first], final: true}
	for range n {
		var pair [2]float64
		for i := range pair {
			p.tokens = 0
			v, err := p.parseObject(0)
			k, ok := v.(float64)
			if err != nil || !ok || k < 0 {
				return nil, ErrDamaged
			}
			pair[i] = k
		}
		if pair[1] >= float64(len(o.data)) {
			return nil, ErrDamaged
		}
		o.at[int64(pair[0])] = int(pair[1])
	}
	return o, nil
}

// cacheObjectStream caches an object stream, and drops those least recently
// used.
func (f *pdfFile) cacheObjectStream(o *pdfObjects) {
	f.cachedStreams = slices.Insert(f.cachedStreams, 0, o)
	total := 0
	for i, o := range f.cachedStreams {
		total += len(o.data) + 32*len(o.at)
		if i > 0 && total > pdfCached {
			clear(f.cachedStreams[i:])
			f.cachedStreams = f.cachedStreams[:i]
			return
		}
	}
}
