package docinfo

import "slices"

// undoPredictor undoes the PNG predictors (ISO 32000-1 §7.4.4.4).
func (f *pdfFile) undoPredictor(d pdfDict, b []byte) ([]byte, error) {
	v, err := f.singleElement(d["DecodeParms"])
	if err != nil {
		return nil, err
	}
	parms, _ := v.(pdfDict)
	if k, err := f.resolveInteger(parms["Predictor"]); parms == nil || parms["Predictor"] == nil || err == nil && k == 1 {
		return b, nil
	}
	columns, colors := int64(1), int64(1)
	if parms["Columns"] != nil {
		if columns, err = f.resolveInteger(parms["Columns"]); err != nil {
			return nil, err
		}
	}
	if parms["Colors"] != nil {
		if colors, err = f.resolveInteger(parms["Colors"]); err != nil {
			return nil, err
		}
	}
	if columns < 1 || columns > 1<<16 || colors < 1 || colors > 32 {
		return nil, ErrDamaged
	}
	return undoPNGFilters(b, int(columns*colors), int(colors))
}

// undoPNGFilters works in place: a row shrinks by the byte that names its
// filter.
func undoPNGFilters(b []byte, row, pixel int) ([]byte, error) {
	out := b[:0]
	above := make([]byte, row)
	line := make([]byte, row)
	for len(b) > row {
		filter := b[0]
		copy(line, b[1:])
		b = b[1+row:]
		for i := range line {
			var left, corner byte
			if i >= pixel {
				left, corner = line[i-pixel], above[i-pixel]
			}
			switch filter {
			case 0:
			case 1:
				line[i] += left
			case 2:
				line[i] += above[i]
			case 3:
				line[i] += byte((int(left) + int(above[i])) / 2)
			case 4:
				line[i] += paeth(left, above[i], corner)
			default:
				return nil, ErrDamaged
			}
		}
		out = append(out, line...)
		above, line = line, above
	}
	return slices.Clip(out), nil
}

func paeth(a, b, c byte) byte {
	distance := func(x byte) int { d := int(a) + int(b) - int(c) - int(x); return max(d, -d) }
	switch da, db, dc := distance(a), distance(b), distance(c); {
	case da <= db && da <= dc:
		return a
	case db <= dc:
		return b
	}
	return c
}
