package docinfo

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// pdfMaker writes a PDF object by object.
type pdfMaker struct {
	bytes.Buffer
	at map[int]int
}

func newPDF(head string) *pdfMaker {
	m := &pdfMaker{at: map[int]int{}}
	m.WriteString(head)
	return m
}

func (m *pdfMaker) object(n int, body string) {
	m.at[n] = m.Len()
	fmt.Fprintf(m, "%d 0 obj\n%s\nendobj\n", n, body)
}

func (m *pdfMaker) stream(n int, dict string, data []byte) {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(data)
	w.Close()
	m.object(n, fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\r\n%s\nendstream", dict, z.Len(), z.Bytes()))
}

// table ends the file, or an update of it, with a table.
func (m *pdfMaker) table(trailer string) int {
	at := m.Len()
	m.WriteString("xref\n0 1\n0000000000 65535 f \n")
	for n := range 100 {
		if o, ok := m.at[n]; ok {
			fmt.Fprintf(m, "%d 1\n%010d 00000 n \n", n, o)
		}
	}
	fmt.Fprintf(m, "trailer\n<< /Size 100 %s >>\nstartxref\n%d\n%%%%EOF\n", trailer, at)
	m.at = map[int]int{}
	return at
}

// entries ends the file with a stream of entries under predictor 12; inner
// says which objects are in the object stream 20.
func (m *pdfMaker) entries(n int, inner map[int]bool, trailer string) int {
	at := m.Len()
	var rows []byte
	above := make([]byte, 5)
	for i := range 30 {
		row := make([]byte, 5)
		if o, ok := m.at[i]; ok {
			row[0] = 1
			binary.BigEndian.PutUint32(row[1:], uint32(o))
		} else if inner[i] {
			row = []byte{2, 0, 0, 0, 20}
		}
		rows = append(rows, 2)
		for j := range row {
			rows = append(rows, row[j]-above[j])
		}
		above = row
	}
	m.stream(n, "/Type /XRef /W [1 4 0] /Size 30 /DecodeParms << /Predictor 12 /Columns 5 >> "+trailer, rows)
	fmt.Fprintf(m, "startxref\n%d\n%%%%EOF\n", at)
	m.at = map[int]int{}
	return at
}

const twoPages = "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 612 792] >>"

func (m *pdfMaker) twoPages() {
	m.object(1, "<< /Type /Catalog /Pages 2 0 R >>")
	m.object(2, twoPages)
	m.object(3, "<< /Type /Page /Parent 2 0 R >>")
	m.object(4, "<< /Type /Page /Parent 2 0 R >>")
}

// inStreams has the page tree in an object stream.
func inStreams() *pdfMaker {
	m := newPDF("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	bodies := []string{"<< /Type /Catalog /Pages 2 0 R >>", twoPages, "<< /Type /Page >>", "<< /Type /Page >>", "<< /Title (in a stream) >>"}
	var head, data strings.Builder
	inner := map[int]bool{}
	for i, b := range bodies {
		fmt.Fprintf(&head, "%d %d ", i+1, data.Len())
		data.WriteString(b + " ")
		inner[i+1] = true
	}
	m.stream(20, fmt.Sprintf("/Type /ObjStm /N %d /First %d", len(bodies), head.Len()), []byte(head.String()+data.String()))
	m.entries(21, inner, "/Root 1 0 R /Info 5 0 R")
	return m
}

func pdfs() map[string]struct {
	file []byte
	want string
} {
	type file = struct {
		file []byte
		want string
	}
	all := map[string]file{}
	add := func(name, want string, m *pdfMaker) { all[name] = file{m.Bytes(), want} }

	m := newPDF("%PDF-1.4\n")
	m.twoPages()
	m.object(5, `<< /Title (a \(title\)) /Creator <FEFF00E9> /Producer (p) >>`)
	m.table("/Root 1 0 R /Info 5 0 R")
	add("a table", `2 exact, unknown, , copies 0, na_letter_8.5x11in, "a (title)", "é"`, m)

	m = newPDF("%PDF-1.4\n")
	m.twoPages()
	prev := m.table("/Root 1 0 R")
	m.object(2, "<< /Type /Pages /Kids [3 0 R 6 0 R 4 0 R] /Count 3 >>")
	m.object(6, "<< /Type /Page /MediaBox [0 0 595 842] >>")
	m.table(fmt.Sprintf("/Root 1 0 R /Prev %d", prev))
	add("updated", `3 exact, unknown, , copies 0, , "", ""`, m)

	add("streams of objects", `2 exact, unknown, , copies 0, na_letter_8.5x11in, "in a stream", ""`, inStreams())

	m = newPDF("%PDF-1.4\n")
	m.twoPages()
	m.object(5, "<< /Title (\x01\x02\x03) >>")
	m.table("/Root 1 0 R /Info 5 0 R /Encrypt << /Filter /Standard >>")
	add("encrypted, the tree is plain", `2 exact, unknown, , copies 0, na_letter_8.5x11in, "", ""`, m)

	m = inStreams()
	file2 := bytes.Replace(m.Bytes(), []byte("/Type /XRef"), []byte("/Encrypt 9 0 R /Type /XRef"), 1)
	all["encrypted, the tree is not plain"] = file{file2, `0 unknown, unknown, , copies 0, , "", ""`}

	m = newPDF("%PDF-1.4\n")
	m.twoPages()
	m.object(2, "<< /Type /Pages /Kids [3 0 R 2 0 R 4 0 R 99 0 R 3 0 R] /Count 2 >>")
	m.table("/Root 1 0 R")
	add("a tree in a circle", `2 estimated, unknown, , copies 0, , "", ""`, m)

	m = newPDF("%PDF-1.4\n")
	m.twoPages()
	m.object(2, "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 7 >>")
	m.table("/Root 1 0 R")
	add("a number that is not true", `2 estimated, unknown, , copies 0, , "", ""`, m)

	m = newPDF("%PDF-1.3\n%PCLm 1.0\n")
	m.twoPages()
	m.table("/Root 1 0 R")
	add("pclm", `2 exact, unknown, , copies 0, na_letter_8.5x11in, "", ""`, m)

	// Offsets count from the header, after junk.
	m = newPDF("%PDF-1.4\n")
	m.twoPages()
	m.table("/Root 1 0 R")
	all["after junk"] = file{append([]byte("junk\n"), m.Bytes()...), `2 exact, unknown, , copies 0, na_letter_8.5x11in, "", ""`}
	return all
}

func TestPDF(t *testing.T) {
	for name, c := range pdfs() {
		i, err := Examine(t.Context(), bytes.NewReader(c.file), int64(len(c.file)), FormatPDF)
		if got := say(i); err != nil || got != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, c.want)
		}
		if wantFormat := map[bool]string{true: FormatPCLm, false: FormatPDF}[name == "pclm"]; i.Format != wantFormat {
			t.Errorf("%s: %s", name, i.Format)
		}
	}
}

