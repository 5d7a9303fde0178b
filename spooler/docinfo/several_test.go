package docinfo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	imagejpeg "image/jpeg"
	"slices"
	"strings"
	"testing"
)

// urfPage returns a page of white lines, 64 pixels wide.
func urfPage(bits, space byte) string {
	h := make([]byte, urfHeader)
	h[0], h[1], h[2] = bits, space, 1
	binary.BigEndian.PutUint32(h[12:], 64)
	binary.BigEndian.PutUint32(h[16:], 20)
	binary.BigEndian.PutUint32(h[20:], 100)
	return string(h) + "\x13\x3f" + strings.Repeat("\xff", int(bits)/8)
}

func urf(said uint32, pages ...string) string {
	return "UNIRAST\x00" + string(binary.BigEndian.AppendUint32(nil, said)) + strings.Join(pages, "")
}

// pwgSays returns a page whose header gives that number of pages for the
// document.
func pwgSays(total uint32, copies uint32) string {
	p := pwgPage(2, 1, 18, []byte("\x00\x01\x00"))
	binary.BigEndian.PutUint32(p[452:], total)
	binary.BigEndian.PutUint32(p[340:], copies)
	return string(p)
}

func TestRasters(t *testing.T) {
	page, gray, rgb := pwgSays(0, 1), urfPage(8, 0), urfPage(24, 1)
	for name, c := range map[string]struct {
		stream string
		pages  int
		sure   Certainty
		files  int
	}{
		"pwg":                            {"RaS2" + page + page + page, 3, Exact, 0},
		"pwg whose header lies":          {"RaS2" + pwgSays(99, 1) + pwgSays(0xffffffff, 1), 2, Exact, 0},
		"pwg, two files":                 {"RaS2" + page + page + page + "RaS2" + page + page, 5, Exact, 2},
		"pwg, three files":               {strings.Repeat("RaS2"+page, 3), 3, Exact, 3},
		"pwg, zeros after":               {"RaS2" + page + page + strings.Repeat("\x00", 5000), 2, Exact, 0},
		"pwg, a zero after":              {"RaS2" + page + "\x00", 1, Exact, 0},
		"pwg, zeros and something":       {"RaS2" + page + "\x00\x00x", 1, Estimated, 0},
		"pwg, zeros between two files":   {"RaS2" + page + "\x00\x00RaS2" + page, 1, Estimated, 0},
		"pwg, a file of no page":         {"RaS2" + page + "RaS2", 1, Estimated, 2},
		"pwg, cut in the head of a file": {"RaS2" + page + "RaS", 1, Estimated, 0},
		"pwg, cut in a line":             {("RaS2" + page + page)[:2*len(page)+2], 2, Estimated, 0},
		"pwg, cut in a header":           {("RaS2" + page + page)[:len(page)+700], 2, Estimated, 0},
		"pwg, another file after":        {"RaS2" + page + "%PDF-1.4\n" + strings.Repeat("x", 4000), 1, Estimated, 0},
		"urf":                            {urf(3, gray, gray, gray), 3, Exact, 0},
		"urf that says none":             {urf(0, gray, gray), 2, Exact, 0},
		"urf that says all there is":     {urf(0xffffffff, gray, rgb), 2, Exact, 0},
		"urf that says fewer":            {urf(1, gray, gray, gray), 3, Exact, 0},
		"urf, two files":                 {urf(3, gray, gray, gray) + urf(2, rgb, rgb), 5, Exact, 2},
		"urf, zeros after":               {urf(1, gray) + strings.Repeat("\x00", 64), 1, Exact, 0},
		"urf, no page":                   {urf(9), 0, Unknown, 0},
		"urf, a page of nothing":         {urf(1, gray, strings.Repeat("\x08", urfHeader-4)+"\x00\x00\x00\x00"), 1, Estimated, 0},
		"urf, another file after":        {urf(1, gray) + "RaS2" + page, 1, Estimated, 0},
	} {
		for _, n := range []int{1, 7, 1796, 1 << 20} {
			i := tapped([]byte(c.stream), n)
			if pageCount(i) != c.pages || i.Certainty != c.sure || i.Files != c.files {
				t.Errorf("%s in pieces of %d: %s", name, n, asJSON(i))
			}
		}
	}
}

