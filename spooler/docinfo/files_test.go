package docinfo

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// tiffOf has a directory for each of the kinds (254, NewSubfileType); the last
// one points to the place next.
func tiffOf(order binary.AppendByteOrder, magic string, next func(first uint32) uint32, kinds ...uint32) []byte {
	b := order.AppendUint32([]byte(magic), 8)
	for i, k := range kinds {
		b = order.AppendUint16(b, 2)
		b = order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tiffSubfile), 4), 1), k)
		b = order.AppendUint16(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tiffPhotometric), 3), 1), 2)
		b = order.AppendUint16(b, 0)
		if i == len(kinds)-1 {
			b = order.AppendUint32(b, next(8))
		} else {
			b = order.AppendUint32(b, uint32(len(b)+4))
		}
	}
	return b
}

func TestTIFF(t *testing.T) {
	last := func(uint32) uint32 { return 0 }
	for name, c := range map[string]struct {
		file  []byte
		pages int
		err   error
	}{
		"three":             {tiffOf(binary.LittleEndian, "II*\x00", last, 2, 2, 2), 3, nil},
		"big-endian":        {tiffOf(binary.BigEndian, "MM\x00*", last, 0), 1, nil},
		"with a small copy": {tiffOf(binary.LittleEndian, "II*\x00", last, 2, 1, 2), 2, nil},
		"in a circle":       {tiffOf(binary.LittleEndian, "II*\x00", func(first uint32) uint32 { return first }, 2, 2), 2, ErrDamaged},
		"into the void":     {tiffOf(binary.LittleEndian, "II*\x00", func(uint32) uint32 { return 1 << 31 }, 2), 1, ErrDamaged},
	} {
		i, err := Examine(t.Context(), bytes.NewReader(c.file), int64(len(c.file)), FormatTIFF)
		if !errors.Is(err, c.err) || pageCount(i) != c.pages || i.Color != InColor || (i.Certainty == Exact) != (c.err == nil) {
			t.Errorf("%s: %v, %s", name, err, asJSON(i))
		}
	}
}

// xpsOf returns an archive of files: name, content, name, content.
func xpsOf(files ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for ; len(files) > 1; files = files[2:] {
		w, err := z.Create(files[0])
		if err != nil {
			panic(err) // into memory
		}
		w.Write([]byte(files[1]))
	}
	z.Close()
	return b.Bytes()
}

const (
	rels = `<Relationships><Relationship Target="/FixedDocumentSequence.fdseq" Type="http://schemas.microsoft.com/xps/2005/06/fixedrepresentation"/>` +
		`<Relationship Target="core.xml" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"/></Relationships>`
	sequence = `<FixedDocumentSequence><DocumentReference Source="Documents/1/FixedDocument.fdoc"/><DocumentReference Source="/two.fdoc"/></FixedDocumentSequence>`
	document = `<FixedDocument><PageContent Source="1.fpage" Width="793.7" Height="1122.5"/><!-- PageContent --><PageContent Source="2.fpage"><PageContent.LinkTargets/></PageContent></FixedDocument>`
	core     = `<cp:coreProperties><dc:title>the title</dc:title></cp:coreProperties>`
)

func xpsFiles() map[string][]byte {
	bomb := strings.Repeat(" ", xpsPart+1)
	return map[string][]byte{
		"two documents": xpsOf("_rels/.rels", rels, "FixedDocumentSequence.fdseq", sequence, "Documents/1/FixedDocument.fdoc", document, "two.fdoc", document, "core.xml", core),
		"in pieces": xpsOf("_rels/.rels/[1].last.piece", rels[60:], "_rels/.rels/[0].piece", rels[:60], "fixeddocumentsequence.FDSEQ", sequence,
			"Documents/1/FixedDocument.fdoc", document, "two.fdoc", document, "core.xml", core),
		"openxps":      xpsOf("_rels/.rels", strings.Replace(rels, "schemas.microsoft.com/xps/2005/06", "schemas.openxps.org/oxps/v1.0", 1), "FixedDocumentSequence.fdseq", sequence, "Documents/1/FixedDocument.fdoc", document, "two.fdoc", document, "core.xml", core),
		"one missing":  xpsOf("_rels/.rels", rels, "FixedDocumentSequence.fdseq", sequence, "Documents/1/FixedDocument.fdoc", document),
		"a bomb":       xpsOf("_rels/.rels", rels, "FixedDocumentSequence.fdseq", sequence+bomb),
		"no relations": xpsOf("x", "y"),
		"another":      xpsOf("_rels/.rels", "<Relationships/>"),
	}
}

