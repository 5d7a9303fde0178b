package docinfo

// pdfBoxes holds the boxes that a page has or inherits (ISO 32000-1 §7.7.3.4).
type pdfBoxes struct{ media, crop any }

// inheritedBy returns the boxes of a node below.
func (b pdfBoxes) inheritedBy(d pdfDict) pdfBoxes {
	if v := d["MediaBox"]; v != nil {
		b.media = v
	}
	if v := d["CropBox"]; v != nil {
		b.crop = v
	}
	return b
}

// mediaOf returns the name of the visible size of a page: its crop box within
// its media box, in units of UserUnit/72 inch (§14.11.2).
func (f *pdfFile) mediaOf(page pdfDict, boxes pdfBoxes) string {
	shown, ok := f.readRectangle(boxes.media)
	if !ok {
		return ""
	}
	if crop, ok := f.readRectangle(boxes.crop); ok {
		if within := shown.intersectWith(crop); within.width() > 0 && within.height() > 0 {
			shown = within
		}
	}
	unit := 1.0
	if v, err := f.resolve(page["UserUnit"]); err == nil {
		if u, ok := v.(float64); ok && u > 0 {
			unit = u
		}
	}
	return mediaOfPoints(shown.width()*unit, shown.height()*unit)
}

// pdfRectangle is a rectangle, its lower left corner first.
type pdfRectangle struct{ left, low, right, high float64 }

func (r pdfRectangle) width() float64  { return r.right - r.left }
func (r pdfRectangle) height() float64 { return r.high - r.low }

func (r pdfRectangle) intersectWith(o pdfRectangle) pdfRectangle {
	return pdfRectangle{max(r.left, o.left), max(r.low, o.low), min(r.right, o.right), min(r.high, o.high)}
}

// readRectangle reads a rectangle, of which any two opposite corners may be
// given (§7.9.5).
func (f *pdfFile) readRectangle(v any) (pdfRectangle, bool) {
	v, err := f.resolve(v)
	a, ok := v.(pdfArray)
	if err != nil || !ok || len(a) != 4 {
		return pdfRectangle{}, false
	}
	var at [4]float64
	for i := range at {
		v, _ := f.resolve(a[i])
		at[i], _ = v.(float64)
	}
	return pdfRectangle{min(at[0], at[2]), min(at[1], at[3]), max(at[0], at[2]), max(at[1], at[3])}, true
}
