package docinfo

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// examined returns what Examine says of a whole PDF.
func examined(t *testing.T, file []byte) Info {
	t.Helper()
	i, _ := Examine(t.Context(), bytes.NewReader(file), int64(len(file)), FormatPDF)
	return i
}

// pdfSpec describes a small PDF with a page for each of its kids, which can be
// wrong in small ways.
type pdfSpec struct {
	pages   int
	kids    string // "" for one of each page
	count   string // "" for the number of pages
	root    string // of the tree, "" for one of kids and count
	page    string // what a page has beside its type
	objects map[int]string
	shift   int // how far offsets are off
	entry   func(n int, line string) string
	xref    string // "" for the word and a line end
	trailer string
}

func (s pdfSpec) object(n int) string {
	if body, ok := s.objects[n]; ok {
		return body
	}
	switch {
	case n == 1:
		return "<< /Type /Catalog /Pages 2 0 R >>"
	case n == 2 && s.root != "":
		return s.root
	case n == 2:
		kids, count := s.kids, s.count
		if kids == "" {
			for k := range s.pages {
				kids += fmt.Sprintf("%d 0 R ", 3+k)
			}
		}
		if count == "" {
			count = fmt.Sprint(s.pages)
		}
		return fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %s >>", kids, count)
	}
	page := s.page
	if page == "" {
		page = "/MediaBox [0 0 595 842]"
	}
	return "<< /Type /Page /Parent 2 0 R " + page + " >>"
}

func (s pdfSpec) file() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.6\n")
	last := 2 + s.pages
	for n := range s.objects {
		last = max(last, n)
	}
	at := map[int]int{}
	for n := 1; n <= last; n++ {
		if _, ok := s.objects[n]; !ok && n > 2+s.pages {
			continue
		}
		at[n] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, s.object(n))
	}
	s.table(&b, 0, last, at, "")
	return b.Bytes()
}

func (s pdfSpec) table(b *bytes.Buffer, first, last int, at map[int]int, more string) {
	start := b.Len() + s.shift
	word := s.xref
	if word == "" {
		word = "xref\n"
	}
	fmt.Fprintf(b, "%s%d %d\n", word, first, last-first+1)
	for n := first; n <= last; n++ {
		line := "0000000000 65535 f \n"
		if o, ok := at[n]; ok {
			line = fmt.Sprintf("%010d 00000 n \n", o+s.shift)
		}
		if s.entry != nil {
			line = s.entry(n, line)
		}
		b.WriteString(line)
	}
	fmt.Fprintf(b, "trailer\n<< /Size %d /Root 1 0 R %s %s >>\nstartxref\n%d\n%%%%EOF\n", last+1, s.trailer, more, start)
}

// updated has its first two pages saved again after it.
func (s pdfSpec) updated() []byte {
	base := s.file()
	_, tail, _ := bytes.Cut(base[bytes.LastIndex(base, []byte("startxref")):], []byte("\n"))
	b := bytes.NewBuffer(base)
	at := map[int]int{}
	for _, n := range []int{3, 4} {
		at[n] = b.Len()
		fmt.Fprintf(b, "%d 0 obj\n<< /Type /Page /Parent 2 0 R /Rotate 90 /MediaBox [0 0 595 842] >>\nendobj\n", n)
	}
	s.xref = ""
	s.table(b, 3, 4, at, "/Prev "+string(bytes.TrimSpace(bytes.Split(tail, []byte("\n"))[0])))
	return b.Bytes()
}

