package docinfo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// say returns the main fields of an Info in one line.
func say(i Info) string {
	return fmt.Sprintf("%d %s, %s, %s, copies %d, %s, %q, %q", pageCount(i), i.Certainty, i.Color, i.Sides, i.Copies, i.Media, i.Title, i.Application)
}

const (
	pcl1  = "\x1bE\x1b&l26A\x1b&l1S\x1b&l3Xpage\f\x1b*r1A\x1b*b4W\f\f\f\f\x1b*rB"
	dsc1  = "%!PS-Adobe-3.0\n%%Title: (Two \\(2\\) pages)\n%%Creator: maker\n%%DocumentMedia: A4 595 842 0 () ()\n%%Pages: 2\n%%EndComments\n"
	pages = "%%Page: 1 1\nshowpage\n%%Page: 2 2\nshowpage\n"
	exit  = "\x1b%-12345X"
)

func TestStreams(t *testing.T) {
	xl := ") HP-PCL XL;2;0\n" + "\xc0\x02\xf8\x25\xc0\x01\xf8\x35\x43" + "\xc8\xc1\x03\x00\xff\x00\x00\xf8\x0b\x63" + "\xc1\x05\x00\xf8\x31\x44"
	for name, c := range map[string]struct{ stream, want string }{
		"pcl, binary gone over": {pcl1 + "\x1bE",
			`2 exact, monochrome, two-sided-long-edge, copies 3, iso_a4_210x297mm, "", ""`},
		"pcl without its end": {pcl1,
			`2 estimated, monochrome, two-sided-long-edge, copies 3, iso_a4_210x297mm, "", ""`},
		"pcl, raster in one sequence": {"\x1bE\x1b*b2w\f\f3W\f\f\f\f\x1bE",
			`1 exact, monochrome, , copies 0, , "", ""`},
		"pcl, nothing on it": {"\x1bE\x1bE\x1bE",
			`0 unknown, monochrome, , copies 0, , "", ""`},
		"pcl, the size ends a page": {"\x1bEone\x1b&l2Atwo\x1b&l0Hthree\f\x1b&l0H\x1bE",
			`3 exact, monochrome, , copies 0, , "", ""`},
		"pcl, a macro": {"\x1bE\x1b&f0X\f\f\f\x1b&f1X\x1b&f2X\f\x1bE",
			`1 estimated, monochrome, , copies 0, , "", ""`},
		"pcl, hp-gl/2": {"\x1bE\x1b%0BIN;SP1;PA\f\x1b%0A\f\x1bE",
			`1 estimated, monochrome, , copies 0, , "", ""`},
		"pcl, in color": {"\x1bE\x1b*r-3Ux\f\x1bE",
			`1 exact, color, , copies 0, , "", ""`},
		"pcl, text running over": {"\x1bE" + strings.Repeat("line\r\n", 61) + "\f\x1bE",
			`2 estimated, monochrome, , copies 0, , "", ""`},
		"pcl, no sequence": {"\x1bE\x1b&l\x1b&lXa\f\x1b(s\x1bE",
			`1 estimated, monochrome, , copies 0, , "", ""`},
		"pjl around two languages": {exit + "@PJL JOB NAME=\"a \x07title\"\r\n@PJL SET DUPLEX = ON BINDING=SHORTEDGE\r\n@PJL SET QTY=4\n@PJL ENTER LANGUAGE=PCL\r\n\x1bEa\f\x1bE" +
			exit + "@PJL ENTER LANGUAGE=POSTSCRIPT\n" + dsc1 + pages + exit + "@PJL EOJ\n" + exit,
			`3 exact, monochrome, two-sided-short-edge, copies 4, iso_a4_210x297mm, "a title", "maker"`},
		"pjl without a language": {exit + "@PJL SET COPIES=2\n@PJL ENTER LANGUAGE=PCL\n" + exit + "\x1bEa\f\x1bE" + exit,
			`1 exact, monochrome, , copies 2, , "", ""`},
		"pjl copies of copies": {exit + "@PJL SET COPIES=2 QTY=3\n@PJL ENTER LANGUAGE=PCL\n\x1bEa\f\x1bE" + exit,
			`1 exact, monochrome, , copies 6, , "", ""`},
		"pjl copies, and one in the language": {exit + "@PJL SET QTY=3\n@PJL ENTER LANGUAGE=PCL\n\x1bE\x1b&l1Xa\f\x1bE" + exit,
			`1 exact, monochrome, , copies 3, , "", ""`},
		"pjl copies, replaced by the language": {exit + "@PJL SET COPIES=3\n@PJL ENTER LANGUAGE=PCL\n\x1bE\x1b&l1Xa\f\x1bE" + exit,
			`1 exact, monochrome, , copies 1, , "", ""`},
		"pjl one copy": {exit + "@PJL SET DUPLEX=OFF\n@PJL SET QTY = 1\n@PJL ENTER LANGUAGE=PCL\n\x1bEa\f\x1bE" + exit,
			`1 exact, monochrome, one-sided, copies 1, , "", ""`},
		"pjl copies undone by a job": {exit + "@PJL SET QTY=3\n@PJL JOB\n@PJL ENTER LANGUAGE=PCL\n\x1bEa\f\x1bE" + exit,
			`1 exact, monochrome, , copies 0, , "", ""`},
		"pjl copies undone by a reset": {exit + "@PJL SET QTY=3\n@PJL RESET\n@PJL ENTER LANGUAGE=PCL\n\x1bEa\f\x1bE" + exit,
			`1 exact, monochrome, , copies 0, , "", ""`},
		"pjl copies for later": {exit + "@PJL DEFAULT QTY=3\n@PJL ENTER LANGUAGE=PCL\n\x1bEa\f\x1bE" + exit,
			`1 exact, monochrome, , copies 0, , "", ""`},
		"postscript, copies in a dictionary": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\nuserdict /#copies 3 put\nshowpage\n%%EOF\n",
			`1 exact, unknown, , copies 3, , "", ""`},
		"postscript, copies on the next line": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\n<</NumCopies\n\n 3>> setpagedevice\nshowpage\n%%EOF\n",
			`1 exact, unknown, , copies 3, , "", ""`},
		"postscript, copies one": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\n<< /Duplex true /NumCopies 1 >> setpagedevice\nshowpage\n%%EOF\n",
			`1 exact, unknown, , copies 1, , "", ""`},
		"postscript, copies with a tab": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\n/#copies\t3 def\nshowpage\n%%EOF\n",
			`1 exact, unknown, , copies 3, , "", ""`},
		"postscript, copies after code": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\nsave  statusdict begin /#copies 3 def end\nshowpage\n%%EOF\n",
			`1 exact, unknown, , copies 3, , "", ""`},
		"postscript, copies that are asked for": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\ncurrentpagedevice /NumCopies get\n3 eq\nshowpage\n%%EOF\n",
			`1 exact, unknown, , copies 0, , "", ""`},
		"postscript, copies of another name": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\n/NumCopiesMax 3 def\nshowpage\n%%EOF\n",
			`1 exact, unknown, , copies 0, , "", ""`},
		"postscript, copies of the default": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\n<</NumCopies null>> setpagedevice\nshowpage\n%%EOF\n",
			`1 exact, unknown, , copies 0, , "", ""`},
		"postscript, copies in a string of data": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\n(x\n3) pop\nshowpage\n%%EOF\n",
			`1 exact, unknown, , copies 0, , "", ""`},
		"pjl with a language not read": {exit + "@PJL ENTER LANGUAGE=PCL\n\x1bEa\f\x1bE" + exit + "@PJL ENTER LANGUAGE=ZPL\n\f\f" + exit,
			`0 unknown, monochrome, , copies 0, , "", ""`},
		"pjl around a pdf": {exit + "@PJL SET DUPLEX=ON QTY=3\r\n@PJL ENTER LANGUAGE=PDF\r\n%PDF-1.4\n@PJL SET QTY=9\n%%EOF\n",
			`0 unknown, unknown, two-sided-long-edge, copies 3, , "", ""`},
		"a pdf with pjl in it": {"%PDF-1.4\n" + exit + "@PJL SET QTY=9\r\n%%EOF\n",
			`0 unknown, unknown, , copies 0, , "", ""`},
		"pjl, without color": {exit + "@PJL SET RENDERMODE=GRAYSCALE\n@PJL ENTER LANGUAGE=PCLXL\n" + xl + "B" + exit,
			`1 exact, monochrome, two-sided-long-edge, copies 5, iso_a4_210x297mm, "", ""`},
		"pcl xl": {xl + exit,
			`1 exact, color, two-sided-long-edge, copies 5, iso_a4_210x297mm, "", ""`},
		"pcl xl, a page open": {xl + "C",
			`2 estimated, color, two-sided-long-edge, copies 5, iso_a4_210x297mm, "", ""`},
		"pcl xl, embedded data": {xl + "\xfa\x04\x00\x00\x00CCCC\xfb\x02CC" + "\xc8\xc1\x80\x00" + strings.Repeat("C", 128) + exit,
			`1 exact, color, two-sided-long-edge, copies 5, iso_a4_210x297mm, "", ""`},
		"pcl xl, most significant byte first": {"( HP-PCL XL;2;0\nC\xc1\x00\x05\xf8\x31D",
			`1 exact, monochrome, , copies 5, , "", ""`},
		"pcl xl, no token": {xl + "\x01CDCDCD" + exit,
			`1 estimated, color, two-sided-long-edge, copies 5, iso_a4_210x297mm, "", ""`},
		"dsc": {dsc1 + pages,
			`2 exact, unknown, , copies 0, iso_a4_210x297mm, "Two (2) pages", "maker"`},
		"dsc, at the end": {"%!PS-Adobe-3.0\r%%Pages: (atend)\r" + strings.ReplaceAll(pages, "\n", "\r") + "%%Trailer\r%%Pages: 2\r%%EOF\r ",
			`2 exact, unknown, , copies 0, , "", ""`},
		"dsc that does not agree": {dsc1 + pages + "%%Page: 3 3\n",
			`3 estimated, unknown, , copies 0, iso_a4_210x297mm, "Two (2) pages", "maker"`},
		"dsc, pages repeated for copies": {"%!PS-Adobe-3.0\n%%Pages: 2\n" + pages + pages + pages,
			`2 estimated, unknown, , copies 3, , "", ""`},
		"dsc, data and documents within": {"%!PS-Adobe-3.0\n%%Pages: 1\n%%Page: 1 1\n%%BeginData: 12 Hex Bytes\n%%Page: 7 7\n%%EndData\n%%BeginBinary: 12\r\n%%Page: 8 8\n%%EndBinary\n" +
			"%%BeginData: 2 ASCII Lines\n%%Page: 5 5\nx\n%%EndData\n%%BeginDocument: x\n%%Pages: 9\n%%Page: 9 9\n%%EndDocument\n",
			`1 exact, unknown, , copies 0, , "", ""`},
		"dsc, settings": {"%!PS-Adobe-3.0\n%%Requirements: duplex(tumble) numcopies(4)\n%%DocumentProcessColors: Black\n%%BeginFeature: *PageSize Letter\n" + pages + "%%Pages: 2\n",
			`2 exact, monochrome, two-sided-short-edge, copies 4, na_letter_8.5x11in, "", ""`},
		"postscript without comments": {"%!\n/#copies 3 def\nshowpage\n",
			`0 unknown, unknown, , copies 3, , "", ""`},
		"text": {"a\n\fb\f" + strings.Repeat("line\n", 61),
			`4 estimated, monochrome, , copies 0, , "", ""`},
	} {
		for _, n := range []int{1, 2, 5, 13, 1 << 20} {
			if got := say(tapped([]byte(c.stream), n)); got != c.want {
				t.Errorf("%s in pieces of %d:\n got %s\nwant %s", name, n, got, c.want)
			}
		}
	}
}