func TestXPS(t *testing.T) {
	good := `4 exact, unknown, , copies 0, iso_a4_210x297mm, "the title", ""`
	files := xpsFiles()
	for name, c := range map[string]struct {
		want, format string
		err          error
	}{
		"two documents": {good, FormatXPS, nil},
		"in pieces":     {good, FormatXPS, nil},
		"openxps":       {good, FormatOXPS, nil},
		"one missing":   {`2 estimated, unknown, , copies 0, iso_a4_210x297mm, "", ""`, FormatXPS, ErrDamaged},
		"a bomb":        {`0 unknown, unknown, , copies 0, , "", ""`, FormatXPS, ErrTooMuch},
		"no relations":  {`0 unknown, unknown, , copies 0, , "", ""`, FormatXPS, ErrDamaged},
		"another":       {`0 unknown, unknown, , copies 0, , "", ""`, FormatXPS, ErrFormat},
	} {
		i, err := Examine(t.Context(), bytes.NewReader(files[name]), int64(len(files[name])), FormatXPS)
		if got := say(i); got != c.want || i.Format != c.format || !errors.Is(err, c.err) {
			t.Errorf("%s: %v\n got %s, %s\nwant %s", name, err, got, i.Format, c.want)
		}
	}
}

// TestXPSDirectory: an archive that says that it has a huge directory.
func TestXPSDirectory(t *testing.T) {
	file := xpsOf("_rels/.rels", rels)
	binary.LittleEndian.PutUint32(file[len(file)-zipEndSize+12:], zipDirectory+1)
	if _, err := Examine(t.Context(), bytes.NewReader(file), int64(len(file)), FormatXPS); !errors.Is(err, ErrTooMuch) {
		t.Errorf("%v", err)
	}
}

func FuzzTIFF(f *testing.F) {
	f.Add(tiffOf(binary.LittleEndian, "II*\x00", func(uint32) uint32 { return 0 }, 2, 1))
	f.Add(tiffOf(binary.BigEndian, "MM\x00*", func(first uint32) uint32 { return first }, 0))
	fuzzExamine(f, FormatTIFF)
}

func FuzzXPS(f *testing.F) {
	for name, file := range xpsFiles() {
		if name != "a bomb" {
			f.Add(file)
		}
	}
	fuzzExamine(f, FormatXPS)
}

// FuzzXPSParts fuzzes what is in the archive, whose checksums keep FuzzXPS out
// of it.
func FuzzXPSParts(f *testing.F) {
	f.Add(rels, sequence, document, core)
	f.Add(strings.Replace(rels, "schemas.microsoft.com/xps/2005/06", "schemas.openxps.org/oxps/v1.0", 1), sequence, document, "")
	f.Fuzz(func(t *testing.T, rels, sequence, document, core string) {
		examineAny(t, xpsOf("_rels/.rels", rels, "FixedDocumentSequence.fdseq", sequence,
			"Documents/1/FixedDocument.fdoc", document, "two.fdoc", document, "core.xml", core), FormatXPS)
	})
}

func fuzzExamine(f *testing.F, format string) {
	f.Fuzz(func(t *testing.T, file []byte) { examineAny(t, file, format) })
}

// examineAny: no count without certainty, and none that is exact with an error.
func examineAny(t *testing.T, file []byte, format string) {
	i, err := Examine(t.Context(), bytes.NewReader(file), int64(len(file)), format)
	if (i.Pages == nil) != (i.Certainty == Unknown) || i.Certainty == Exact && err != nil {
		t.Errorf("%s, %v", asJSON(i), err)
	}
}

