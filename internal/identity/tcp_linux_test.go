package identity

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/printscout/printscout/internal/dev/peers"
)

var accounts = []struct {
	name    string
	uid     string
	spooler bool
}{
	{"daemon", "1", false}, {"nobody", "65534", false}, {"lp", "7", true}, {"root", "0", backendsAreRoot(cupsBackends)},
}

func TestOtherUsersAreToldApart(t *testing.T) {
	peers.NeedRoot(t)
	exe := copyOfTestBinary(t)
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			for _, a := range accounts {
				l := listenOn(t, host)
				c := startAs(t, exe, a.name, l)
				s := c.connect(t)
				for way, p := range findBothWays(t, s) {
					if p.UID != a.uid || p.Name != a.name || p.Spooler != a.spooler || p.Admin != (a.uid == "0") {
						t.Errorf("%s by %s is %+v", a.name, way, p)
					}
				}
			}
		})
	}
}

func TestBackendsAreRoot(t *testing.T) {
	for name, c := range map[string]struct {
		modes map[string]os.FileMode
		want  bool
	}{
		"no cups":            {nil, false},
		"as debian has them": {map[string]os.FileMode{"ipp": 0o755, "beh": 0o755, "cups-brf": 0o700, "serial": 0o744}, false},
		"as cups makes them": {map[string]os.FileMode{"ipp": 0o700}, true},
		"one of many":        {map[string]os.FileMode{"ipp": 0o755, "beh": 0o500}, true},
		"for a group to run": {map[string]os.FileMode{"http": 0o750}, true},
	} {
		dir := t.TempDir()
		for file, mode := range c.modes {
			if err := os.WriteFile(filepath.Join(dir, file), nil, mode); err != nil {
				t.Fatal(err)
			}
			os.Chmod(filepath.Join(dir, file), mode)
		}
		if got := backendsAreRoot(dir); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o600)
	if !backendsAreRoot(file) {
		t.Error("what cannot be looked at is not root's")
	}
}