// photo returns a JPEG as an encoder makes it.
func photo(t testing.TB, gray bool) string {
	t.Helper()
	var b bytes.Buffer
	var i image.Image = image.NewGray(image.Rect(0, 0, 40, 30))
	if !gray {
		c := image.NewRGBA(image.Rect(0, 0, 40, 30))
		for x := range 40 * 30 {
			c.Set(x%40, x/40, color.RGBA{uint8(x * 7), uint8(x * 3), uint8(x), 255})
		}
		i = c
	}
	if err := imagejpeg.Encode(&b, i, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// segment returns one segment of a JPEG.
func segment(marker byte, data string) string {
	return string(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2))) + data
}

func TestJPEGs(t *testing.T) {
	one, gray := photo(t, false), photo(t, true)
	with := func(jpeg, more string) string { return jpeg[:2] + more + jpeg[2:] }
	for name, c := range map[string]struct {
		stream string
		want   string
	}{
		"one":                         {one, "1 exact color 0"},
		"gray":                        {gray, "1 exact monochrome 0"},
		"two":                         {one + one, "2 estimated color 2"},
		"gray and color":              {gray + one, "2 estimated color 2"},
		"three, lines between":        {gray + "\r\n" + gray + "\x00\x00" + gray, "3 estimated monochrome 3"},
		"a small one within":          {with(one, segment(0xe1, "Exif\x00\x00"+gray)), "1 exact color 0"},
		"a picture of several":        {with(one, segment(0xe2, mpfMagic+"and so on")) + one + one, "1 exact color 0"},
		"a profile":                   {with(one, segment(0xe2, "ICC_PROFILE\x00")) + one, "2 estimated color 2"},
		"a film after":                {one + "\x00\x00\x00\x18ftypmp42" + one, "1 exact color 0"},
		"cut off":                     {one[:len(one)-2], "1 exact color 0"},
		"the second cut off":          {one + one[:len(one)-2], "1 exact color 0"},
		"fill before the end":         {one[:len(one)-2] + "\xff\xff\xff\xd9", "1 exact color 0"},
		"restart markers in the data": {one[:len(one)-2] + "\xff\x00\xff\xd0\xff\xd7\xff\xd9" + one, "2 estimated color 2"},
		"junk after":                  {one + "\xff\x00junk", "1 exact color 0"},
	} {
		for _, n := range []int{1, 3, 4096, 1 << 20} {
			i := tapped([]byte(c.stream), n)
			if got := fmt.Sprintf("%d %s %s %d", pageCount(i), i.Certainty, i.Color, i.Files); got != c.want {
				t.Errorf("%s in pieces of %d: %s, want %s", name, n, got, c.want)
			}
		}
	}
}

