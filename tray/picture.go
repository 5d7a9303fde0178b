package tray

import (
	"image"
	"image/color"
	"math"
)

// The pictures of the icons are drawn here, at any size, on a square of 32
// units: dark figures with a light seam, so that they are seen on light and
// dark panels alike. What they mean lies in their shapes, not in a color.

// distance returns how far a point is from a figure, less than 0 within it.
type distance func(x, y float64) float64

// part is a figure and how it is painted over those before it.
type part struct {
	far   distance
	light bool
}

// seam is how wide the light seam around a dark figure is.
const seam = 1.7

var (
	dark  = color.NRGBA{0x20, 0x24, 0x28, 0xff}
	light = color.NRGBA{0xff, 0xff, 0xff, 0xff}
)

// printerParts are a printer: paper above, body, paper below.
var printerParts = []part{
	{far: box(9, 2.5, 23, 12, 1)},
	{far: box(11.5, 5, 20.5, 12, 0.5), light: true},
	{far: box(3, 10.5, 29, 22.5, 2.5)},
	{far: box(8.5, 18, 23.5, 29.5, 1)},
	{far: box(11, 20, 21, 27, 0.5), light: true},
}

// pictures has the parts of each icon.
var pictures = map[Icon][]part{
	Connected: printerParts,
	// A clock stands before the printer.
	JobsWait: append(printerParts[:len(printerParts):len(printerParts)],
		part{far: disc(21.5, 21, 9)},
		part{far: disc(21.5, 21, 6.4), light: true},
		part{far: stroke(21.5, 21, 21.5, 16.6, 1.1)},
		part{far: stroke(21.5, 21, 24.6, 22.6, 1.1)},
	),
	// A triangle with an exclamation mark stands before it.
	NeedsYou: append(printerParts[:len(printerParts):len(printerParts)],
		part{far: triangle(20, 8.5, 30.2, 29.5, 9.8, 29.5)},
		part{far: stroke(20, 16.4, 20, 22, 1.5), light: true},
		part{far: disc(20, 26, 1.7), light: true},
	),
	// A printer that is only an outline, crossed out.
	Offline: {
		{far: ring(box(9.5, 3.5, 22.5, 12, 1), 1.2)},
		{far: ring(box(4, 11.5, 28, 22, 2.5), 1.2)},
		{far: ring(box(9.5, 19, 22.5, 28.5, 1), 1.2)},
		{far: stroke(3.5, 28.5, 28.5, 3.5, 1.8)},
	},
}

// samples is how often each pixel is looked at, each way.
const samples = 4

// Picture draws an icon, size pixels wide and high.
func Picture(i Icon, size int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			img.SetNRGBA(x, y, pixel(pictures[i], x, y, 32/float64(size)))
		}
	}
	return img
}

// pixel returns the mean of the samples of a pixel that is unit wide.
func pixel(parts []part, x, y int, unit float64) color.NRGBA {
	var inked, bright float64
	for i := range samples * samples {
		sx := (float64(x) + (float64(i%samples)+0.5)/samples) * unit
		sy := (float64(y) + (float64(i/samples)+0.5)/samples) * unit
		if ink, is := inkAt(parts, sx, sy); is {
			inked++
			bright += float64(ink.R)
		}
	}
	if inked == 0 {
		return color.NRGBA{}
	}
	gray := bright / inked / float64(light.R)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + gray*(float64(b)-float64(a)))) }
	return color.NRGBA{mix(dark.R, light.R), mix(dark.G, light.G), mix(dark.B, light.B), uint8(255 * inked / (samples * samples))}
}

func inkAt(parts []part, x, y float64) (ink color.NRGBA, is bool) {
	for _, p := range parts {
		switch d := p.far(x, y); {
		case d <= 0 && !p.light:
			ink, is = dark, true
		case d <= 0, d <= seam && !p.light:
			ink, is = light, true
		}
	}
	return ink, is
}

func box(x0, y0, x1, y1, round float64) distance {
	cx, cy, w, h := (x0+x1)/2, (y0+y1)/2, (x1-x0)/2-round, (y1-y0)/2-round
	return func(x, y float64) float64 {
		dx, dy := math.Abs(x-cx)-w, math.Abs(y-cy)-h
		return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - round
	}
}

func disc(cx, cy, r float64) distance {
	return func(x, y float64) float64 { return math.Hypot(x-cx, y-cy) - r }
}

// ring returns the outline of a figure, half as wide to each side.
func ring(d distance, half float64) distance {
	return func(x, y float64) float64 { return math.Abs(d(x, y)) - half }
}

// stroke returns a line with round ends.
func stroke(x0, y0, x1, y1, half float64) distance {
	dx, dy := x1-x0, y1-y0
	return func(x, y float64) float64 {
		t := min(max(((x-x0)*dx+(y-y0)*dy)/(dx*dx+dy*dy), 0), 1)
		return math.Hypot(x-x0-t*dx, y-y0-t*dy) - half
	}
}

// triangle returns a triangle whose corners follow each other clockwise.
func triangle(ax, ay, bx, by, cx, cy float64) distance {
	edge := func(x0, y0, x1, y1 float64) distance {
		l := math.Hypot(x1-x0, y1-y0)
		return func(x, y float64) float64 { return ((x-x0)*(y0-y1) + (y-y0)*(x1-x0)) / -l }
	}
	ab, bc, ca := edge(ax, ay, bx, by), edge(bx, by, cx, cy), edge(cx, cy, ax, ay)
	return func(x, y float64) float64 { return max(ab(x, y), bc(x, y), ca(x, y)) }
}
