package tray

import (
	"slices"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/printscout/printscout/internal/dev/peers"
)

// server shows notifications, without a screen.
type server struct {
	s    *session
	conn *dbus.Conn
	can  []string

	mu    sync.Mutex
	last  uint32
	notes map[uint32]note
}

// note is a notification that is shown.
type note struct {
	title, body string
	actions     []string // keys and labels in turn
	urgency     byte
}

func newServer(s *session, can ...string) *server {
	n := &server{s: s, conn: s.dial(), can: can, notes: map[uint32]note{}}
	if err := n.conn.Export(n, notesPath, notesName); err != nil {
		s.t.Fatal(err)
	}
	if r, err := n.conn.RequestName(notesName, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		s.t.Fatalf("the name of notifications: %v, %v", r, err)
	}
	return n
}

func (n *server) GetCapabilities() ([]string, *dbus.Error) { return n.can, nil }

func (n *server) Notify(_ string, _ uint32, _, title, body string, actions []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last++
	one := note{title: title, body: body, actions: actions}
	hints["urgency"].Store(&one.urgency)
	n.notes[n.last] = one
	return n.last, nil
}

func (n *server) CloseNotification(id uint32) *dbus.Error {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.notes, id)
	return nil
}

// find returns the notification whose title and body contain a text.
func (n *server) find(text string) (uint32, note) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, one := range n.notes {
		if strings.Contains(one.title+" | "+one.body, text) {
			return id, one
		}
	}
	return 0, note{}
}

// shows waits for a notification.
func (n *server) shows(text string) (id uint32, one note) {
	n.s.t.Helper()
	peers.Await(n.s.t, "a notification says "+text, func() bool {
		id, one = n.find(text)
		return id != 0
	})
	return id, one
}

// lacks waits until there is no such notification.
func (n *server) lacks(text string) {
	n.s.t.Helper()
	peers.Await(n.s.t, "no notification says "+text, func() bool { id, _ := n.find(text); return id == 0 })
}

// count returns how many were shown in all.
func (n *server) count() int { n.mu.Lock(); defer n.mu.Unlock(); return int(n.last) }

// press presses a button of a notification.
func (n *server) press(text, button string) {
	n.s.t.Helper()
	id, one := n.shows(text)
	i := slices.Index(one.actions, button)
	if i < 1 {
		n.s.t.Fatalf("the notification %q has the buttons %q", text, one.actions)
	}
	n.emit(n.conn, id, one.actions[i-1])
}

func (n *server) emit(from *dbus.Conn, id uint32, key string) {
	n.s.t.Helper()
	if err := from.Emit(notesPath, notesPress, id, key); err != nil {
		n.s.t.Fatal(err)
	}
}
