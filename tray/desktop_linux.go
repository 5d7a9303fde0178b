package tray

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// desktop is the session bus, with a connection of its own beside systray's.
type desktop struct {
	conn  *dbus.Conn
	notes *notes
}

// openDesktop dials the session bus before systray does: without an address
// godbus would start a bus of its own, which stays behind.
func openDesktop(log *slog.Logger, click func(Action)) (*desktop, error) {
	address, err := sessionBus()
	if err != nil {
		return nil, err
	}
	conn, err := dbus.Connect(address)
	if err != nil {
		return nil, fmt.Errorf("%w: the session bus does not answer: %w", ErrNoDesktop, err)
	}
	notes, err := newNotes(conn, log, click)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("%w: asking the session bus: %w", ErrNoDesktop, err)
	}
	return &desktop{conn, notes}, nil
}

const busVariable = "DBUS_SESSION_BUS_ADDRESS"

// sessionBus returns the address of the session bus and has godbus find that
// one alone.
func sessionBus() (string, error) {
	address := os.Getenv(busVariable)
	if address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return address, nil
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return "", fmt.Errorf("%w: neither %s nor XDG_RUNTIME_DIR is set", ErrNoDesktop, busVariable)
	}
	path := filepath.Join(dir, "bus")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w: %s is not set, and there is no %s", ErrNoDesktop, busVariable, path)
	}
	address = "unix:path=" + dbus.EscapeBusAddressValue(path)
	return address, os.Setenv(busVariable, address)
}

func (d *desktop) notify(n Notice) { d.notes.show(n) }

func (d *desktop) withdraw(k Key) { d.notes.withdraw(k) }

// iconSize is more than any panel shows; it makes it smaller.
const iconSize = 64

func (*desktop) icon(i Icon) []byte { return pngOf(Picture(i, iconSize)) }

// label escapes what marks the letter that chooses an entry.
func (*desktop) label(text string) string { return strings.ReplaceAll(text, "_", "__") }

// started waits until systray has put its menu on the bus: changes of the icon
// just before that are lost.
func (d *desktop) started(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, notesTime)
	defer cancel()
	menu := d.conn.Object(fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid()), "/StatusNotifierItem/menu")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for menu.CallWithContext(ctx, "org.freedesktop.DBus.Introspectable.Introspect", 0).Err != nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *desktop) ended() <-chan struct{} { return d.conn.Context().Done() }

func (d *desktop) close() {
	d.conn.Close()
	d.notes.wait()
}

var errNoServer = errors.New("no program shows notifications in this session")
