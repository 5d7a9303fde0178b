package tray

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// grayOn returns how bright a pixel of an icon is on a panel of some brightness.
func grayOn(img *image.NRGBA, x, y int, panel float64) float64 {
	c := img.NRGBAAt(x, y)
	a := float64(c.A) / 255
	return a*(0.299*float64(c.R)+0.587*float64(c.G)+0.114*float64(c.B)) + (1-a)*panel
}

// TestPicturesDiffer wants each two icons to differ by their shapes, without
// color, at the smallest size that panels show, on light and dark ones.
func TestPicturesDiffer(t *testing.T) {
	const size = 16
	for _, panel := range []float64{255, 30} {
		for a := Offline; a <= Connected; a++ {
			for b := a + 1; b <= Connected; b++ {
				far, one, other := 0, Picture(a, size), Picture(b, size)
				for i := range size * size {
					if math.Abs(grayOn(one, i%size, i/size, panel)-grayOn(other, i%size, i/size, panel)) > 64 {
						far++
					}
				}
				if far < size*size/10 {
					t.Errorf("icons %d and %d differ in %d of %d pixels on a panel of brightness %v", a, b, far, size*size, panel)
				}
			}
		}
	}
}

// TestPicturesAreSeen wants each icon to stand out from light and dark panels,
// and to have no color that could mean something.
func TestPicturesAreSeen(t *testing.T) {
	const size = 22
	for _, panel := range []float64{255, 30} {
		for i := Offline; i <= Connected; i++ {
			img, seen := Picture(i, size), 0
			for n := range size * size {
				if math.Abs(grayOn(img, n%size, n/size, panel)-panel) > 100 {
					seen++
				}
				c := img.NRGBAAt(n%size, n/size)
				if max(c.R, c.G, c.B)-min(c.R, c.G, c.B) > 16 {
					t.Fatalf("icon %d has the color %v", i, c)
				}
			}
			if seen < size*size/8 {
				t.Errorf("icon %d: %d of %d pixels stand out on a panel of brightness %v", i, seen, size*size, panel)
			}
		}
	}
}

func TestIconFiles(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(pngOf(Picture(JobsWait, 48))))
	if err != nil || img.Bounds().Dx() != 48 {
		t.Errorf("the PNG is %v, %v", img, err)
	}
	ico := icoOf(NeedsYou)
	if n := binary.LittleEndian.Uint16(ico[4:]); int(n) != len(icoSizes) {
		t.Fatalf("the ICO has %d images", n)
	}
	end := 0
	for i, size := range icoSizes {
		e := ico[icoHeader+i*icoEntry:]
		length, at := binary.LittleEndian.Uint32(e[8:]), binary.LittleEndian.Uint32(e[12:])
		end = int(at + length)
		if int(e[0]) != size || end > len(ico) {
			t.Fatalf("image %d is %d pixels wide and ends at %d of %d", i, e[0], end, len(ico))
		}
		if width := binary.LittleEndian.Uint32(ico[at+4:]); int(width) != size {
			t.Errorf("the bitmap of image %d is %d pixels wide", i, width)
		}
	}
	if end != len(ico) {
		t.Errorf("the ICO is %d bytes, its images end at %d", len(ico), end)
	}
}

// TestQuotedStaysAString holds that what a document is called is no script.
func TestQuotedStaysAString(t *testing.T) {
	for in, want := range map[string]string{
		`a`:                         `"a"`,
		`a" & do shell script "id`:  `"a\" & do shell script \"id"`,
		`\" & do shell script "id"`: `"\\\" & do shell script \"id\""`,
		"a\nb\rc":                   `"a b c"`,
	} {
		if got := quoted(in); got != want {
			t.Errorf("%q becomes %s, not %s", in, got, want)
		}
	}
}

// TestPictureOfAllIcons draws those of the documentation, where that is wanted:
// each on a light and a dark panel.
func TestPictureOfAllIcons(t *testing.T) {
	const size, step = 64, 80
	sheet := image.NewRGBA(image.Rect(0, 0, 4*step, 2*step))
	for row, panel := range []color.Color{color.White, color.Gray{30}} {
		draw.Draw(sheet, image.Rect(0, row*step, 4*step, (row+1)*step), image.NewUniform(panel), image.Point{}, draw.Src)
		for n, i := range []Icon{Connected, JobsWait, NeedsYou, Offline} {
			at := image.Pt(n*step+(step-size)/2, row*step+(step-size)/2)
			draw.Draw(sheet, image.Rectangle{at, at.Add(image.Pt(size, size))}, Picture(i, size), image.Point{}, draw.Over)
		}
	}
	if dir := os.Getenv(picturesEnv); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "tray-icons.png"), pngOf(sheet), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// picturesEnv names a folder that the tests put pictures for the documentation
// into (make pictures).
const picturesEnv = "PRINTSCOUT_PICTURES"
