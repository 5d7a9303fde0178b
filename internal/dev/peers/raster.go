package peers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
)

// sampleName matches the names of the PWG raster samples in ipp-everywhere.test:
// what is on them, the sheet, the kind of pixel, the resolution.
var sampleName = regexp.MustCompile(`pwg-raster-samples-\d+dpi/[a-z0-9-]+/([a-z.]+)-(4x6|a4|letter)-([a-z]+-\d+)-(\d+)dpi\.pwg`)

// sheets has the sheets of samples: their PWG names, and their sizes in points.
var sheets = map[string]struct {
	name          string
	width, height int
}{
	"4x6":    {"na_index-4x6_4x6in", 288, 432},
	"a4":     {"iso_a4_210x297mm", 595, 842},
	"letter": {"na_letter_8.5x11in", 612, 792},
}

// pixel is a kind of pixel: PWG 5102.4 §4.3.
type pixel struct {
	bitsPerColor, colors, space uint32
	white                       byte
}

var pixels = map[string]pixel{
	"black-1": {1, 1, 3, 0},
	"cmyk-8":  {8, 4, 6, 0},
	"sgray-8": {8, 1, 18, 255},
	"srgb-8":  {8, 3, 19, 255},
	"srgb-16": {16, 3, 19, 255},
}

// writeSamples makes the samples that a suite names, in dir. They stand in for those
// of the suite's authors: valid white sheets of the size, resolution, kind of pixel
// and number of pages that the name says.
func writeSamples(dir string, suite []byte) error {
	for _, m := range sampleName.FindAllSubmatch(suite, -1) {
		path := filepath.Join(dir, filepath.FromSlash(string(m[0])))
		if _, err := os.Stat(path); err == nil {
			continue
		}
		dpi, err := strconv.Atoi(string(m[4]))
		if err != nil {
			return fmt.Errorf("reading the name of sample %s: %w", m[0], err)
		}
		pages := 1
		if string(m[1]) == "document" {
			pages = 4
		}
		b, err := PWG(string(m[2]), string(m[3]), dpi, pages)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// PWG returns a PWG raster document (PWG 5102.4) of white pages: sheet is 4x6, a4 or
// letter; kind is black-1, cmyk-8, sgray-8, srgb-8 or srgb-16.
func PWG(sheet, kind string, dpi, pages int) ([]byte, error) {
	s, okSheet := sheets[sheet]
	p, okKind := pixels[kind]
	if !okSheet || !okKind || dpi < 1 || pages < 1 {
		return nil, fmt.Errorf("no raster sample %s, %s, %d dpi, %d pages", sheet, kind, dpi, pages)
	}
	width := int(math.Round(float64(s.width*dpi) / 72))
	height := int(math.Round(float64(s.height*dpi) / 72))
	var b bytes.Buffer
	b.WriteString("RaS2")
	for range pages {
		h := pageHeader(p, width, height, dpi, pages)
		putUint32(h, 352, s.width)
		putUint32(h, 356, s.height)
		copy(h[1732:], s.name)
		b.Write(h)
		writeWhite(&b, p, width, height)
	}
	return b.Bytes(), nil
}

// pageHeader returns a page header (PWG 5102.4 §4.3) without the sheet.
func pageHeader(p pixel, width, height, dpi, pages int) []byte {
	h := make([]byte, 1796)
	bits := int(p.bitsPerColor * p.colors)
	copy(h, "PwgRaster")
	putUint32(h, 276, dpi)
	putUint32(h, 280, dpi)
	putUint32(h, 340, 1) // copies
	putUint32(h, 372, width)
	putUint32(h, 376, height)
	putUint32(h, 384, int(p.bitsPerColor))
	putUint32(h, 388, bits)
	putUint32(h, 392, (width*bits+7)/8)
	putUint32(h, 400, int(p.space))
	putUint32(h, 420, int(p.colors))
	putUint32(h, 452, pages)
	putUint32(h, 456, 1) // cross-feed transform
	putUint32(h, 460, 1) // feed transform
	putUint32(h, 484, 4) // normal quality
	return h
}

func putUint32(h []byte, at, n int) { binary.BigEndian.PutUint32(h[at:], uint32(n)) }

// writeWhite writes a page's lines, compressed by PWG 5102.4 §4.4: a count of equal
// lines minus one, then runs of a count of equal pixels minus one and the pixel.
// Pixels smaller than a byte are counted in bytes.
func writeWhite(b *bytes.Buffer, p pixel, width, height int) {
	units, size := width, int(p.bitsPerColor*p.colors)/8
	if size == 0 {
		units, size = (width+7)/8, 1
	}
	var line bytes.Buffer
	for left := units; left > 0; left -= 128 {
		line.WriteByte(byte(min(left, 128) - 1))
		line.Write(bytes.Repeat([]byte{p.white}, size))
	}
	for left := height; left > 0; left -= 256 {
		b.WriteByte(byte(min(left, 256) - 1))
		b.Write(line.Bytes())
	}
}