// fuzzStream: the same in pieces as whole, and never a count without certainty.
func fuzzStream(f *testing.F, head string, seeds ...string) {
	for i, s := range seeds {
		f.Add([]byte(s), uint16(i+1))
	}
	f.Fuzz(func(t *testing.T, stream []byte, size uint16) {
		stream = append([]byte(head), stream...)
		whole, pieces := tapped(stream, len(stream)), tapped(stream, int(size)+1)
		if !same(whole, pieces) {
			t.Errorf("in pieces of %d %s\nwhole %s", int(size)+1, asJSON(pieces), asJSON(whole))
		}
		if (whole.Pages == nil) != (whole.Certainty == Unknown) {
			t.Error(asJSON(whole))
		}
	})
}

func FuzzPWG(f *testing.F) {
	fuzzStream(f, "RaS2", string(pwgPage(2, 2, 19, []byte("\x00\xff\x01\x01\x01\x02\x02\x02|\x00\xff\x03\x03\x03\x04\x04\x04"))),
		string(pwgPage(200, 3, 6, []byte("\x02\x00\x05\x05\x05\x05\x80")))+string(pwgPage(2, 1, 18, []byte("\x00\x05\x00"))))
}

func FuzzURF(f *testing.F) {
	h := "\x18\x01\x03\x04" + strings.Repeat("\x00", 8) + "\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x48" + strings.Repeat("\x00", 8)
	fuzzStream(f, "UNIRAST\x00", "\x00\x00\x00\x02"+h+"\x00\x01\x01\x02\x03"+h+"\x00\xff\x01\x01\x01\x02\x02\x02")
}

func FuzzPCL(f *testing.F) {
	fuzzStream(f, "\x1bE", pcl1, "\x1b*b2w\f\f3W\f\f\f\f\x1bE", "\x1b&f0X\f\x1b&f1X\x1b&f2X\x1b%0BPU\x1b%0A", "\x1b&l\x1b&lXa\f\x1b(s\x1bE"+exit)
}

func FuzzPCLXL(f *testing.F) {
	fuzzStream(f, ") HP-PCL XL;2;0\n", "\xc0\x02\xf8\x25\xc0\x01\xf8\x35\x43\xc8\xc1\x03\x00\xff\x00\x00\xf8\x0b\x63\xc1\x05\x00\xf8\x31\x44",
		"\xfa\x04\x00\x00\x00CCCC\xfb\x02CC\xc8\xc1\x80\x00"+strings.Repeat("C", 128)+exit)
}

func FuzzPJL(f *testing.F) {
	fuzzStream(f, exit+"@PJL", " JOB NAME=\"a\"\n@PJL SET COPIES = 2 DUPLEX=ON\n@PJL ENTER LANGUAGE=PCL\n\x1bEa\f"+exit+"@PJL EOJ\n",
		"\n@PJL ENTER LANGUAGE=POSTSCRIPT\n"+dsc1+pages+exit+") HP-PCL XL;2;0\nCD"+exit, "\n@PJL ENTER LANGUAGE=PDF\n%PDF-1.4 /Type/Page ")
}

func FuzzDSC(f *testing.F) {
	fuzzStream(f, "%!PS-Adobe-3.0\n", dsc1+pages, "%%BeginData: 2 ASCII Lines\r%%Page: 5 5\r\nx\r%%BeginBinary: 3\r\nabc%%Pages: 1\r", "/#copies 3 def\n"+exit+"@PJL EOJ")
}

func FuzzJPEGAndText(f *testing.F) {
	fuzzStream(f, "", "\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00", "a\n\fb\n", "^XA\n", "PK\x03\x04.fdseq", "\x89PNG\r\n\x1a\n")
}

func TestJPEGColor(t *testing.T) {
	for components, want := range map[byte]string{1: InMonochrome, 3: InColor, 4: InColor} {
		file := fmt.Sprintf("\xff\xd8\xff\xe1\x00\x06\xff\xc0ab\xff\xff\xc2\x00\x11\x08\x00\x01\x00\x01%c", components)
		for _, n := range []int{1, 100} {
			if i := tapped([]byte(file), n); i.Color != want || pageCount(i) != 1 {
				t.Errorf("%d components in pieces of %d: %s", components, n, asJSON(i))
			}
		}
	}
}
