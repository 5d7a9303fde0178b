//go:build unix

package loopback

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fileOf returns the file of a new listener, which is closed: a service inherits
// it like this.
func fileOf(t *testing.T, network, address string) (*os.File, net.Addr) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Skipf("not tested: %v", err)
	}
	defer l.Close()
	f, err := l.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, l.Addr()
}

func TestInherit(t *testing.T) {
	v4, at := fileOf(t, "tcp", "127.0.0.1:0")
	v6, _ := fileOf(t, "tcp", strings.Replace(at.String(), "127.0.0.1", "[::1]", 1))
	ls, err := Inherit([]*os.File{v4, v6})
	if err != nil || len(ls) != 2 || ls[0].Addr().String() != at.String() {
		t.Fatal(ls, err)
	}
	if _, err := v4.Stat(); err == nil {
		t.Error("the file is still open")
	}
	c := NewSelfCheck()
	c.SetListeners(ls)
	for _, l := range ls {
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				c.NoteAccepted(conn)
				conn.Close()
			}
		}()
		defer l.Close()
	}
	// Whoever bound the socket still holds it as well, which changes nothing.
	if got := whoAnswers(t, c); got["127.0.0.1"] != Us || got["::1"] != Us {
		t.Errorf("%v", got)
	}
	if ls, err := Inherit(nil); len(ls) != 0 || err != nil {
		t.Errorf("no sockets: %v, %v", ls, err)
	}
}

func TestInheritRefuses(t *testing.T) {
	for name, open := range map[string]func() []*os.File{
		"every address": func() []*os.File {
			f, _ := fileOf(t, "tcp", "0.0.0.0:0")
			return []*os.File{f}
		},
		"a Unix socket": func() []*os.File {
			f, _ := fileOf(t, "unix", filepath.Join(t.TempDir(), "s"))
			return []*os.File{f}
		},
		"two ports": func() []*os.File {
			one, _ := fileOf(t, "tcp", "127.0.0.1:0")
			two, _ := fileOf(t, "tcp", "127.0.0.2:0")
			return []*os.File{one, two}
		},
		"no socket": func() []*os.File {
			f, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			return []*os.File{f}
		},
		"the same twice": func() []*os.File {
			f, at := fileOf(t, "tcp", "127.0.0.1:0")
			l, err := net.FileListener(f)
			if err != nil {
				t.Fatal(at, err)
			}
			defer l.Close()
			again, err := l.(*net.TCPListener).File()
			if err != nil {
				t.Fatal(err)
			}
			return []*os.File{f, again}
		},
	} {
		files := open()
		ls, err := Inherit(files)
		if !errors.Is(err, errInherited) || ls != nil {
			t.Errorf("%s: %v, %v", name, ls, err)
		}
		for _, f := range files {
			if _, err := f.Stat(); err == nil {
				t.Errorf("%s: a file is still open", name)
			}
		}
	}
}

func TestAbsentAddress(t *testing.T) {
	if isAbsent(netip.MustParseAddr("127.0.0.1")) {
		t.Error("127.0.0.1 is absent")
	}
	if !isAbsent(netip.MustParseAddr("2001:db8::1")) {
		t.Error("an address of documentation is there")
	}
}
