package simprinter

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// splitStream returns the parts of a stream that is written n bytes at a time.
func splitStream(stream string, n int) (document string, lines []string) {
	var doc bytes.Buffer
	s := &pjlStream{
		command: func(line string) { lines = append(lines, line) },
		data:    func(b []byte) error { doc.Write(b); return nil },
	}
	for part := range slices.Chunk([]byte(stream), n) {
		if _, err := s.Write(part); err != nil {
			panic(err)
		}
	}
	if err := s.Close(); err != nil {
		panic(err)
	}
	return doc.String(), lines
}

func TestPJLStream(t *testing.T) {
	const uel = "\x1b%-12345X"
	for name, x := range map[string]struct {
		stream, document string
		lines            int
	}{
		"nothing":               {"", "", 0},
		"a bare document":       {"%PDF-1.7", "%PDF-1.7", 0},
		"a document that looks": {"\x1bE hello \x1b%-12 there", "\x1bE hello \x1b%-12 there", 0},
		"ends as UEL begins":    {"abc\x1b%-1234", "abc\x1b%-1234", 0},
		"wrapped":               {uel + "@PJL\r\n@PJL ENTER LANGUAGE=PCL\r\n\r\nDOC\n" + uel + "@PJL EOJ\r\n" + uel, "\r\nDOC\n", 3},
		"no language named":     {uel + "@PJL JOB\r\nDOC" + uel, "DOC", 1},
		"two parts":             {uel + "@PJL ENTER LANGUAGE=PCL\nA" + uel + uel + "@PJL ENTER LANGUAGE=PCL\nB", "AB", 2},
		"in small letters":      {uel + "@PJL enter language = pdf\nX@PJL ECHO", "X@PJL ECHO", 1},
		"a line cut off":        {uel + "@PJL ECHO x", "", 1},
		"a line without end":    {"@PJL " + strings.Repeat("x", 5000) + "\nDOC", "DOC", 1},
	} {
		for _, n := range []int{1, 3, 1 << 20} {
			doc, lines := splitStream(x.stream, n)
			if doc != x.document || len(lines) != x.lines {
				t.Errorf("%s, %d bytes at a time: %q, %q", name, n, doc, lines)
			}
			if len(lines) > 0 && len(lines[0]) > maxPJLLine {
				t.Errorf("%s: a line of %d bytes", name, len(lines[0]))
			}
		}
	}
}

func TestPJLStreamTellsOfAFailedWrite(t *testing.T) {
	s := &pjlStream{data: func([]byte) error { return iotest.ErrTimeout }}
	if _, err := s.Write([]byte("a document")); err == nil {
		t.Error("it was lost")
	}
}

func TestPJLCopies(t *testing.T) {
	for line, want := range map[string]int{
		"@PJL SET QTY=3": 3, "@PJL set copies = 2": 2, `@PJL SET QTY="4"`: 4,
		"@PJL SET QTY": 0, "@PJL SET DUPLEX=ON": 0, "@PJL DEFAULT QTY=3": 0, "@PJL SET QTY=many": 0, "": 0,
	} {
		if got := pjlCopies(line); got != want {
			t.Errorf("%q: %d, want %d", line, got, want)
		}
	}
}

func FuzzPJL(f *testing.F) {
	f.Add([]byte("\x1b%-12345X@PJL SET QTY=2\r\n@PJL ENTER LANGUAGE=PDF\r\n%PDF\x1b%-12345X@PJL EOJ\r\n\x1b%-12345X"), 3)
	f.Add([]byte("@PJL"), 1)
	f.Add([]byte("\x1b%-12345"), 2)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		n = max(1, n)
		doc, lines := splitStream(string(b), n)
		if len(doc) > len(b) {
			t.Errorf("%d bytes became a document of %d", len(b), len(doc))
		}
		whole, all := splitStream(string(b), len(b)+1)
		if doc != whole || len(lines) != len(all) {
			t.Errorf("it matters how the stream comes in: %q and %q", doc, whole)
		}
		h := &pjlHead{}
		_, _ = h.Write(b)
		h.copies()
	})
}
