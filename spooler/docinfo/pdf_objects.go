package docinfo

import "slices"

// pdfObjects is an object stream (ISO 32000-1 §7.5.7).
type pdfObjects struct {
	number int64
	data   []byte
	at     map[int64]int // where in data each object is
}

// compressed returns an object of an object stream.
func (f *pdfFile) compressed(stream, number int64) (any, error) {
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
	p := parser{b: o.data, i: at, final: true}
	v, err := p.object(0)
	if short := f.src.charge(p.i - at); short != nil {
		return nil, short
	}
	if err != nil {
		return nil, ErrDamaged
	}
	return v, nil
}

// objectStream decodes an object stream, or returns one that is held.
func (f *pdfFile) objectStream(number int64) (*pdfObjects, error) {
	if i := slices.IndexFunc(f.held, func(o *pdfObjects) bool { return o.number == number }); i >= 0 {
		o := f.held[i]
		f.held = slices.Insert(slices.Delete(f.held, i, i+1), 0, o)
		return o, nil
	}
	e, err := f.entry(number)
	if err != nil || e.kind != 1 {
		return nil, f.src.damage()
	}
	v, data, err := f.indirect(f.base+e.at, number)
	if err != nil {
		return nil, err
	}
	d, ok := v.(pdfDict)
	if !ok || data == 0 {
		return nil, ErrDamaged
	}
	b, err := f.decode(d, data, pdfCached, f.crypt, number)
	if err != nil {
		return nil, err
	}
	o, err := f.contents(d, b)
	if err != nil {
		return nil, err
	}
	o.number = number
	f.hold(o)
	return o, nil
}

// contents reads the table that an object stream begins with.
func (f *pdfFile) contents(d pdfDict, b []byte) (*pdfObjects, error) {
	n, err := f.integer(d["N"])
	if err != nil {
		return nil, err
	}
	first, err := f.integer(d["First"])
	if err != nil || first < 0 || first > int64(len(b)) || n < 0 || n > objectsMax {
		return nil, f.src.damage()
	}
	o := &pdfObjects{data: b[first:], at: map[int64]int{}}
	p := parser{b: b[:first], final: true}
	for range n {
		var pair [2]float64
		for i := range pair {
			p.tokens = 0
			v, err := p.object(0)
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

// hold keeps an object stream, and lets go of the oldest.
func (f *pdfFile) hold(o *pdfObjects) {
	f.held = slices.Insert(f.held, 0, o)
	total := 0
	for i, o := range f.held {
		total += len(o.data) + 32*len(o.at)
		if i > 0 && total > pdfCached {
			clear(f.held[i:])
			f.held = f.held[:i]
			return
		}
	}
}
