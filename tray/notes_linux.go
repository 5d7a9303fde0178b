package tray

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// The Desktop Notifications Specification, as far as it is used here.
const (
	notesName  = "org.freedesktop.Notifications"
	notesPath  = dbus.ObjectPath("/org/freedesktop/Notifications")
	notesDo    = notesName + ".Notify"
	notesClose = notesName + ".CloseNotification"
	notesCan   = notesName + ".GetCapabilities"
	notesPress = notesName + ".ActionInvoked"
	notesGone  = notesName + ".NotificationClosed"
	busOwner   = "org.freedesktop.DBus.NameOwnerChanged"

	defaultKey = "default"
	urgencyLow = byte(0)
	urgencyMid = byte(1) // never more: a system that is to keep quiet keeps it back
	serverTime = -1      // how long it is shown is the server's affair
)

// notesTime is how long the program that shows notifications may take.
const notesTime = 5 * time.Second

// notes shows notifications. All its state is of one goroutine, which outlives
// that program: notifications are of the one that shows them, and another
// counts them anew.
type notes struct {
	conn    *dbus.Conn
	log     *slog.Logger
	click   func(Action)
	wanted  chan func()
	signals chan *dbus.Signal
	over    sync.WaitGroup

	owner string // the program's name on the bus, "" while there is none
	can   []string
	shown map[uint32]Notice
}

func newNotes(conn *dbus.Conn, log *slog.Logger, click func(Action)) (*notes, error) {
	n := &notes{conn: conn, log: log, click: click, wanted: make(chan func(), 32), signals: make(chan *dbus.Signal, 32), shown: map[uint32]Notice{}}
	conn.Signal(n.signals)
	err := errors.Join(
		conn.AddMatchSignal(dbus.WithMatchInterface(notesName), dbus.WithMatchObjectPath(notesPath)),
		conn.AddMatchSignal(dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchArg(0, notesName)),
	)
	if err != nil {
		return nil, err
	}
	n.over.Go(n.run)
	return n, nil
}

func (n *notes) wait() { n.over.Wait() }

// run ends with the connection, which closes the channel of signals.
func (n *notes) run() {
	for {
		select {
		case do := <-n.wanted:
			do()
		case s, more := <-n.signals:
			if !more {
				return
			}
			n.hear(s)
		}
	}
}

// later has the goroutine do something. Where the program that shows
// notifications keeps it for long, what does not fit is not shown.
func (n *notes) later(do func()) {
	select {
	case n.wanted <- do:
	default:
		n.log.Info("a notification was left out: the one before it is not shown yet")
	}
}

func (n *notes) show(note Notice) {
	n.later(func() {
		if err := n.send(note); err != nil {
			n.log.Info("a notification could not be shown", "error", err)
		}
	})
}

func (n *notes) withdraw(k Key) {
	n.later(func() {
		for id, note := range n.shown {
			if note.Key == k {
				delete(n.shown, id)
				n.call(notesClose, id)
			}
		}
	})
}

func (n *notes) call(method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(n.conn.Context(), notesTime)
	defer cancel()
	return n.conn.Object(notesName, notesPath).CallWithContext(ctx, method, 0, args...)
}

func (n *notes) send(note Notice) error {
	if err := n.meet(); err != nil {
		return err
	}
	hints := map[string]dbus.Variant{"urgency": dbus.MakeVariant(urgencyOf(note)), "desktop-entry": dbus.MakeVariant("printscout")}
	var id uint32
	err := n.call(notesDo, "Print Scout", uint32(0), "printer", note.Title, n.markup(note.Body), n.actions(note), hints, int32(serverTime)).Store(&id)
	if err != nil {
		return fmt.Errorf("asking for a notification: %w", err)
	}
	n.shown[id] = note
	return nil
}

func urgencyOf(n Notice) byte {
	if n.Low {
		return urgencyLow
	}
	return urgencyMid
}

// meet learns who shows notifications and what it can, which also starts it
// where the bus knows how.
func (n *notes) meet() error {
	if n.owner != "" {
		return nil
	}
	if err := n.call(notesCan).Store(&n.can); err != nil {
		return fmt.Errorf("%w: %w", errNoServer, err)
	}
	ctx, cancel := context.WithTimeout(n.conn.Context(), notesTime)
	defer cancel()
	var owner string
	if err := n.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, notesName).Store(&owner); err != nil {
		return fmt.Errorf("%w: %w", errNoServer, err)
	}
	n.owner = owner
	return nil
}

// markup escapes a body for a program that reads it as markup.
func (n *notes) markup(body string) string {
	if slices.Contains(n.can, "body-markup") {
		return html.EscapeString(body)
	}
	return body
}

// actions returns the buttons, and what a click on the notification does.
func (n *notes) actions(note Notice) []string {
	if !slices.Contains(n.can, "actions") {
		return []string{}
	}
	all := []string{}
	if note.Click.Verb != Nothing {
		all = append(all, defaultKey, "")
	}
	for i, b := range note.Buttons {
		all = append(all, buttonKey(i), b.Label)
	}
	return all
}

func buttonKey(i int) string { return fmt.Sprint("button-", i) }

// hear takes signals of the program that shows notifications alone: any other
// could name one of ours.
func (n *notes) hear(s *dbus.Signal) {
	switch {
	case s.Name == busOwner && len(s.Body) == 3:
		n.forget(s.Body)
	case s.Sender != n.owner || len(s.Body) < 2:
	case s.Name == notesPress:
		id, _ := s.Body[0].(uint32)
		key, _ := s.Body[1].(string)
		n.press(id, key)
	case s.Name == notesGone:
		if id, ok := s.Body[0].(uint32); ok {
			delete(n.shown, id)
		}
	}
}

// forget drops all of a program that is there no longer.
func (n *notes) forget(body []any) {
	if owner, ok := body[len(body)-1].(string); ok && owner == n.owner {
		return
	}
	n.owner, n.can = "", nil
	clear(n.shown)
}

func (n *notes) press(id uint32, key string) {
	note, ok := n.shown[id]
	if !ok {
		return
	}
	delete(n.shown, id)
	if key == defaultKey {
		n.click(note.Click)
	}
	for i, b := range note.Buttons {
		if key == buttonKey(i) {
			n.click(b.Action)
		}
	}
}