func TestPostScriptPages(t *testing.T) {
	ps := func(said int, body string) string {
		return fmt.Sprintf("%%!PS-Adobe-3.0\n%%%%Pages: %d\n%%%%EndComments\n/s{showpage}def\n%s%%%%Trailer\n%%%%EOF\n", said, body)
	}
	page := func(n int, code string) string { return fmt.Sprintf("%%%%Page: %d %d\n%s\n", n, n, code) }
	two := page(1, "showpage") + page(2, "showpage")
	for name, c := range map[string]struct {
		stream string
		want   string
	}{
		"rising":                       {ps(2, two), "2 exact, copies 0, files 0"},
		"a selection":                  {ps(2, page(4, "s")+page(7, "s")), "2 exact, copies 0, files 0"},
		"the last page first":          {ps(3, page(3, "s")+page(2, "s")+page(1, "s")), "3 exact, copies 0, files 0"},
		"the last page first, twice":   {ps(2, page(2, "s")+page(1, "s")+page(2, "s")+page(1, "s")), "2 estimated, copies 2, files 0"},
		"pages repeated":               {ps(2, two+two), "2 estimated, copies 2, files 0"},
		"fewer than it says":           {ps(3, two), "2 estimated, copies 0, files 0"},
		"more than it says":            {ps(1, two), "2 estimated, copies 0, files 0"},
		"says too many":                {ps(2147483647, ""), "0 unknown, copies 0, files 0"},
		"says only":                    {ps(12, "s s s\n"), "12 estimated, copies 0, files 0"},
		"shown twice in a page":        {ps(1, page(1, "a showpage b showpage")), "1 estimated, copies 0, files 0"},
		"shown twice, on two lines":    {ps(1, page(1, "showpage\nshowpage")), "1 estimated, copies 0, files 0"},
		"shown in a loop":              {ps(1, page(1, "1 1 5 {pop (x) show showpage } for")), "1 estimated, copies 0, files 0"},
		"shown in a procedure":         {ps(2, page(1, "/p {showpage} def p p")+page(2, "p")), "2 estimated, copies 0, files 0"},
		"shown by a name":              {ps(1, page(1, "/showpages 3 def")), "1 exact, copies 0, files 0"},
		"an illustration":              {strings.Replace(ps(1, page(1, "showpage")), "3.0\n", "3.0 EPSF-3.0\n", 1), "1 estimated, copies 0, files 0"},
		"a line that is long":          {ps(1, page(1, strings.Repeat("0 ", 5000)+"showpage")), "1 exact, copies 0, files 0"},
		"two files":                    {ps(2, two) + ps(1, page(1, "showpage")), "3 exact, copies 0, files 2"},
		"two equal files":              {ps(2, two) + "\x04" + ps(2, two), "4 exact, copies 0, files 2"},
		"two files, one of them odd":   {ps(3, two) + ps(1, page(1, "s")), "3 estimated, copies 0, files 2"},
		"two files, one not to count":  {ps(2, two) + "%!\nshowpage\n", "2 estimated, copies 0, files 2"},
		"a file within":                {ps(1, page(1, "%%BeginDocument: x\n"+ps(9, two+two)+"%%EndDocument\nshowpage")), "1 exact, copies 0, files 0"},
		"data that is cut off":         {"%!PS-Adobe-3.0\n%%Pages: 1\n%%Page: 1 1\n%%BeginData: 999 Hex Bytes\n00", "1 estimated, copies 0, files 0"},
		"a mark before the first line": {"\ufeff" + ps(2, two), "2 estimated, copies 0, files 0"},
		"blank lines before":           {"\r\n\r\n" + ps(2, two), "2 exact, copies 0, files 0"},
	} {
		for _, n := range []int{1, 5, 13, 1 << 20} {
			i := tapped([]byte(c.stream), n)
			if got := fmt.Sprintf("%d %s, copies %d, files %d", pageCount(i), i.Certainty, i.Copies, i.Files); got != c.want {
				t.Errorf("%s in pieces of %d: %s, want %s", name, n, got, c.want)
			}
		}
	}
}

// attached has a stream of that data in it.
func attached(data []byte) []byte {
	return pdfSpec{pages: 1, objects: map[int]string{4: fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(data), data)}}.file()
}

func TestSplit(t *testing.T) {
	one, two, up := pdfSpec{pages: 1}.file(), pdfSpec{pages: 2}.file(), pdfSpec{pages: 3}.updated()
	streams := inStreams().Bytes()
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, c := range map[string]struct {
		doc  []byte
		want []int // sizes
		err  error
	}{
		"one":                        {one, nil, nil},
		"nothing":                    {nil, nil, nil},
		"one with an update":         {up, nil, nil},
		"two":                        {join(two, one), []int{len(two), len(one)}, nil},
		"two equal ones":             {join(one, one), []int{len(one), len(one)}, nil},
		"with updates":               {join(up, up, one), []int{len(up), len(up), len(one)}, nil},
		"with streams":               {join(streams, one, streams), []int{len(streams), len(one), len(streams)}, nil},
		"with space between":         {join(one, []byte("\r\n \x00\n"), two), []int{len(one) + 5, len(two)}, nil},
		"with zeros after":           {join(one, two, make([]byte, 3000)), []int{len(one), len(two) + 3000}, nil},
		"one within":                 {attached(one), nil, nil},
		"two within":                 {attached(join(one, two)), nil, nil},
		"two within, and another":    {join(attached(join(one, two)), one), []int{len(attached(join(one, two))), len(one)}, nil},
		"another, and two within":    {join(one, attached(join(one, two))), []int{len(one), len(attached(join(one, two)))}, nil},
		"the second is cut off":      {join(one, two[:len(two)-30]), nil, ErrDamaged},
		"the first is cut off":       {join(two[:len(two)-30], []byte("%%EOF\n"), one), nil, ErrDamaged},
		"the first has wrong places": {join(pdfSpec{pages: 1, shift: 9}.file(), one), nil, ErrDamaged},
		"a header after":             {join(one, []byte("%PDF-1.4\n")), nil, ErrDamaged},
		"far too many":               {bytes.Repeat(one, splitMax+1), nil, ErrTooMuch},
		"many":                       {bytes.Repeat(one, splitMax), slices.Repeat([]int{len(one)}, splitMax), nil},
		"over many blocks":           {join(attached(make([]byte, 200_000)), one), []int{len(attached(make([]byte, 200_000))), len(one)}, nil},
	} {
		got, err := Split(t.Context(), bytes.NewReader(c.doc), int64(len(c.doc)))
		var sizes []int
		at := int64(0)
		for _, r := range got {
			if r.At != at {
				t.Errorf("%s: a part begins at %d, not at %d", name, r.At, at)
			}
			at += r.Size
			sizes = append(sizes, int(r.Size))
		}
		if !slices.Equal(sizes, c.want) || !errors.Is(err, c.err) || err != nil && c.err == nil {
			t.Errorf("%s: %v, %v, want %v", name, sizes, err, c.want)
		}
		if tap := tapped(c.doc, 7); c.want != nil && tap.Files < 2 {
			t.Errorf("%s: the tap saw %d files", name, tap.Files)
		}
	}
}

