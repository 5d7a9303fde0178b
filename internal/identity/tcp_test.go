package identity

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os/user"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// connPair is a connection on loopback, both ends in this process.
type connPair struct{ client, server net.Conn }

func listenOn(tb testing.TB, host string) net.Listener {
	tb.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil && host == "::1" {
		peers.Missing(tb, "IPv6")
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	return l
}

func connectTo(tb testing.TB, l net.Listener) connPair {
	tb.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	return connPair{c, acceptOne(tb, l)}.closedAfter(tb)
}

func acceptOne(tb testing.TB, l net.Listener) net.Conn {
	tb.Helper()
	s, err := l.Accept()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func (p connPair) closedAfter(tb testing.TB) connPair {
	tb.Cleanup(func() {
		p.client.Close()
		p.server.Close()
	})
	return p
}

func (p connPair) askProcess(ctx context.Context) (Process, error) { return askOf(ctx, p.server) }

// askOf asks until there is time for an answer: the machine may be slow.
func askOf(ctx context.Context, server net.Conn) (Process, error) {
	for {
		p, err := OfTCP(ctx, addrPort(server.LocalAddr()), addrPort(server.RemoteAddr()))
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return p, err
		}
	}
}

func addrPort(a net.Addr) netip.AddrPort { return a.(*net.TCPAddr).AddrPort() }

func TestOwnConnections(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			c := connectTo(t, listenOn(t, host))
			p, err := c.askProcess(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if p.UID != me.Uid || p.Name != me.Username || !p.Admin || !SameUser(p.Name, me.Username) {
				t.Errorf("%+v, I am %+v", p, me)
			}
		})
	}
}

func TestOwnConnectionsAskedByTheClient(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			c := connectTo(t, listenOn(t, host))
			if p, err := OfTCP(t.Context(), addrPort(c.client.LocalAddr()), addrPort(c.client.RemoteAddr())); err != nil || p.UID != me.Uid {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}

func TestClosedConnectionIsUnknown(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			c := connectTo(t, listenOn(t, host))
			if _, err := c.askProcess(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.client.Close()
			// For a moment a kernel may still say whose it was.
			if p, err := c.askProcess(t.Context()); (err != nil || p.UID != me.Uid) && (!errors.Is(err, ErrUnknown) || p != (Process{})) {
				t.Errorf("closed by the client: %+v, %v", p, err)
			}
			c.server.Close()
			if p, err := c.askProcess(t.Context()); !errors.Is(err, ErrUnknown) || p != (Process{}) {
				t.Errorf("closed by both: %+v, %v", p, err)
			}
		})
	}
}

func TestHalfClosedConnectionIsKnown(t *testing.T) {
	c := connectTo(t, listenOn(t, "127.0.0.1"))
	if err := c.client.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.askProcess(t.Context()); err != nil {
		t.Errorf("a client that has sent all and waits: %v", err)
	}
}

// TestListenerIsNotTheClient asks for a connection that does not exist, from a port
// on which a program listens.
func TestListenerIsNotTheClient(t *testing.T) {
	l := listenOn(t, "127.0.0.1")
	if p, err := OfTCP(t.Context(), netip.MustParseAddrPort("127.0.0.1:1"), addrPort(l.Addr())); !errors.Is(err, ErrUnknown) {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestNotLoopbackIsUnknown(t *testing.T) {
	for _, v := range [][2]string{
		{"127.0.0.1:8631", "192.0.2.1:50000"},
		{"192.0.2.1:8631", "127.0.0.1:50000"},
		{"127.0.0.1:8631", "[::1]:50000"},
		{"127.0.0.1:8631", "127.0.0.1:8631"},
		{"127.0.0.1:0", "127.0.0.1:50000"},
		{"127.0.0.1:8631", "127.0.0.1:0"},
		{"0.0.0.0:8631", "127.0.0.1:50000"},
		{"[::1%eth0]:8631", "[::1]:50000"},
		{"[fe80::1]:8631", "[fe80::2]:50000"},
	} {
		c, err := clientEnds(netip.MustParseAddrPort(v[0]), netip.MustParseAddrPort(v[1]))
		if err == nil {
			t.Errorf("%v: %+v", v, c)
		}
	}
	if _, err := OfTCP(t.Context(), netip.AddrPort{}, netip.AddrPort{}); !errors.Is(err, ErrUnknown) {
		t.Errorf("nothing: %v", err)
	}
	mapped, err := clientEnds(netip.MustParseAddrPort("[::ffff:127.0.0.1]:8631"), netip.MustParseAddrPort("[::ffff:127.0.0.1]:50000"))
	if want := endsOf("127.0.0.1:50000", "127.0.0.1:8631"); err != nil || mapped != want {
		t.Errorf("v4-mapped: %+v, %v", mapped, err)
	}
}

func TestEndedContextIsUnknown(t *testing.T) {
	c := connectTo(t, listenOn(t, "127.0.0.1"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.askProcess(ctx); !errors.Is(err, ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkOfTCP(b *testing.B) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		b.Run(host, func(b *testing.B) {
			c := connectTo(b, listenOn(b, host))
			for b.Loop() {
				if _, err := c.askProcess(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOfTCPParallel(b *testing.B) {
	c := connectTo(b, listenOn(b, "127.0.0.1"))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.askProcess(b.Context()); err != nil {
				b.Error(err)
			}
		}
	})
}
