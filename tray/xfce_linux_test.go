//go:build !race

package tray

import (
	"bytes"
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

// newXfce starts a desktop that shows nothing yet.
func newXfce(t *testing.T) *seat {
	t.Helper()
	server, panel := peers.Need(t, "Xvfb"), peers.Need(t, "xfce4-panel")
	for _, name := range []string{"xdotool", "scrot"} {
		peers.Need(t, name)
	}
	x := &seat{session: newSession(t)}
	notifier, err := filepath.Glob("/usr/lib/*/xfce4/notifyd/xfce4-notifyd")
	if err != nil || len(notifier) == 0 {
		peers.Missing(t, "xfce4-notifyd")
	}
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
	x.start(exec.Command(notifier[0]))
	return x
}

// icon waits until an icon is seen in the panel, which was empty before, and
// returns where.
func (x *seat) icon(empty image.Image, want Icon) (at image.Point) {
	x.t.Helper()
	return x.iconIn(image.Rect(0, 0, empty.Bounds().Dx()/2, panelHigh), empty, want)
}

// appears waits until something new is seen below the panel, and has come to
// rest.
func (x *seat) appears(before image.Image) (part image.Rectangle) {
	x.t.Helper()
	return x.appearsIn(image.Rect(0, panelHigh+2, before.Bounds().Dx(), before.Bounds().Dy()), before)
}

// note waits for a notification on the screen, and returns where it is.
func (x *seat) note() (at image.Rectangle) {
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

	x.release(a, at)
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

// release opens the menu of the icon and goes by the keyboard to the first
// printer of the first job, once more where the panel has not yet all that is
// below its entries.
func (x *seat) release(a *agent, icon image.Point) {
	x.t.Helper()
	asked := func() bool { return slices.Contains(a.heard(), "release [1] at id-lobby") }
	peers.Await(x.t, "the agent is asked to release", func() bool {
		if asked() {
			return true
		}
		before := x.look()
		x.click(icon)
		x.appears(before)
		before = x.look()
		x.press("Down", "Right", "Right")
		menu := x.appears(before)
		x.keep("tray-menu.png", image.Rect(0, 0, menu.Max.X+2, 250))
		x.press("Return", "Escape", "Escape", "Escape")
		x.away()
		return asked()
	})
}

// answer presses "Print it again" in the notification that asks, the button in
// its lower right corner.
func (x *seat) answer(a *agent) {
	x.t.Helper()
	peers.Await(x.t, "the agent is told by a button", func() bool {
		at := x.note()
		x.keep("tray-notification.png", at.Inset(-6).Intersect(x.look().Bounds()))
		x.click(at.Max.Sub(image.Pt(67, 31)))
		x.away()
		return slices.Contains(a.heard(), "resolve 2: print-again")
	})
}