// TestPDFCutOff: whatever is left of a file, there is an answer.
func TestPDFCutOff(t *testing.T) {
	for name, c := range pdfs() {
		for cut := range len(c.file) {
			i, err := Examine(t.Context(), bytes.NewReader(c.file[:cut]), int64(cut), FormatPDF)
			if i.Certainty == "" || i.Pages == nil && err == nil && cut < len(c.file)-64 {
				t.Fatalf("%s cut at %d: %s, %v", name, cut, asJSON(i), err)
			}
		}
	}
}

func TestExamineRefuses(t *testing.T) {
	broken := errors.New("the disk is gone")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	m := newPDF("%PDF-1.4\n")
	m.twoPages()
	m.table("/Root 1 0 R")
	bomb := newPDF("%PDF-1.5\n")
	bomb.stream(20, "/Type /ObjStm /N 1 /First 4", bytes.Repeat([]byte(" "), pdfCached+1))
	bomb.entries(21, map[int]bool{1: true, 2: true}, "/Root 1 0 R")
	deep := newPDF("%PDF-1.4\n")
	deep.object(1, strings.Repeat("[", 100000))
	deep.table("/Root 1 0 R")
	for name, c := range map[string]struct {
		ctx    context.Context
		r      io.ReaderAt
		format string
		want   error
	}{
		"another format":    {t.Context(), strings.NewReader("hello"), FormatPDF, ErrFormat},
		"not by position":   {t.Context(), strings.NewReader("hello"), FormatPWG, ErrFormat},
		"no tiff":           {t.Context(), strings.NewReader("hello, world"), FormatTIFF, ErrFormat},
		"no xps":            {t.Context(), strings.NewReader("hello, world"), FormatXPS, ErrDamaged},
		"empty":             {t.Context(), strings.NewReader(""), FormatPDF, ErrDamaged},
		"no startxref":      {t.Context(), strings.NewReader("%PDF-1.4\n"), FormatPDF, ErrDamaged},
		"canceled":          {canceled, bytes.NewReader(m.Bytes()), FormatPDF, context.Canceled},
		"the reader fails":  {t.Context(), failing{broken}, FormatPDF, broken},
		"inflated too much": {t.Context(), bytes.NewReader(bomb.Bytes()), FormatPDF, ErrTooMuch},
		"brackets":          {t.Context(), bytes.NewReader(deep.Bytes()), FormatPDF, ErrTooMuch},
	} {
		size := int64(1000)
		if s, ok := c.r.(interface{ Size() int64 }); ok {
			size = s.Size()
		}
		i, err := Examine(c.ctx, c.r, size, c.format)
		if !errors.Is(err, c.want) || i.Certainty != Unknown || i.Pages != nil {
			t.Errorf("%s: %v, %s", name, err, asJSON(i))
		}
	}
}

