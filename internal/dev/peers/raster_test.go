package peers

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// unpack walks a raster and returns its pages, each with its lines' bytes.
func unpack(t *testing.T, b []byte) (pages int) {
	t.Helper()
	b, ok := bytes.CutPrefix(b, []byte("RaS2"))
	if !ok {
		t.Fatal("no sync word")
	}
	for ; len(b) > 0; pages++ {
		field := func(at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
		if !bytes.HasPrefix(b, []byte("PwgRaster\x00")) {
			t.Fatalf("page %d has no header", pages)
		}
		lines, size, perLine := field(376), max(field(388)/8, 1), field(392)
		b = b[1796:]
		for done := 0; done < lines; {
			done += int(b[0]) + 1
			b = b[1:]
			for got := 0; got < perLine; {
				got += (int(b[0]) + 1) * size
				b = b[1+size:]
				if got > perLine {
					t.Fatalf("a line of %d bytes, not %d", got, perLine)
				}
			}
			if done > lines {
				t.Fatalf("%d lines, not %d", done, lines)
			}
		}
	}
	return pages
}

func TestSamplesAreRasters(t *testing.T) {
	for kind, p := range pixels {
		b, err := PWG("a4", kind, 150, 4)
		if err != nil {
			t.Fatal(err)
		}
		if n := unpack(t, b); n != 4 {
			t.Errorf("%s has %d pages", kind, n)
		}
		h := b[4:]
		for at, want := range map[int]uint32{276: 150, 372: 1240, 376: 1754, 384: p.bitsPerColor, 400: p.space, 420: p.colors} {
			if got := binary.BigEndian.Uint32(h[at:]); got != want {
				t.Errorf("%s: %d at %d, want %d", kind, got, at, want)
			}
		}
	}
	if _, err := PWG("a4", "sgray-9", 150, 1); err == nil {
		t.Error("makes what it does not know")
	}
}

func TestSamplesAreNamedByTheSuite(t *testing.T) {
	dir := t.TempDir()
	const name = "pwg-raster-samples-150dpi/black-1/color.jpg-4x6-black-1-150dpi.pwg"
	if err := writeSamples(dir, []byte("FILE "+name+"\nFILE "+name+"\n")); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil || unpack(t, b) != 1 {
		t.Error(err)
	}
}
