package tray

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/godbus/dbus/v5/prop"
)

// TestHasPanel asks without a session, with one that has no panel, and with one
// whose panel has a host.
func TestHasPanel(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv(busVariable, "")
	if _, err := HasPanel(t.Context()); !errors.Is(err, ErrNoDesktop) {
		t.Errorf("without a session: %v", err)
	}
	s := newSession(t)
	t.Setenv(busVariable, "unix:path="+filepath.Join(s.dir, "bus"))
	if yes, err := HasPanel(t.Context()); yes || err != nil {
		t.Errorf("without a panel: %v, %v", yes, err)
	}
	p := newPanel(s)
	host := prop.Prop{Value: false, Writable: true}
	set, err := prop.Export(p.conn, "/StatusNotifierWatcher", prop.Map{watcherName: {"IsStatusNotifierHostRegistered": &host}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{false, true} {
		set.SetMust(watcherName, "IsStatusNotifierHostRegistered", want)
		if yes, err := HasPanel(t.Context()); yes != want || err != nil {
			t.Errorf("%v, %v; want %v", yes, err, want)
		}
	}
}