func TestSplitFails(t *testing.T) {
	doc := bytes.Repeat(pdfSpec{pages: 1}.file(), 2)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := Split(canceled, bytes.NewReader(doc), int64(len(doc))); got != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", got, err)
	}
	broken := errors.New("the disk is gone")
	if got, err := Split(t.Context(), failing{broken}, 1000); got != nil || !errors.Is(err, broken) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAfter(t *testing.T) {
	tapped := Info{Format: FormatPDF, Pages: new(7), Certainty: Estimated, Title: "t"}
	for name, c := range map[string]struct {
		tapped, examined Info
		err              error
		want             string
	}{
		"counted":               {tapped, Info{Pages: new(3), Certainty: Exact}, nil, "3 exact"},
		"too much":              {tapped, Info{}, ErrTooMuch, "7 estimated"},
		"damaged":               {tapped, Info{}, fmt.Errorf("no tree: %w", ErrDamaged), "0 unknown"},
		"damaged, counted":      {tapped, Info{Pages: new(3), Certainty: Estimated}, ErrDamaged, "3 estimated"},
		"several files":         {Info{Files: 2}, Info{Pages: new(3), Certainty: Exact}, nil, "3 estimated"},
		"several files, hidden": {Info{Files: 2}, Info{}, nil, "0 unknown"},
	} {
		i := MergeExamined(c.tapped, c.examined, c.err)
		if got := fmt.Sprintf("%d %s", pageCount(i), i.Certainty); got != c.want || i.Title != c.tapped.Title {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// FuzzPair: what is counted does not depend on the pieces, and is what a plain
// search counts.
func FuzzPair(f *testing.F) {
	f.Add([]byte("%%EOF\n%PDF-"), byte(3))
	f.Add([]byte("%%%EOF%%EOF\r\n\x00%%EOF %PDF-%PDF-"), byte(1))
	f.Fuzz(func(t *testing.T, stream []byte, n byte) {
		whole, pieces := pairCounter{first: pdfEnd, second: pdfBegin}, pairCounter{first: pdfEnd, second: pdfBegin}
		whole.scanAll(stream)
		for piece := range slices.Chunk(stream, 1+int(n)) {
			pieces.scanAll(piece)
		}
		want := 0
		for i := range stream {
			if rest, ok := bytes.CutPrefix(stream[i:], []byte(pdfEnd)); ok && bytes.HasPrefix(bytes.TrimLeft(rest, "\x00\t\n\f\r "), []byte(pdfBegin)) {
				want++
			}
		}
		if whole.n != want || pieces.n != want {
			t.Errorf("%d whole, %d in pieces, want %d", whole.n, pieces.n, want)
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add(bytes.Repeat(pdfSpec{pages: 1}.file(), 2))
	f.Add(attached(pdfSpec{pages: 1}.file()))
	f.Fuzz(func(t *testing.T, doc []byte) {
		parts, err := Split(t.Context(), bytes.NewReader(doc), int64(len(doc)))
		at := int64(0)
		for _, p := range parts {
			if p.At != at || p.Size <= 0 {
				t.Errorf("%+v", parts)
			}
			at += p.Size
		}
		if parts != nil && (len(parts) < 2 || at != int64(len(doc)) || err != nil) {
			t.Errorf("%+v, %v", parts, err)
		}
	})
}
