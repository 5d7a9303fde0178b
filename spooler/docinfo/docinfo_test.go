package docinfo

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// tapped writes the stream in pieces of n bytes.
func tapped(stream []byte, n int) Info {
	t := New()
	for len(stream) > 0 {
		k := min(n, len(stream))
		t.Write(stream[:k])
		stream = stream[k:]
	}
	return t.Info()
}

func TestFormatByContent(t *testing.T) {
	for name, c := range map[string]struct{ stream, want string }{
		"nothing":                 {"", ""},
		"pdf":                     {"%PDF-1.7\n", FormatPDF},
		"pdf after junk":          {strings.Repeat("j", 1023) + "%PDF-1.7\n", FormatPDF},
		"pdf too far after junk":  {strings.Repeat("j", 1024) + "%PDF-1.7\n", FormatText},
		"jpeg":                    {"\xff\xd8\xff\xe0\x00\x10JFIF", FormatJPEG},
		"png":                     {"\x89PNG\r\n\x1a\n\x00", FormatPNG},
		"pwg":                     {"RaS2PwgRaster\x00\x00", FormatPWG},
		"cups raster":             {"RaS2\x00\x00\x00\x00", ""},
		"urf":                     {"UNIRAST\x00\x00\x00\x00\x01", FormatURF},
		"postscript":              {"%!PS-Adobe-3.0\n", FormatPostScript},
		"postscript after ^D":     {"\x04%!PS-Adobe-3.0\n", FormatPostScript},
		"pcl":                     {"\x1bE\x1b&l26A", FormatPCL},
		"pcl xl":                  {") HP-PCL XL;2;0\n", FormatPCLXL},
		"pjl pcl":                 {"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bE", FormatPCL},
		"pjl pcl xl":              {"\x1b%-12345X@PJL SET COPIES=2\n@PJL enter language = pclxl\n) HP", FormatPCLXL},
		"pjl postscript":          {"@PJL ENTER LANGUAGE=POSTSCRIPT\n%!PS", FormatPostScript},
		"pjl of a label printer":  {"\x1b%-12345X@PJL ENTER LANGUAGE=ZPL\n^XA", ""},
		"pjl cut off":             {"\x1b%-12345X@PJL ENTER LANGUAGE=PCL", ""},
		"pjl that says too much":  {"\x1b%-12345X@PJL" + strings.Repeat(" ", 5000) + "\n@PJL ENTER LANGUAGE=PCL\n", ""},
		"pdf after a mark":        {"\ufeff%PDF-1.7\n", FormatPDF},
		"pdf after blank lines":   {"\r\n\r\n%PDF-1.7\n", FormatPDF},
		"pdf after uel":           {"\x1b%-12345X%PDF-1.7\n", FormatPDF},
		"pdf after pjl, unnamed":  {"\x1b%-12345X@PJL JOB\r\n@PJL SET COPIES=2\r\n%PDF-1.7\n", FormatPDF},
		"ps after a mark":         {"\ufeff%!PS-Adobe-3.0\n", FormatPostScript},
		"ps after blank lines":    {"\r\n\x04\n%!PS-Adobe-3.0\n", FormatPostScript},
		"ps after uel":            {"\x1b%-12345X\r\n%!PS-Adobe-3.0\n", FormatPostScript},
		"ps after pjl, unnamed":   {"\x1b%-12345X@PJL\n@PJL SET DUPLEX=ON\n\x04%!PS\n", FormatPostScript},
		"pcl after uel":           {"\x1b%-12345X\x1bEx", FormatPCL},
		"pcl xl after uel twice":  {"\x1b%-12345X\x1b%-12345X) HP-PCL XL;2;0\n", FormatPCLXL},
		"a jpeg after uel":        {"\x1b%-12345X\xff\xd8\xff\xe0", ""},
		"nothing after uel":       {"\x1b%-12345X\r\n\r\n", ""},
		"text after uel":          {"\x1b%-12345XDear all,\n", ""},
		"text that says so":       {"In 1984, %!PS was new.\n", FormatText},
		"text":                    {"Dear all,\n", FormatText},
		"a label":                 {"^XA^FO50,50^FDx^FS^XZ\n", ""},
		"binary":                  {"Dear all\x00\n", ""},
		"text for 4 KB, then not": {strings.Repeat("text\n", 1000) + "\x00", FormatText},
		"pclm":                    {"%PDF-1.3\n%PCLm 1.0\n", FormatPCLm},
		"tiff":                    {"II*\x00\x08\x00\x00\x00", FormatTIFF},
		"xps":                     {"PK\x03\x04\x14\x00\x00\x00 FixedDocumentSequence.fdseq", FormatXPS},
		"another package":         {"PK\x03\x04\x14\x00\x00\x00 word/document.xml", ""},
	} {
		for _, n := range []int{1, 7, 1 << 20} {
			if got := tapped([]byte(c.stream), n).Format; got != c.want {
				t.Errorf("%s in pieces of %d: %q, want %q", name, n, got, c.want)
			}
		}
	}
}

