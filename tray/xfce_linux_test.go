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
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// xfce is a desktop with a screen: Xfce's panel and notifications, and a hand
// on the mouse and keyboard.
type xfce struct {
	*session
	notifier string
	blank    image.Image // what was seen before anything was there
}

// panelFile has a panel along the top with icons and nothing else.
const panelFile = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
`

const (
	screenSize = "900x560x24"
	panelHigh  = 32
)

// newXfce starts a desktop that shows nothing yet.
func newXfce(t *testing.T) *xfce {
	t.Helper()
	server, panel := peers.Need(t, "Xvfb"), peers.Need(t, "xfce4-panel")
	for _, name := range []string{"xdotool", "scrot"} {
		peers.Need(t, name)
	}
	x := &xfce{session: newSession(t)}
	found, err := filepath.Glob("/usr/lib/*/xfce4/notifyd/xfce4-notifyd")
	if err != nil || len(found) == 0 {
		peers.Missing(t, "xfce4-notifyd")
	}
	x.notifier = found[0]
	x.env = append(x.env, "XDG_CURRENT_DESKTOP=XFCE", "GTK_A11Y=none", "NO_AT_BRIDGE=1", "LANG=C.UTF-8", "GDK_BACKEND=x11")
	x.screen(server)
	x.blank = x.look()
	dir := filepath.Join(x.dir, ".config/xfce4/xfconf/xfce-perchannel-xml")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "xfce4-panel.xml"), []byte(panelFile), 0o600); err != nil {
		t.Fatal(err)
	}
	x.start(exec.Command(panel, "--disable-wm-check"))
	x.start(exec.Command(x.notifier))
	return x
}

// screen starts an X server on a display that is free.
func (x *xfce) screen(server string) {
	x.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		x.t.Fatal(err)
	}
	defer r.Close()
	c := exec.Command(server, "-displayfd", "3", "-screen", "0", screenSize, "-wr", "-nolisten", "tcp")
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
func (x *xfce) do(name string, args ...string) string {
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
func (x *xfce) look() image.Image {
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
func (x *xfce) click(at image.Point) {
	x.t.Helper()
	x.do("xdotool", "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", "1")
}

// press presses keys, one after the other.
func (x *xfce) press(keys ...string) {
	x.t.Helper()
	x.do("xdotool", append([]string{"key", "--delay", "120"}, keys...)...)
}

// keep puts a part of what is on the screen among the pictures.
func (x *xfce) keep(name string, part image.Rectangle) {
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
	panel := gray(img, part.Max.X+8, part.Min.Y)
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

// icon waits until an icon is seen in the panel, which was empty before, and
// returns where.
func (x *xfce) icon(empty image.Image, want Icon) (at image.Point) {
	x.t.Helper()
	var like [Connected + 1]float64
	defer func() { x.t.Logf("icon %d is seen at %v: the likenesses are %.2f", want, at, like) }()
	peers.Await(x.t, fmt.Sprint("icon ", want, " is seen"), func() bool {
		now := x.look()
		part := changed(empty, now, image.Rect(0, 0, empty.Bounds().Dx()/2, panelHigh))
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

// appears waits until something new is seen below the panel, and has come to
// rest.
func (x *xfce) appears(before image.Image) (part image.Rectangle) {
	x.t.Helper()
	size := before.Bounds()
	last := before
	peers.Await(x.t, "something new is seen", func() bool {
		now := x.look()
		rests := changed(last, now, size).Empty()
		last = now
		part = changed(before, now, image.Rect(0, panelHigh+2, size.Dx(), size.Dy()))
		return rests && !part.Empty()
	})
	return part
}

// away moves the mouse to where nothing is.
func (x *xfce) away() { x.do("xdotool", "mousemove", "450", "540") }

// note waits for a notification on the screen, and returns where it is.
func (x *xfce) note() (at image.Rectangle) {
	x.t.Helper()
	peers.Await(x.t, "a notification is seen", func() bool {
		c := exec.Command("xdotool", "search", "--onlyvisible", "--class", "notifyd")
		c.Env = x.env
		id, err := c.Output()
		if err != nil || len(bytes.Fields(id)) == 0 {
			return false
		}
		has := map[string]int{}
		for line := range strings.Lines(x.do("xdotool", "getwindowgeometry", "--shell", string(bytes.Fields(id)[0]))) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			has[key], _ = strconv.Atoi(value)
		}
		at = image.Rect(has["X"], has["Y"], has["X"]+has["WIDTH"], has["Y"]+has["HEIGHT"])
		return true
	})
	return at
}

// TestXfce: a person sees the icon, opens the menu, releases a job by it, and
// answers by a notification's button.
func TestXfce(t *testing.T) {
	x := newXfce(t)
	conn := x.dial()
	peers.Await(t, "the panel shows icons", func() bool {
		var has bool
		return conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, watcherName).Store(&has) == nil && has
	})
	x.away()
	empty := x.blank
	peers.Await(t, "the panel is seen", func() bool {
		now := x.look()
		rests := !changed(x.blank, now, now.Bounds()).Empty() && changed(empty, now, now.Bounds()).Empty()
		empty = now
		return rests
	})
	a := newAgent(t, x.dir)
	a.has(printed("1", "Minutes of Monday.pdf"))
	x.session.tray(a.path)
	at := x.icon(empty, JobsWait)

	before := x.look()
	x.click(at)
	x.appears(before)
	before = x.look()
	x.press("Down", "Right", "Right")
	menu := x.appears(before)
	x.keep("tray-menu.png", image.Rect(0, 0, menu.Max.X+2, 250))
	x.press("Return")
	a.wasAsked("release [1] at id-lobby")
	a.end("1", delivered)
	x.away()
	x.icon(empty, Connected)

	j := printed("2", "Contract.pdf")
	j.State, j.Printer = uncertain, "id-lobby"
	a.end("1", delivered)
	a.has(j)
	x.icon(empty, NeedsYou)
	x.answer(a)
	a.stop()
	x.icon(empty, Offline)
}

// answer presses "Print it again" in the notification that asks, the button in
// its lower right corner.
func (x *xfce) answer(a *agent) {
	x.t.Helper()
	peers.Await(x.t, "the agent is told by a button", func() bool {
		at := x.note()
		x.keep("tray-notification.png", at.Inset(-6).Intersect(x.look().Bounds()))
		x.click(at.Max.Sub(image.Pt(67, 31)))
		x.away()
		return slices.Contains(a.heard(), "resolve 2: print-again")
	})
}
