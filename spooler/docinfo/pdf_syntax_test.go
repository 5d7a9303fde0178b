package docinfo

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestPDFObjects(t *testing.T) {
	for text, want := range map[string]any{
		"12 ":                    12.0,
		"-12.5 ":                 -12.5,
		"+3 ":                    3.0,
		".5 ":                    0.5,
		"4. ":                    4.0,
		"12 0 R":                 pdfRef(12),
		"12 0 S":                 12.0,
		"12 x":                   12.0,
		"99999999999999999999 ":  1e20,
		"1x2 ":                   pdfKeyword("1x2"),
		"true ":                  true,
		"false ":                 false,
		"null ":                  nil,
		"obj<<":                  pdfKeyword("obj"),
		"/Name ":                 pdfName("Name"),
		"/A#20B#2f ":             pdfName("A B/"),
		"/A#2 ":                  pdfName("A#2"),
		"/A#zz ":                 pdfName("A#zz"),
		"/ ":                     pdfName(""),
		"(a (b) \\) c)":          pdfString("a (b) ) c"),
		`(\n\r\t\b\f\\\(\q)`:     pdfString("\n\r\t\b\f\\(q"),
		`(\101\1012\7x\400)`:     pdfString("AA2\x07x\x00"),
		"(a\\\nb)":               pdfString("ab"),
		"<48 65 6C6c6F>":         pdfString("Hello"),
		"<4>":                    pdfString("@"),
		"<zz4x8>":                pdfString("H"),
		"[1 2 0 R (x) [ ] ]":     pdfArray{1.0, pdfRef(2), pdfString("x"), pdfArray(nil)},
		"<</A 1/B<</C/D>>>>":     pdfDict{"A": 1.0, "B": pdfDict{"C": pdfName("D")}},
		"<< /A 1 2 /B 3 >>":      pdfDict{"A": 1.0},
		"<< /A >>":               pdfDict{},
		"<< /A % >> \n 1 >>":     pdfDict{"A": 1.0},
		"  % a comment\r\n 7 ":   7.0,
		"\x00\t\f\n\r 7 ":        7.0,
		"{ ":                     pdfKeyword("{"),
		"> ":                     pdfKeyword(">"),
		"<< /A 1 /A 2 >>":        pdfDict{"A": 2.0},
		"[ /A/B(c)<64>true ]":    pdfArray{pdfName("A"), pdfName("B"), pdfString("c"), pdfString("d"), true},
		"<< /Kids[3 0 R]/N 4>> ": pdfDict{"Kids": pdfArray{pdfRef(3)}, "N": 4.0},
	} {
		p := pdfParser{b: []byte(text), final: true}
		if got, err := p.parseObject(0); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, %v, want %#v", text, got, err, want)
		}
	}
}

// TestPDFObjectsCutOff: an object that is not whole is never taken for one, and
// asks for more while there may be more.
func TestPDFObjectsCutOff(t *testing.T) {
	for _, text := range []string{"12 0 R ", "<< /A [ 1 2 0 R (x) <41> ] /B true >>", "(a (b) c)", "[ [ [ 1 ] ] ]", "/Name ", "<4142>"} {
		for cut := range len(text) - 1 {
			p := pdfParser{b: []byte(text[:cut])}
			if v, err := p.parseObject(0); !errors.Is(err, errShort) {
				t.Errorf("%q: %#v, %v", text[:cut], v, err)
			}
		}
	}
	for text, want := range map[string]error{
		"[ 1 endobj ]":                ErrDamaged,
		"<< /A 1 stream":              ErrDamaged,
		"[ 1 >>":                      ErrDamaged,
		strings.Repeat("[", 100):      ErrTooMuch,
		strings.Repeat("<<", 100):     ErrTooMuch,
		"(" + strings.Repeat("(", 99): errShort,
	} {
		p := pdfParser{b: []byte(text), final: true}
		if v, err := p.parseObject(0); !errors.Is(err, want) {
			t.Errorf("%.20q: %#v, %v, want %v", text, v, err, want)
		}
	}
}