func TestBrokenPDF(t *testing.T) {
	box := func(boxes string) []byte { return pdfSpec{pages: 1, page: boxes}.file() }
	cut := func(b []byte, from string) []byte { return b[:bytes.LastIndex(b, []byte(from))] }
	with := func(b []byte, more string) []byte { return append(bytes.Clone(b), more...) }
	replaced := func(b []byte, old, new string) []byte {
		if !bytes.Contains(b, []byte(old)) {
			t.Fatalf("there is no %q", old)
		}
		return bytes.ReplaceAll(b, []byte(old), []byte(new))
	}
	two := pdfSpec{pages: 2}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"whole":                         {two.file(), "2 exact"},
		"updated":                       {two.updated(), "2 exact"},
		"the same page twice":           {pdfSpec{pages: 2, kids: "3 0 R 4 0 R 3 0 R", count: "3"}.file(), "3 exact"},
		"the same page a hundred times": {pdfSpec{pages: 1, kids: strings.Repeat("3 0 R ", 100), count: "100"}.file(), "100 estimated"},
		"a page in the tree itself":     {pdfSpec{pages: 1, kids: "3 0 R << /Type /Page >>", count: "2"}.file(), "2 exact"},
		"a kid is not there":            {pdfSpec{pages: 2, kids: "3 0 R 4 0 R 9 0 R", count: "3"}.file(), "3 estimated"},
		"a kid is nothing":              {pdfSpec{pages: 2, kids: "3 0 R null 4 0 R", count: "3"}.file(), "3 estimated"},
		"a kid is the root":             {pdfSpec{pages: 2, kids: "3 0 R 2 0 R 4 0 R", count: "2"}.file(), "2 estimated"},
		"an inner node without kids":    {pdfSpec{pages: 1, kids: "3 0 R 4 0 R", count: "1", objects: map[int]string{4: "<< /Type /Pages /Count 0 >>"}}.file(), "1 exact"},
		"an inner node with no kids":    {pdfSpec{pages: 1, kids: "3 0 R 4 0 R", count: "1", objects: map[int]string{4: "<< /Type /Pages /Kids [] /Count 0 >>"}}.file(), "1 exact"},
		"a page without its type":       {pdfSpec{pages: 1, objects: map[int]string{3: "<< /Parent 2 0 R /MediaBox [0 0 595 842] >>"}}.file(), "1 exact"},
		"a root that is a page":         {pdfSpec{pages: 1, root: "<< /Type /Page /MediaBox [0 0 595 842] >>"}.file(), "1 estimated"},
		"Count too high":                {pdfSpec{pages: 2, count: "4"}.file(), "4 estimated"},
		"Count too low":                 {pdfSpec{pages: 2, count: "1"}.file(), "1 estimated"},
		"Count beyond any number":       {pdfSpec{pages: 2, count: "2147483647"}.file(), "2 estimated"},
		"Count below zero":              {pdfSpec{pages: 2, count: "-2"}.file(), "2 estimated"},
		"Count is no number":            {pdfSpec{pages: 2, count: "/Two"}.file(), "2 estimated"},
		"Count elsewhere":               {pdfSpec{pages: 2, count: "9 0 R", objects: map[int]string{9: "2"}}.file(), "2 exact"},

		"offsets off":                      {pdfSpec{pages: 2, shift: 7}.file(), "2 estimated"},
		"offsets off, updated":             {pdfSpec{pages: 2, shift: 7}.updated(), "2 estimated"},
		"line ends changed":                {replaced(two.updated(), "\n", "\r\n"), "2 estimated"},
		"one entry is short":               {pdfSpec{pages: 3, entry: func(n int, l string) string { return l[:len(l)-n%3/2] }}.file(), "3 estimated"},
		"entries of 19 bytes":              {pdfSpec{pages: 3, entry: func(_ int, l string) string { return strings.Replace(l, " \n", "\n", 1) }}.file(), "3 exact"},
		"a table glued to its word":        {pdfSpec{pages: 3, xref: "xref"}.file(), "3 estimated"},
		"one offset wrong":                 {pdfSpec{pages: 3, entry: func(n int, l string) string { return strings.Replace(l, "0000000", "0000001", n/4) }}.file(), "3 estimated"},
		"no table":                         {replaced(two.file(), "xref", "xxxx"), "2 estimated"},
		"no table and no trailer":          {cut(two.file(), "xref\n"), "2 estimated"},
		"no trailer, the catalog is known": {replaced(two.updated(), "trailer", "railert"), "2 estimated"},
		"the trailer's root is another":    {replaced(pdfSpec{pages: 2, shift: 7}.file(), "/Root 1 0 R", "/Root 3 0 R"), "2 estimated"},
		"nothing but pages":                {[]byte("%PDF-1.4\n3 0 obj << /Type /Page >> endobj"), "0 unknown"},
		"no catalog":                       {pdfSpec{pages: 2, objects: map[int]string{1: "null"}}.file(), "0 unknown"},
		"objects glued together":           {replaced(pdfSpec{pages: 2, shift: 3}.file(), "\nendobj\n", "endobj"), "2 estimated"},
		"an object in a stream, not an object": {pdfSpec{pages: 1, shift: 3, objects: map[int]string{4: "<< /Length 60 >>\nstream\n" +
			fmt.Sprintf("%-60s", "2 0 obj << /Type /Pages /Kids [9 0 R] /Count 77 >> endobj") + "\nendstream"}}.file(), "1 estimated"},
		"a stream of no true length": {pdfSpec{pages: 1, shift: 3, objects: map[int]string{9: "<< /Length 999999 >>\nstream\nx\nendstream"}}.file(), "1 estimated"},

		"3 KB of zeros after":          {with(two.updated(), strings.Repeat("\x00", 3000)), "2 exact"},
		"100 KB of a mail after":       {with(two.updated(), strings.Repeat("\r\n--_boundary_\r\nThis mail was scanned.", 2500)), "2 exact"},
		"2 MB after":                   {with(two.updated(), strings.Repeat("junk\n", 400_000)), "2 estimated"},
		"an update after, cut off":     {with(two.file(), "2 0 obj << /Type /Pages /Kids [3 0 R 4 0 R 5 0 R] /Count 3 >> endobj 5 0 obj << /Type /Page >> endobj"+strings.Repeat("\n", 3000)), "3 estimated"},
		"startxref says nothing":       {replaced(two.file(), "startxref\n", "startxref\n-"), "2 estimated"},
		"startxref says beyond":        {replaced(two.file(), "startxref\n", "startxref\n9999"), "2 estimated"},
		"startxref goes round":         {pdfSpec{pages: 2, trailer: "/Prev 9"}.file(), "2 estimated"},
		"crop box":                     {box("/MediaBox [0 0 792 1000] /CropBox [98 79 693 921]"), "1 exact"},
		"crop box beyond the media":    {box("/MediaBox [0 0 595 842] /CropBox [-100 -100 2000 2000]"), "1 exact"},
		"crop box outside":             {box("/MediaBox [0 0 595 842] /CropBox [2000 2000 3000 3000]"), "1 exact"},
		"crop box upside down":         {box("/MediaBox [0 0 792 1000] /CropBox [693 921 98 79]"), "1 exact"},
		"crop box of nothing":          {box("/MediaBox [0 0 595 842] /CropBox [0 0 0 0]"), "1 exact"},
		"user unit":                    {box("/MediaBox [0 0 297.5 421] /UserUnit 2"), "1 exact"},
		"a user unit of nothing":       {box("/MediaBox [0 0 595 842] /UserUnit 0"), "1 exact"},
		"boxes of the root":            {pdfSpec{pages: 1, page: "/Rotate 90", root: "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 800 900] /CropBox [0 0 842 595] /CropBox [0 0 595 842] >>"}.file(), "1 exact"},
		"a media box of other objects": {pdfSpec{pages: 1, page: "/MediaBox 9 0 R", objects: map[int]string{9: "[0 0 10 0 R 842]", 10: "595"}}.file(), "1 exact"},
	} {
		i := examined(t, c.file)
		if got := fmt.Sprintf("%d %s", pageCount(i), i.Certainty); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if i.Pages != nil && i.Media != "iso_a4_210x297mm" && !strings.HasPrefix(name, "an update") {
			t.Errorf("%s: media %q", name, i.Media)
		}
	}
}

