package identity

import (
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// freeAddr returns an address at which no program listens.
func freeAddr(t *testing.T, host string) netip.AddrPort {
	t.Helper()
	l := listenOn(t, host)
	defer l.Close()
	return addrPort(l.Addr())
}

func TestListenersAreKnown(t *testing.T) {
	peers.NeedRoot(t)
	exe := copyOfTestBinary(t)
	for _, host := range []string{"127.0.0.1", "::1"} {
		at := freeAddr(t, host)
		if l, err := OfListener(t.Context(), at); !errors.Is(err, ErrUnknown) {
			t.Errorf("nobody at %s is %+v", at, l)
		}
		startAs(t, exe, "nobody", listenOn(t, host)).tell(t, "listen "+at.String())
		l, err := OfListener(t.Context(), at)
		if err != nil || l.UID != "65534" || l.Name != "nobody" || l.Program != filepath.Base(exe) {
			t.Errorf("%s: %+v, %v", at, l, err)
		}
		if want := `"client" of the user nobody`; l.String() != want {
			t.Errorf("said as %s", l)
		}
	}
}

// TestTheNearestListener has the same port at several addresses.
func TestTheNearestListener(t *testing.T) {
	all, err := net.Listen("tcp", "[::]:0")
	if err != nil {
		peers.Missing(t, "IPv6")
	}
	defer all.Close()
	port := addrPort(all.Addr()).Port()
	for _, host := range []string{"127.0.0.1", "::1", "127.0.0.9"} {
		if _, err := OfListener(t.Context(), netip.AddrPortFrom(netip.MustParseAddr(host), port)); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestParseListener(t *testing.T) {
	const rest = " 00:00000000 00000000  1000        0 4242 1 0000000000000000 100 0 0 10 0"
	at4, at6 := netip.MustParseAddrPort("127.0.0.1:8631"), netip.MustParseAddrPort("[::1]:8631")
	zero6, one6 := strings.Repeat("0", 32), strings.Repeat("0", 24)+"01000000"
	for _, c := range []struct {
		line string
		at   netip.AddrPort
		fit  int
	}{
		{"0: 0100007F:21B7 00000000:0000 0A 00000000:00000000" + rest, at4, 3},
		{"0: 00000000:21B7 00000000:0000 0A 00000000:00000000" + rest, at4, 2},
		{"0: " + zero6 + ":21B7 " + zero6 + ":0000 0A 00000000:00000000" + rest, at4, 1},
		{"0: " + zero6 + ":21B7 " + zero6 + ":0000 0A 00000000:00000000" + rest, at6, 2},
		{"0: " + one6 + ":21B7 " + zero6 + ":0000 0A 00000000:00000000" + rest, at6, 3},
		{"0: " + one6 + ":21B7 " + zero6 + ":0000 0A 00000000:00000000" + rest, at4, 0},
		{"0: 00000000:21B7 00000000:0000 0A 00000000:00000000" + rest, at6, 0},
		{"0: 0200007F:21B7 00000000:0000 0A 00000000:00000000" + rest, at4, 0},
		{"0: 0100007F:21B8 00000000:0000 0A 00000000:00000000" + rest, at4, 0},
		{"0: 0100007F:21B7 00000000:0000 01 00000000:00000000" + rest, at4, 0},
		{"0: 0100007F:21B7", at4, 0},
		{"", at4, 0},
	} {
		s, fit := parseListener(c.line, c.at)
		if fit != c.fit || fit > 0 && s != (socket{uid: 1000, inode: 4242}) {
			t.Errorf("%s at %s: %+v, %d", c.line, c.at, s, fit)
		}
	}
}

func FuzzListener(f *testing.F) {
	f.Add("0: 0100007F:21B7 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100 0 0 10 0")
	at := netip.MustParseAddrPort("127.0.0.1:8631")
	f.Fuzz(func(t *testing.T, line string) {
		if s, fit := parseListener(line, at); fit > 0 && s.inode == 0 {
			t.Errorf("believed %+v", s)
		}
	})
}