func TestLongStringsAreCut(t *testing.T) {
	for _, text := range []string{"(" + strings.Repeat("x", 3*pdfText) + ")", "<" + strings.Repeat("78", 3*pdfText) + ">"} {
		p := pdfParser{b: []byte(text), final: true}
		v, err := p.parseObject(0)
		if s, ok := v.(pdfString); err != nil || !ok || len(s) > pdfText || p.i != len(text) {
			t.Errorf("%v, %d of %d", err, p.i, len(text))
		}
	}
}

// predicted puts rows through a filter of PNG, as a writer does.
func predicted(filter byte, rows [][]byte, pixel int) (out []byte) {
	above := make([]byte, len(rows[0]))
	for _, row := range rows {
		out = append(out, filter)
		for i := range row {
			var left, corner byte
			if i >= pixel {
				left, corner = row[i-pixel], above[i-pixel]
			}
			out = append(out, row[i]-[]byte{0, left, above[i], byte((int(left) + int(above[i])) / 2), nearest(left, above[i], corner)}[filter])
		}
		above = row
	}
	return out
}

// nearest is the function of Paeth as the standard writes it: ISO/IEC 15948
// §9.4.
func nearest(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	abs := func(n int) int { return max(n, -n) }
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	if pa <= pb && pa <= pc {
		return a
	}
	if pb <= pc {
		return b
	}
	return c
}