// TestPDFTreeOfTrees: a tree whose nodes are each there twice doubles with
// every level, and is not gone through to its end.
func TestPDFTreeOfTrees(t *testing.T) {
	s := pdfSpec{objects: map[int]string{}, kids: "10 0 R 10 0 R", count: "9"}
	for n := 10; n < 50; n++ {
		s.objects[n] = fmt.Sprintf("<< /Type /Pages /Kids [%d 0 R %d 0 R] >>", n+1, n+1)
	}
	s.objects[50] = "<< /Type /Page >>"
	file := s.file()
	i, err := Examine(t.Context(), bytes.NewReader(file), int64(len(file)), FormatPDF)
	if i.Certainty != Estimated || pageCount(i) != 9 {
		t.Errorf("%s, %v", asJSON(i), err)
	}
}

// TestRebuildIsBounded: a file of more objects than are held is given up.
func TestRebuildIsBounded(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	for n := range pdfRebuilt + 10 {
		fmt.Fprintf(&b, "%d 0 obj 1 endobj\n", n+1)
	}
	_, err := Examine(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), FormatPDF)
	if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTooMuch) {
		t.Errorf("%v", err)
	}
}

func TestNextMark(t *testing.T) {
	for text, want := range map[string]string{
		"12 0 obj":                      "0 12 8",
		"x 12 0 obj<<>>":                "2 12 8",
		"endobj12 0 obj":                "6 12 8",
		"endobj 3\r\n0\tobj":            "7 3 8",
		"obj 1 obj x0 obj":              "-1 0 0",
		"4 0obj":                        "0 4 6",
		"a trailer << >> 1 0 obj":       "2 -1 7",
		"endobj endobj":                 "-1 0 0",
		"12345678901 0 obj":             "-1 0 0",
		"-1 0 obj":                      "1 1 7",
		strings.Repeat(" ", 99) + "obj": "-1 0 0",
		"":                              "-1 0 0",
	} {
		at, n, length := nextMark([]byte(text))
		if got := fmt.Sprint(at, n, length); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzBrokenPDF(f *testing.F) {
	f.Add(pdfSpec{pages: 2, shift: 7}.updated())
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>2 0 obj<</Kids[3 0 R]/Count 1>>3 0 obj<</Type/Page>>trailer<</Root 1 0 R>>"))
	f.Fuzz(func(t *testing.T, file []byte) {
		m := &meteredReader{ctx: t.Context(), r: bytes.NewReader(file), left: 64 << 20}
		p := &pdfFile{src: m, blockReader: blockReader{r: m, size: int64(len(file))}, rows: blockReader{r: m, size: int64(len(file))}}
		tree, err := p.rebuiltTree()
		if pages, sure := tree.pageCount(); sure == Exact || err == nil && pages == 0 {
			t.Errorf("%d %s, %v", pages, sure, err)
		}
	})
}