// pwgPage returns a page of so many pixels with the given bytes.
func pwgPage(width, height, space int, pixels []byte) []byte {
	h := make([]byte, pwgHeader)
	copy(h, "PwgRaster\x00")
	bits := map[int]int{18: 8, 19: 24, 6: 32}[space]
	for at, v := range map[int]int{272: 1, 340: 2, 352: 612, 356: 792, 372: width, 376: height, 384: 8, 388: bits, 392: width * bits / 8, 400: space} {
		binary.BigEndian.PutUint32(h[at:], uint32(v))
	}
	for line := range bytes.SplitSeq(pixels, []byte("|")) {
		h = append(h, line...)
	}
	return h
}

func TestPWGLines(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"as they are":      {string(pwgPage(2, 2, 19, []byte("\x00\xff\x01\x01\x01\x02\x02\x02|\x00\xff\x03\x03\x03\x04\x04\x04"))), "exact, monochrome"},
		"one is colored":   {string(pwgPage(2, 1, 19, []byte("\x00\xff\x01\x01\x01\x02\x02\x03"))), "exact, color"},
		"a run of color":   {string(pwgPage(2, 2, 19, []byte("\x01\x01\x01\x01\x00"))), "exact, color"},
		"rest white":       {string(pwgPage(200, 3, 19, []byte("\x02\x00\x05\x05\x05\x80"))), "exact, monochrome"},
		"black of inks":    {string(pwgPage(2, 1, 6, []byte("\x00\x01\x00\x00\x00\xff"))), "exact, monochrome"},
		"ink":              {string(pwgPage(2, 1, 6, []byte("\x00\x01\x00\x01\x00\xff"))), "exact, color"},
		"cut off":          {string(pwgPage(2, 2, 18, []byte("\x00\x01\x00"))), "estimated, monochrome"},
		"run too long":     {string(pwgPage(2, 1, 18, []byte("\x00\x05\x00"))), "estimated, monochrome"},
		"repeats too long": {string(pwgPage(2, 1, 18, []byte("\x05\x01\x00"))), "estimated, monochrome"},
		"no header after":  {string(pwgPage(2, 1, 18, []byte("\x00\x01\x00"))) + strings.Repeat("x", pwgHeader), "estimated, monochrome"},
	} {
		want := "1 " + c.want + `, two-sided-long-edge, copies 2, na_letter_8.5x11in, "", ""`
		for _, n := range []int{1, 3, 1 << 20} {
			if got := say(tapped([]byte("RaS2"+c.page), n)); got != want {
				t.Errorf("%s in pieces of %d:\n got %s\nwant %s", name, n, got, want)
			}
		}
	}
}