func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		pages  int // 0: unknown
	}{
		"none":                       {"<< /Type /Catalog >>", 0},
		"one":                        {"<< /Type /Page /Parent 2 0 R >>", 1},
		"no space":                   {"<</Type/Page>>", 1},
		"line breaks":                {"<<\r\n/Type\r\n/Page\r\n>>", 1},
		"much space":                 {"/Type" + strings.Repeat(" ", 10000) + "/Page ", 1},
		"the tree is no page":        {"<</Type/Pages/Count 3>>", 0},
		"a longer name":              {"<</Type/PageLabel>><</Type1/Page>>", 0},
		"type within type":           {"<</Type/Type/Page>>", 1},
		"slashes":                    {"//Type//Type /Page/", 1},
		"type in type, half":         {"/T/Ty/Typ/Type/P/Type/Pa/Type /Page>", 1},
		"three":                      {strings.Repeat("<</Type /Page>>\n", 3), 3},
		"page ends where next opens": {"/Type/Page/Type/Page>", 2},
		"cut off after the name":     {"<</Type/Page", 0},
	} {
		stream := []byte("%PDF-1.4\n" + c.stream)
		for _, n := range []int{1, 2, 3, 5, 1 << 20} {
			got := tapped(stream, n)
			switch {
			case c.pages == 0 && (got.Pages != nil || got.Certainty != Unknown):
				t.Errorf("%s in pieces of %d: %v, %s", name, n, got.Pages, got.Certainty)
			case c.pages > 0 && (got.Pages == nil || *got.Pages != c.pages || got.Certainty != Estimated):
				t.Errorf("%s in pieces of %d: %v, %s, want %d", name, n, got.Pages, got.Certainty, c.pages)
			}
		}
	}
}

func TestJPEGIsOnePage(t *testing.T) {
	got := tapped([]byte("\xff\xd8\xff\xdb /Type/Page /Type/Page "), 3)
	if got.Pages == nil || *got.Pages != 1 || got.Certainty != Exact {
		t.Errorf("%v, %s", got.Pages, got.Certainty)
	}
}

// plainCount counts as pageCounter does, at leisure.
func plainCount(s []byte) (n int) {
	for i := range s {
		rest, ok := bytes.CutPrefix(s[i:], []byte(typeName))
		if !ok {
			continue
		}
		for len(rest) > 0 && isSpace(rest[0]) {
			rest = rest[1:]
		}
		rest, ok = bytes.CutPrefix(rest, []byte(pageName))
		if ok && len(rest) > 0 && !isRegular(rest[0]) {
			n++
		}
	}
	return n
}

func FuzzTap(f *testing.F) {
	f.Add([]byte("%PDF-1.4 <</Type /Page>> /Type/Type/Page/"), uint64(1))
	f.Add([]byte("\x1b%-12345X@PJL ENTER LANGUAGE=PDF\n%PDF-1.4 /Type\x00/Page("), uint64(2))
	f.Add([]byte("\xff\xd8\xff\xe0"), uint64(3))
	f.Add([]byte("/Typ/Type /Pag/Type/Pages /Type /Page%"), uint64(4))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		whole := tapped(stream, len(stream)+1)
		pieces, r := New(), rand.New(rand.NewPCG(seed, 0))
		for rest := stream; len(rest) > 0; {
			k := 1 + r.IntN(len(rest))
			if n, err := pieces.Write(rest[:k]); n != k || err != nil {
				t.Fatalf("%d of %d bytes taken, %v", n, k, err)
			}
			rest = rest[k:]
		}
		got := pieces.Info()
		if !same(got, whole) {
			t.Errorf("in pieces %+v, whole %+v", got, whole)
		}
		if want := plainCount(stream); whole.Format == FormatPDF && pageCount(got) != want {
			t.Errorf("%d pages, want %d", pageCount(got), want)
		}
	})
}

// same compares what pointers point to.
func same(a, b Info) bool { return asJSON(a) == asJSON(b) }

func asJSON(i Info) string {
	b, err := json.Marshal(i)
	if err != nil {
		panic(err) // of numbers and strings
	}
	return string(b)
}

func unmarshal(t *testing.T, s string, i *Info) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), i); err != nil {
		t.Fatal(err)
	}
}

func pageCount(i Info) int {
	if i.Pages == nil {
		return 0
	}
	return *i.Pages
}

// BenchmarkPDF runs a stream with a page in every 30 KB, the rest of it like
// compressed content.
func BenchmarkPDF(b *testing.B) {
	stream := make([]byte, 1<<20)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(stream)
	copy(stream, "%PDF-1.7\n")
	for i := 30 << 10; i < len(stream)-64; i += 30 << 10 {
		copy(stream[i:], "endstream endobj 7 0 obj <</Type/Page/Parent 2 0 R>> ")
	}
	b.SetBytes(int64(len(stream)))
	for b.Loop() {
		New().Write(stream)
	}
}

func TestMemoryDoesNotGrow(t *testing.T) {
	chunk := bytes.Repeat([]byte("/Type /Pages stuff "), 4096)
	tap := New()
	tap.Write([]byte("%PDF-1.7\n"))
	if n := testing.AllocsPerRun(100, func() { tap.Write(chunk) }); n != 0 {
		t.Errorf("%v allocations for each piece", n)
	}
}