func TestPredictors(t *testing.T) {
	rows := [][]byte{{1, 2, 3, 250, 251, 252}, {9, 8, 7, 6, 5, 4}, {0, 255, 0, 255, 0, 255}, {100, 100, 101, 99, 0, 1}}
	for filter := range byte(5) {
		for _, pixel := range []int{1, 3} {
			got, err := undoPNGFilters(predicted(filter, rows, pixel), 6, pixel)
			if err != nil || !bytes.Equal(got, bytes.Join(rows, nil)) {
				t.Errorf("filter %d, %d bytes to a pixel: %v, %v", filter, pixel, got, err)
			}
		}
	}
	if _, err := undoPNGFilters([]byte{5, 0, 0}, 2, 1); !errors.Is(err, ErrDamaged) {
		t.Errorf("a filter that is not: %v", err)
	}
	if got, err := undoPNGFilters([]byte{0, 1, 2, 0, 9}, 2, 1); err != nil || !bytes.Equal(got, []byte{1, 2}) {
		t.Errorf("a row cut off: %v, %v", got, err)
	}
	f := &pdfFile{src: &meteredReader{ctx: t.Context(), left: readMax}}
	for name, c := range map[string]struct {
		parms any
		want  string
		err   error
	}{
		"none":               {nil, "\x02ab", nil},
		"predictor 1":        {pdfDict{"Predictor": 1.0}, "\x02ab", nil},
		"predictor 12":       {pdfDict{"Predictor": 12.0, "Columns": 2.0}, "ab", nil},
		"in an array":        {pdfArray{pdfDict{"Predictor": 15.0, "Columns": 2.0}}, "ab", nil},
		"colors":             {pdfDict{"Predictor": 15.0, "Columns": 1.0, "Colors": 2.0}, "ab", nil},
		"an empty array":     {pdfArray{}, "\x02ab", nil},
		"of several filters": {pdfArray{pdfDict{}, pdfDict{}}, "", ErrDamaged},
		"columns too many":   {pdfDict{"Predictor": 12.0, "Columns": 1e9}, "", ErrDamaged},
		"columns of nothing": {pdfDict{"Predictor": 12.0, "Columns": 0.0}, "", ErrDamaged},
		"columns no number":  {pdfDict{"Predictor": 12.0, "Columns": pdfName("x")}, "", ErrDamaged},
		"colors no number":   {pdfDict{"Predictor": 12.0, "Colors": pdfName("x")}, "", ErrDamaged},
	} {
		d := pdfDict{}
		if c.parms != nil {
			d["DecodeParms"] = c.parms
		}
		got, err := f.undoPredictor(d, []byte("\x02ab"))
		if string(got) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// hybrid has pages in an object stream, which a stream beside the table lists:
// ISO 32000-1 §7.5.8.4.
func hybrid(stm func(at int) string) []byte {
	m := newPDF("%PDF-1.5\n")
	m.object(1, "<< /Type /Catalog /Pages 2 0 R >>")
	m.object(2, "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 595 842] >>")
	m.stream(20, "/Type /ObjStm /N 2 /First 9", []byte("3 0 4 18 << /Type /Page >>  << /Type /Page >>"))
	at := m.at
	stream := m.entries(21, map[int]bool{3: true, 4: true}, "")
	m.Truncate(bytes.LastIndex(m.Bytes(), []byte("startxref")))
	m.at = map[int]int{1: at[1], 2: at[2]}
	m.table("/Root 1 0 R " + stm(stream))
	return m.Bytes()
}

func TestHybridPDF(t *testing.T) {
	if got := say(examined(t, hybrid(func(at int) string { return fmt.Sprintf("/XRefStm %d", at) }))); got != `2 exact, unknown, , copies 0, iso_a4_210x297mm, "", ""` {
		t.Error(got)
	}
	for name, stm := range map[string]string{"nowhere": "/XRefStm 3", "no number": "/XRefStm /X", "none": ""} {
		i := examined(t, hybrid(func(int) string { return stm }))
		if pageCount(i) != 2 || i.Certainty != Estimated {
			t.Errorf("%s: %s", name, asJSON(i))
		}
	}
}

// TestObjectStreamsAreLetGo: more of them than are held are read in turns.
func TestObjectStreamsAreLetGo(t *testing.T) {
	f := &pdfFile{}
	for n := range int64(5) {
		f.cacheObjectStream(&pdfObjects{number: n, data: make([]byte, pdfCached/3)})
	}
	if len(f.cachedStreams) != 3 || f.cachedStreams[0].number != 4 || f.cachedStreams[2].number != 2 {
		t.Errorf("%d are held", len(f.cachedStreams))
	}
	f.cacheObjectStream(&pdfObjects{number: 9, data: make([]byte, 2*pdfCached)})
	if len(f.cachedStreams) != 1 || f.cachedStreams[0].number != 9 {
		t.Errorf("%d are held beside a large one", len(f.cachedStreams))
	}
	if o, err := f.objectStream(9); err != nil || o.number != 9 {
		t.Errorf("%v", err)
	}
}

func TestObjectStreamsThatAreWrong(t *testing.T) {
	for name, c := range map[string]struct{ dict, data string }{
		"a number that is not there": {"/Type /ObjStm /N 1 /First 4", "9 0 << /Type /Catalog /Pages 2 0 R >>"},
		"more than there are":        {"/Type /ObjStm /N 99 /First 4", "1 0 << /Type /Catalog /Pages 2 0 R >>"},
		"far more than there are":    {"/Type /ObjStm /N 99999999999 /First 4", "1 0 << >>"},
		"first beyond":               {"/Type /ObjStm /N 1 /First 400", "1 0 << >>"},
		"first below":                {"/Type /ObjStm /N 1 /First -4", "1 0 << >>"},
		"no N":                       {"/Type /ObjStm /First 4", "1 0 << >>"},
		"a place beyond":             {"/Type /ObjStm /N 1 /First 6", "1 999 << >>"},
		"a place below":              {"/Type /ObjStm /N 1 /First 5", "1 -9 << >>"},
		"an object cut off":          {"/Type /ObjStm /N 1 /First 4", "1 0 << /Type"},
		"nothing":                    {"/Type /ObjStm /N 1 /First 4", ""},
	} {
		m := newPDF("%PDF-1.5\n")
		m.stream(20, c.dict, []byte(c.data))
		m.entries(21, map[int]bool{1: true, 2: true}, "/Root 1 0 R")
		file := m.Bytes()
		i, err := Examine(t.Context(), bytes.NewReader(file), int64(len(file)), FormatPDF)
		if i.Pages != nil || err == nil {
			t.Errorf("%s: %s, %v", name, asJSON(i), err)
		}
	}
}