// TestPDFOfMuchWork: objects that each run to the end of a large file do not
// add up.
func TestPDFOfMuchWork(t *testing.T) {
	m := newPDF("%PDF-1.4\n")
	m.object(1, "<< /Type /Catalog /Pages 2 0 R >>")
	var kids strings.Builder
	for n := range 5000 {
		fmt.Fprintf(&kids, "%d 0 R ", n+3)
	}
	m.object(2, "<< /Type /Pages /Kids ["+kids.String()+"] /Count 5000 >>")
	at := m.Len()
	for n := range 5000 {
		fmt.Fprintf(m, "%05d 0 obj <", n+3)
	}
	m.WriteString(strings.Repeat(" ", 1<<20-70000))
	xref := m.Len()
	fmt.Fprintf(m, "> xref\n1 2\n%010d 00000 n \n%010d 00000 n \n3 5000\n", m.at[1], m.at[2])
	for n := range 5000 {
		fmt.Fprintf(m, "%010d 00000 n \n", at+13*n)
	}
	fmt.Fprintf(m, "trailer\n<< /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", xref+2)
	work := &meteredReader{ctx: t.Context(), r: bytes.NewReader(m.Bytes()), left: readMax}
	i, err := examinePDF(work, int64(m.Len()))
	if err != nil || pageCount(i) != 5000 || i.Certainty != Estimated || !errors.Is(work.err, ErrTooMuch) {
		t.Errorf("%v, %s, %v", err, asJSON(i), work.err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func FuzzPDF(f *testing.F) {
	for _, c := range pdfs() {
		f.Add(c.file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		i, err := Examine(t.Context(), bytes.NewReader(file), int64(len(file)), FormatPDF)
		if (i.Pages == nil) != (i.Certainty == Unknown) || i.Certainty == Exact && err != nil {
			t.Errorf("%s, %v", asJSON(i), err)
		}
	})
}