func TestURFLines(t *testing.T) {
	h := make([]byte, 32)
	copy(h, "\x18\x01\x03")
	binary.BigEndian.PutUint32(h[12:], 2)
	binary.BigEndian.PutUint32(h[16:], 1)
	page := string(h) + "\x00\x01\x01\x02\x03"
	got := say(tapped([]byte("UNIRAST\x00\x00\x00\x00\x63"+page+page), 7))
	if want := `2 exact, color, two-sided-long-edge, copies 0, , "", ""`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestNamesAreClean(t *testing.T) {
	for raw, want := range map[string]string{
		"  a\x00b\x1b[31m\u202e c\n": "ab[31m c",
		"caf\xe9":                    "café",
		strings.Repeat("é", 200):     strings.Repeat("é", 127),
		strings.Repeat("é", 600):     strings.Repeat("é", 127),
		strings.Repeat("x", 5000):    strings.Repeat("x", 255),
		"\xff\xfe":                   "ÿþ",
	} {
		if got := cleanName([]byte(raw)); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

// TestStoredBefore: data from before Info grew is read, and joined with new.
func TestStoredBefore(t *testing.T) {
	var old Info
	unmarshal(t, `{"Format":"application/pdf","Pages":3,"Certainty":"estimated"}`, &old)
	if got := say(Info{Color: InColor, Sides: TwoSidedLongEdge}.Or(old)); got != `3 estimated, color, two-sided-long-edge, copies 0, , "", ""` {
		t.Error(got)
	}
	if got := asJSON(Info{}.Or(old)); got != `{"Format":"application/pdf","Pages":3,"Certainty":"estimated","Color":"unknown"}` {
		t.Error(got)
	}
}

func BenchmarkPWG(b *testing.B) {
	b.Run("mixed", func(b *testing.B) { // a run of 15, then 16 as they are
		benchmarkPWG(b, 31, append([]byte{14, 9, 9, 9, 257 - 16}, bytes.Repeat([]byte{7}, 48)...))
	})
	b.Run("runs", func(b *testing.B) { benchmarkPWG(b, 2, []byte{1, 9, 9, 9}) })
}

// benchmarkPWG has lines of a piece of so many pixels, again and again.
func benchmarkPWG(b *testing.B, pixels int, piece []byte) {
	const height = 1000
	width := 80 * pixels
	line := append([]byte{0}, bytes.Repeat(piece, 80)...)
	stream := append([]byte("RaS2"), pwgPage(width, height, 19, bytes.Repeat(line, height))...)
	b.SetBytes(int64(len(stream)))
	for b.Loop() {
		t := New()
		for rest := stream; len(rest) > 0; {
			n := min(len(rest), 32<<10)
			t.Write(rest[:n])
			rest = rest[n:]
		}
		if i := t.Info(); i.Certainty != Exact || i.Color != InMonochrome {
			b.Fatal(asJSON(i))
		}
	}
}
