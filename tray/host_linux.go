package tray

import (
	"context"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
)

const watcher = "org.kde.StatusNotifierWatcher"

// HasPanel reports whether a panel of this desktop session shows icons: whether
// a StatusNotifierWatcher is there and has a host. Without a session it returns
// ErrNoDesktop. It starts no session bus.
func HasPanel(ctx context.Context) (bool, error) {
	address, err := sessionBus()
	if err != nil {
		return false, err
	}
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return false, fmt.Errorf("%w: the session bus does not answer: %w", ErrNoDesktop, err)
	}
	defer conn.Close()
	var there bool
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&there); err != nil {
		return false, fmt.Errorf("asking the session bus: %w", err)
	}
	if !there {
		return false, nil
	}
	var host dbus.Variant
	call := conn.Object(watcher, "/StatusNotifierWatcher").CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, watcher, "IsStatusNotifierHostRegistered")
	if err := call.Store(&host); err != nil {
		return false, fmt.Errorf("asking the panel: %w", err)
	}
	yes, ok := host.Value().(bool)
	if !ok {
		return false, errors.New("asking the panel: its answer is no boolean")
	}
	return yes, nil
}