// findBothWays finds the process by sock_diag and by /proc.
func findBothWays(t *testing.T, s net.Conn) map[string]Process {
	t.Helper()
	p, err := askOf(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := clientEnds(addrPort(s.LocalAddr()), addrPort(s.RemoteAddr()))
	if err != nil {
		t.Fatal(err)
	}
	sock, err := readProcNet(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	q := Process{Peer: peerOf(t.Context(), int(sock.uid))}
	q.setSpooler(int(sock.uid))
	return map[string]Process{"sock_diag": p, "/proc": q}
}

// TestClosedSocketIsNotRoots: a socket without an owner is uid 0 to older
// kernels, and would be taken for the spooler's. Later ones keep the uid for a
// while.
func TestClosedSocketIsNotRoots(t *testing.T) {
	peers.NeedRoot(t)
	l := listenOn(t, "127.0.0.1")
	c := startAs(t, copyOfTestBinary(t), "nobody", l)
	s := c.connect(t)
	c.tell(t, "close")
	if p, err := askOf(t.Context(), s); !errors.Is(err, ErrUnknown) && (err != nil || p.Name != "nobody") {
		t.Errorf("%+v, %v", p, err)
	}
	e, _ := clientEnds(addrPort(s.LocalAddr()), addrPort(s.RemoteAddr()))
	if sock, err := readProcNet(t.Context(), e); !errors.Is(err, errGone) && (err != nil || sock.uid == 0) {
		t.Errorf("by /proc: %+v, %v", sock, err)
	}
}

// TestClientThatClosesAtOnce: a client that has closed its socket is known, if the
// kernel keeps its uid, until the close is acknowledged.
func TestClientThatClosesAtOnce(t *testing.T) {
	if !orphansKeepUID() {
		t.Log("this kernel forgets whose a closed socket was")
		return
	}
	peers.Await(t, "a client that was asked after before its end was acknowledged", func() bool {
		p := connectTo(t, listenOn(t, "127.0.0.1"))
		_, _ = p.client.Write([]byte("x"))
		p.client.Close()
		who, err := p.askProcess(t.Context())
		return err == nil && who.UID == strconv.Itoa(os.Getuid())
	})
}

// TestTimeWaitIsNotTheClient waits until the kernel has the same tuple in
// TIME_WAIT, where it says uid 0.
func TestTimeWaitIsNotTheClient(t *testing.T) {
	p := connectTo(t, listenOn(t, "127.0.0.1"))
	e, err := clientEnds(addrPort(p.server.LocalAddr()), addrPort(p.server.RemoteAddr()))
	if err != nil {
		t.Fatal(err)
	}
	p.client.Close()
	p.server.Close()
	peers.Await(t, "TIME_WAIT", func() bool { return hasState(t, e, "06") })
	if p, err := p.askProcess(t.Context()); !errors.Is(err, ErrUnknown) {
		t.Errorf("%+v, %v", p, err)
	}
	if s, err := readProcNet(t.Context(), e); !errors.Is(err, errGone) {
		t.Errorf("by /proc: %+v, %v", s, err)
	}
}

func hasState(t *testing.T, c connectionEnds, state string) bool {
	t.Helper()
	b, err := os.ReadFile("/proc/self/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		own, _ := procNetAddr(f[1])
		other, _ := procNetAddr(f[2])
		if own == c.own && other == c.other && f[3] == state {
			return true
		}
	}
	return false
}

// TestMappedClientIsKnown connects by a v6 socket to a v4 address.
func TestMappedClientIsKnown(t *testing.T) {
	l := listenOn(t, "127.0.0.1")
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		peers.Missing(t, "IPv6")
	}
	defer unix.Close(fd)
	to := &unix.SockaddrInet6{Port: int(addrPort(l.Addr()).Port()), Addr: netip.MustParseAddr("::ffff:127.0.0.1").As16()}
	if err := unix.Connect(fd, to); err != nil {
		t.Fatal(err)
	}
	s := acceptOne(t, l)
	defer s.Close()
	for way, p := range findBothWays(t, s) {
		if p.UID != strconv.Itoa(os.Getuid()) {
			t.Errorf("by %s: %+v", way, p)
		}
	}
}

// TestManyAtOnce asks 1,000 times at once about connections of several users,
// half of which are closed.
func TestManyAtOnce(t *testing.T) {
	type asked struct {
		uid    string
		closed bool // by its owner: unknown, or still the owner's
		conn   net.Conn
	}
	var all []asked
	l := listenOn(t, "127.0.0.1")
	for range 10 {
		open, closed := connectTo(t, l), connectTo(t, l)
		closed.client.Close()
		all = append(all, asked{strconv.Itoa(os.Getuid()), false, open.server}, asked{strconv.Itoa(os.Getuid()), true, closed.server})
	}
	if os.Geteuid() == 0 {
		exe := copyOfTestBinary(t)
		for _, a := range accounts[:3] {
			open, closed := startAs(t, exe, a.name, l), startAs(t, exe, a.name, l)
			for range 10 {
				all = append(all, asked{a.uid, false, open.connect(t)}, asked{a.uid, true, closed.connect(t)})
			}
			closed.tell(t, "close")
		}
	}
	var wg sync.WaitGroup
	for i := range 1000 {
		a := all[i%len(all)]
		wg.Go(func() {
			p, err := askOf(context.Background(), a.conn)
			unknown := errors.Is(err, ErrUnknown) && p.UID == ""
			if known := err == nil && p.UID == a.uid; !known && !(a.closed && unknown) {
				t.Errorf("want uid %q, got %+v, %v", a.uid, p, err)
			}
		})
	}
	wg.Wait()
}

func TestSpoolsAs(t *testing.T) {
	for _, v := range []struct {
		uid  int
		name string
		want bool
	}{
		{0, "root", true}, {0, "", true}, {7, "lp", true}, {1, "daemon", false}, {1000, "lp", false},
		{1001, "alice", false}, {7, "LP", false}, {7, "", false}, {65534, "nobody", false},
	} {
		if got := spoolsAs(v.uid, v.name); got != v.want {
			t.Errorf("%d %q: %v", v.uid, v.name, got)
		}
	}
}

func BenchmarkProcNet(b *testing.B) {
	p := connectTo(b, listenOn(b, "127.0.0.1"))
	c, err := clientEnds(addrPort(p.server.LocalAddr()), addrPort(p.server.RemoteAddr()))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := readProcNet(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
}
