//go:build !race

package tray

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// The taskbar that Wine draws along the bottom of a desktop.
var (
	taskbar  = image.Rect(450, 541, 900, 560)
	aboveBar = image.Rect(0, 0, 900, 538)
)

// TestWine: a person at a Windows of Wine's sees the icon and a notification, and
// releases a job by the menu. Wine draws the notifications of Windows XP, where
// Windows makes toasts of them, and tells of no click on one: that the icon's
// window would take it is seen by sending it what Windows sends.
func TestWine(t *testing.T) {
	w := peers.StartWine(t)
	server := peers.Need(t, "Xvfb")
	for _, name := range []string{"xdotool", "scrot"} {
		peers.Need(t, name)
	}
	x := &seat{session: &session{t: t, dir: t.TempDir(), env: os.Environ()}}
	x.screen(server)
	asked := filepath.Join(x.dir, "asked")
	x.windows(w, deskEnv+"="+w.Path(asked))
	wasAsked := func(what string) {
		t.Helper()
		peers.Await(t, "the agent or a page is asked "+what, func() bool {
			text, _ := os.ReadFile(asked)
			return slices.Contains(strings.Split(string(text), "\n"), what)
		})
	}
	x.away()
	empty := x.bar()
	at := x.iconIn(taskbar, empty, JobsWait)

	note := x.appearsIn(aboveBar, empty)
	x.keep("tray-windows-notification.png", image.Rect(note.Min.X-8, note.Min.Y-8, 900, 560))
	if err := os.WriteFile(asked+pressSuffix, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wasAsked("open " + JobPage("1"))
	x.dismiss(empty, note)

	// The lists stand side by side: the printers on the menu, to the right of
	// what can be done with the job.
	menu := x.menu(at)
	row := menu.Min.Y + 37
	below := x.opens(image.Pt(menu.Min.X+60, row))
	x.opens(image.Pt(below.Min.X+20, row))
	x.keep("tray-windows-menu.png", image.Rect(390, 370, 900, 560))
	x.click(image.Pt(menu.Min.X+40, row))
	wasAsked("release [1] at id-lobby")
	x.away()
	x.iconIn(taskbar, empty, Connected)
	x.dismiss(empty, x.appearsIn(aboveBar, empty)) // that it was printed

	menu = x.menu(at)
	x.click(image.Pt(menu.Min.X+60, taskbar.Min.Y-13))
	wasAsked("quit")
}

// dismiss has a notification go away, which would lie upon the menu.
func (x *seat) dismiss(empty image.Image, note image.Rectangle) {
	x.t.Helper()
	peers.Await(x.t, "a notification goes away", func() bool {
		x.click(note.Min.Add(note.Size().Div(2)))
		x.away()
		return changed(empty, x.look(), aboveBar).Empty()
	})
}

// opens clicks on an entry that has others below it, and returns what is seen
// then.
func (x *seat) opens(entry image.Point) image.Rectangle {
	x.t.Helper()
	before := x.look()
	x.click(entry)
	return x.appearsIn(aboveBar, before)
}

// windows starts the tests of this package as a program for Windows, on the
// whole screen.
func (x *seat) windows(w *peers.Wine, variable string) {
	x.t.Helper()
	size, _, _ := strings.Cut(screenSize, "x24")
	display := strings.TrimPrefix(x.env[len(x.env)-1], "DISPLAY=")
	c := w.OnDesktop(display, size, w.Path(w.BuildTest(x.t, ".")), variable)
	if err := c.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { end(c) })
}

func end(c *exec.Cmd) {
	c.Process.Kill()
	c.Wait()
}

// bar waits for the taskbar, which is there before the tray, and returns what is
// seen then.
func (x *seat) bar() (empty image.Image) {
	x.t.Helper()
	peers.Await(x.t, "the taskbar is seen", func() bool {
		empty = x.look()
		return gray(empty, 200, 550) > 200 && gray(empty, 450, 300) < 200
	})
	return empty
}

// menu opens the menu of an icon, and returns where it is.
func (x *seat) menu(icon image.Point) image.Rectangle {
	x.t.Helper()
	before := x.look()
	x.do("xdotool", "mousemove", "--sync", strconv.Itoa(icon.X), strconv.Itoa(icon.Y), "mousedown", "3", "sleep", "0.3", "mouseup", "3")
	return x.appearsIn(aboveBar, before)
}

// TestOnWindows runs the tests of this package as a program for Windows.
func TestOnWindows(t *testing.T) { peers.StartWine(t).TestPackage(t, ".") }
