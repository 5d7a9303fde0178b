package tray

import (
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/printscout/printscout/internal/dev/peers"
)

// panel is a StatusNotifierWatcher and host: what KDE, Xfce and others show
// icons by, without a screen.
type panel struct {
	t     *testing.T
	conn  *dbus.Conn
	items chan string // names on the bus that have registered
	item  string
}

func (p *panel) RegisterStatusNotifierItem(_ string, sender dbus.Sender) *dbus.Error {
	p.items <- string(sender)
	return nil
}

const watcherName = "org.kde.StatusNotifierWatcher"

// newPanel takes the watcher's name on a session's bus.
func newPanel(s *session) *panel {
	p := &panel{t: s.t, conn: s.dial(), items: make(chan string, 8)}
	if err := p.conn.Export(p, "/StatusNotifierWatcher", watcherName); err != nil {
		s.t.Fatal(err)
	}
	if r, err := p.conn.RequestName(watcherName, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		s.t.Fatalf("the name of the watcher: %v, %v", r, err)
	}
	return p
}

// meet waits for an icon.
func (p *panel) meet() {
	p.t.Helper()
	peers.Await(p.t, "an icon registers", func() bool {
		select {
		case p.item = <-p.items:
			return true
		default:
			return false
		}
	})
}

func (p *panel) menu() dbus.BusObject { return p.conn.Object(p.item, "/StatusNotifierItem/menu") }

// layout is an entry of com.canonical.dbusmenu.
type layout struct {
	ID    int32
	Has   map[string]dbus.Variant
	Below []dbus.Variant
}

// dbusEntry is an entry as a person sees it.
type dbusEntry struct {
	id    int32
	title string
	on    bool
	below []dbusEntry
}

func entryOf(l layout) (e dbusEntry, seen bool) {
	get := func(key string, to any) {
		if v, ok := l.Has[key]; ok {
			v.Store(to)
		}
	}
	visible, kind := true, ""
	e = dbusEntry{id: l.ID, on: true}
	get("visible", &visible)
	get("type", &kind)
	get("label", &e.title)
	get("enabled", &e.on)
	e.title = strings.ReplaceAll(e.title, "__", "_")
	for _, v := range l.Below {
		var below layout
		if v.Store(&below) == nil {
			if b, ok := entryOf(below); ok {
				e.below = append(e.below, b)
			}
		}
	}
	return e, visible && kind != "separator"
}

// seen returns the menu.
func (p *panel) seen() dbusEntry {
	p.t.Helper()
	var revision uint32
	var l layout
	if err := p.menu().Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &l); err != nil {
		p.t.Fatalf("asking for the menu: %v", err)
	}
	e, _ := entryOf(l)
	return e
}

// find returns the entry below those whose titles begin so.
func (e dbusEntry) find(titles ...string) (dbusEntry, bool) {
	for _, title := range titles {
		i := slices.IndexFunc(e.below, func(b dbusEntry) bool { return strings.HasPrefix(b.title, title) })
		if i < 0 {
			return e, false
		}
		e = e.below[i]
	}
	return e, true
}

// text writes an entry and those below it, each on a line.
func (e dbusEntry) text(indent string) string {
	lines := ""
	for _, b := range e.below {
		lines += indent + b.title + "\n" + b.text(indent+"  ")
	}
	return lines
}

// shows waits until the menu has an entry.
func (p *panel) shows(titles ...string) (e dbusEntry) {
	p.t.Helper()
	defer func() {
		if p.t.Failed() {
			p.t.Logf("the menu is\n%s", p.seen().text("  "))
		}
	}()
	peers.Await(p.t, "the menu shows "+strings.Join(titles, " > "), func() bool {
		var ok bool
		e, ok = p.seen().find(titles...)
		return ok
	})
	return e
}

// lacks waits until it has not.
func (p *panel) lacks(titles ...string) {
	p.t.Helper()
	peers.Await(p.t, "the menu lacks "+strings.Join(titles, " > "), func() bool {
		_, ok := p.seen().find(titles...)
		return !ok
	})
}

// click chooses an entry, once it is there.
func (p *panel) click(titles ...string) {
	p.t.Helper()
	e := p.shows(titles...)
	if !e.on || len(e.below) > 0 {
		p.t.Fatalf("%q cannot be chosen", e.title)
	}
	if err := p.menu().Call("com.canonical.dbusmenu.Event", 0, e.id, "clicked", dbus.MakeVariant(""), uint32(0)).Err; err != nil {
		p.t.Fatal(err)
	}
}

// property returns one of the icon.
func property[T any](p *panel, name string) (v T) {
	p.t.Helper()
	var got dbus.Variant
	if err := p.conn.Object(p.item, "/StatusNotifierItem").Call("org.freedesktop.DBus.Properties.Get", 0, "org.kde.StatusNotifierItem", name).Store(&got); err != nil {
		p.t.Fatalf("asking for %s: %v", name, err)
	}
	if err := got.Store(&v); err != nil {
		p.t.Fatalf("%s is %v: %v", name, got, err)
	}
	return v
}

// pixels are an icon on the bus.
type pixels struct {
	W, H int32
	Pix  []byte
}

// icon returns which one is shown.
func (p *panel) icon() Icon {
	p.t.Helper()
	got := property[[]pixels](p, "IconPixmap")
	for i := Offline; i <= Connected; i++ {
		img := Picture(i, iconSize)
		if len(got) == 1 && slices.Equal(got[0].Pix, argb(img.Pix, img.Stride/4)) {
			return i
		}
	}
	p.t.Fatalf("the icon is none of ours: %d images", len(got))
	return 0
}

// argb returns pixels in the order of the bus, premultiplied as Go's colors are.
func argb(rgba []byte, _ int) []byte {
	out := make([]byte, len(rgba))
	for i := 0; i < len(rgba); i += 4 {
		a := uint32(rgba[i+3])
		mul := func(c byte) byte {
			v := uint32(c)
			v |= v << 8
			v *= a
			v /= 0xff
			return byte(v)
		}
		out[i], out[i+1], out[i+2], out[i+3] = rgba[i+3], mul(rgba[i]), mul(rgba[i+1]), mul(rgba[i+2])
	}
	return out
}

// tip is the icon's text.
func (p *panel) tip() string {
	p.t.Helper()
	return property[struct {
		Name  string
		Icons []pixels
		Title string
		Text  string
	}](p, "ToolTip").Title
}
