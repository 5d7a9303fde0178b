package tray

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/printscout/printscout/internal/dev/peers"
)

// The screen of the tests, and how high its panel is.
const (
	screenSize = "900x560x24"
	panelHigh  = 32
)

// seat is a session with a screen, and a hand on mouse and keyboard.
type seat struct {
	*session
	blank image.Image // what was seen before anything was there
}

// screen starts an X server on a display that is free.
func (x *seat) screen(server string) {
	x.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		x.t.Fatal(err)
	}
	defer r.Close()
	c := exec.Command(server, "-displayfd", "3", "-screen", "0", screenSize, "-wr", "-noreset", "-nolisten", "tcp")
	c.ExtraFiles = []*os.File{w}
	x.start(c)
	w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		x.t.Fatalf("starting a screen: %v", err)
	}
	x.env = append(x.env, "DISPLAY=:"+strings.TrimSpace(line))
}

// do runs a program of the desktop to its end.
func (x *seat) do(name string, args ...string) string {
	x.t.Helper()
	c := exec.Command(name, args...)
	c.Env = x.env
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		x.t.Fatalf("%s %s: %v\n%s", name, args, err, out.String())
	}
	return strings.TrimSpace(out.String())
}

// look returns what is on the screen.
func (x *seat) look() image.Image {
	x.t.Helper()
	path := filepath.Join(x.dir, "look.png")
	x.do("scrot", "-z", "-o", path)
	text, err := os.ReadFile(path)
	if err != nil {
		x.t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		x.t.Fatal(err)
	}
	return img
}

// click clicks at a place of the screen.
func (x *seat) click(at image.Point) {
	x.t.Helper()
	x.do("xdotool", "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", "1")
}

// press presses keys, one after the other.
func (x *seat) press(keys ...string) {
	x.t.Helper()
	x.do("xdotool", append([]string{"key", "--delay", "120"}, keys...)...)
}

// keep puts a part of what is on the screen among the pictures.
func (x *seat) keep(name string, part image.Rectangle) {
	x.t.Helper()
	dir := os.Getenv(picturesEnv)
	if dir == "" {
		return
	}
	img := image.NewRGBA(image.Rect(0, 0, part.Dx(), part.Dy()))
	draw.Draw(img, img.Bounds(), x.look(), part.Min, draw.Src)
	if err := os.WriteFile(filepath.Join(dir, name), pngOf(img), 0o644); err != nil {
		x.t.Fatal(err)
	}
}

// changed returns the part of a picture that differs from another.
func changed(a, b image.Image, within image.Rectangle) (part image.Rectangle) {
	for y := within.Min.Y; y < within.Max.Y; y++ {
		for x := within.Min.X; x < within.Max.X; x++ {
			if gray(a, x, y) != gray(b, x, y) {
				part = part.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return part
}

func gray(img image.Image, x, y int) float64 {
	r, g, b, _ := img.At(x, y).RGBA()
	return (0.299*float64(r) + 0.587*float64(g) + 0.114*float64(b)) / 257
}

// likeness returns how well a part of a picture shows an icon, from -1 to 1: the
// correlation of their brightness, at the size and place where it is highest.
func likeness(img image.Image, part image.Rectangle, i Icon) (best float64) {
	panel := gray(img, part.Min.X-2, part.Min.Y)
	if part.Min.X < 4 {
		panel = gray(img, part.Max.X+8, part.Min.Y)
	}
	for size := part.Dx() - 2; size <= part.Dx()+4; size++ {
		icon := Picture(i, size)
		for n := range 49 {
			at := part.Min.Add(image.Pt(n%7-3, n/7-3))
			best = max(best, correlation(size, func(x, y int) (a, b float64) {
				return gray(img, at.X+x, at.Y+y), grayOn(icon, x, y, panel)
			}))
		}
	}
	return best
}

// correlation is Pearson's, of two squares.
func correlation(size int, at func(x, y int) (a, b float64)) float64 {
	var n, sa, sb, saa, sbb, sab float64
	for y := range size {
		for x := range size {
			a, b := at(x, y)
			n, sa, sb, saa, sbb, sab = n+1, sa+a, sb+b, saa+a*a, sbb+b*b, sab+a*b
		}
	}
	return (n*sab - sa*sb) / math.Sqrt((n*saa-sa*sa)*(n*sbb-sb*sb))
}

// least is how like an icon something on the screen has to be. Other icons of
// ours are less.
const least = 0.8

// iconIn waits until an icon is seen in a part of the screen.
func (x *seat) iconIn(panel image.Rectangle, empty image.Image, want Icon) (at image.Point) {
	x.t.Helper()
	var like [Connected + 1]float64
	defer func() { x.t.Logf("icon %d is seen at %v: the likenesses are %.2f", want, at, like) }()
	peers.Await(x.t, fmt.Sprint("icon ", want, " is seen"), func() bool {
		now := x.look()
		part := changed(empty, now, panel)
		if part.Dx() < 12 || part.Dx() > panelHigh {
			return false
		}
		at = part.Min.Add(part.Size().Div(2))
		best := Offline
		for i := range like {
			like[i] = likeness(now, part, Icon(i))
			if like[i] > like[best] {
				best = Icon(i)
			}
		}
		return best == want && like[want] >= least
	})
	return at
}

// appearsIn waits until something new is seen in a part of the screen.
func (x *seat) appearsIn(where image.Rectangle, before image.Image) (part image.Rectangle) {
	x.t.Helper()
	size := before.Bounds()
	last := before
	peers.Await(x.t, "something new is seen", func() bool {
		now := x.look()
		rests := changed(last, now, size).Empty()
		last = now
		part = changed(before, now, where)
		return rests && !part.Empty()
	})
	return part
}

// away moves the mouse to where nothing is.
func (x *seat) away() { x.do("xdotool", "mousemove", "450", "540") }
