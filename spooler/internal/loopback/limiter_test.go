package loopback

import (
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	l := NewLimiter(5, 2, 1)
	conns := map[string]net.Conn{}
	t.Cleanup(func() {
		for _, c := range conns {
			c.Close()
		}
	})
	open := func() (names string) {
		for _, name := range slices.Sorted(maps.Keys(conns)) {
			conns[name].SetReadDeadline(time.Now())
			if _, err := conns[name].Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
				names += name
			}
		}
		return names
	}
	enter := func(name, account string) {
		a, b := net.Pipe()
		t.Cleanup(func() { b.Close() })
		conns[name] = a
		l.TrackState(a, http.StateNew)
		l.AssignAccount(a, account)
	}
	want := func(what, names string) {
		t.Helper()
		if got := open(); got != names {
			t.Errorf("%s: open are %s, want %s", what, got, names)
		}
	}
	enter("a", "mallory")
	enter("b", "mallory")
	l.TrackState(conns["a"], http.StateActive)
	enter("c", "mallory")
	want("an account's third ends its own that waits", "ac")
	l.TrackState(conns["c"], http.StateActive)
	enter("d", "mallory")
	want("where none of its own waits it does not come in", "ac")
	enter("e", "alice")
	enter("f", "")
	enter("g", "")
	want("another account's and unknown ones come in", "acefg")
	enter("h", "bob")
	want("a sixth takes the place of one of the account with most that waits", "acegh")
	l.TrackState(conns["g"], http.StateActive)
	enter("i", "alice")
	want("of the others where that has none", "acghi")
	l.TrackState(conns["h"], http.StateActive)
	l.TrackState(conns["i"], http.StateActive)
	enter("j", "carol")
	want("where none waits it does not come in", "acghi")
	l.TrackState(conns["a"], http.StateIdle)
	enter("k", "carol")
	want("one that waits again gives its place up", "cghik")
	for _, c := range conns {
		l.TrackState(c, http.StateClosed)
	}
	if len(l.open) != 0 || len(l.accounts) != 0 {
		t.Errorf("%d and %d are left", len(l.open), len(l.accounts))
	}
}
