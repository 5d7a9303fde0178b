//go:build unix

package identity

import (
	"errors"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
)

func TestOfConn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for end, conn := range map[string]net.Conn{"accepted": s, "dialled": c} {
		p, err := OfConn(conn)
		if err != nil {
			t.Fatal(err)
		}
		if p.UID != strconv.Itoa(os.Getuid()) || p.Name != me.Username || !p.Admin {
			t.Errorf("%s: %+v", end, p)
		}
	}
}

func TestOtherConnectionsAreUnknown(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if _, err := OfConn(a); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestUIDOf(t *testing.T) {
	if uid, ok := UIDOf("root"); !ok || uid != 0 {
		t.Errorf("root is %d, %v", uid, ok)
	}
	if _, ok := UIDOf("no such user"); ok {
		t.Error("found a user that is none")
	}
}
