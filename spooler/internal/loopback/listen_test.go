package loopback

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
)

func TestListenTakesOnePortOnBothAddresses(t *testing.T) {
	ls, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	port := ls[0].Addr().(*net.TCPAddr).Port
	for i, l := range ls {
		a := l.Addr().(*net.TCPAddr)
		if a.Port != port || !a.IP.IsLoopback() {
			t.Errorf("listener %d is at %s", i, a)
		}
	}
	if c, err := net.Listen("tcp", "[::1]:0"); err == nil {
		c.Close()
		if len(ls) != 2 {
			t.Errorf("%d listeners where there is IPv6", len(ls))
		}
	}

	_, err = Listen(port)
	want := "port " + strconv.Itoa(port) + " is used by another program"
	if !errors.Is(err, ErrPortTaken) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("a second time: %v", err)
	}
	for _, l := range ls {
		l.Close()
	}
	again, err := Listen(port)
	if err != nil {
		t.Fatalf("after it was closed: %v", err)
	}
	for _, l := range again {
		l.Close()
	}
}

func TestListenWherePartOfThePortIsTaken(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("not tested: %v", err)
			continue
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		n, _ := strconv.Atoi(port)
		ls, err := Listen(n)
		if !errors.Is(err, ErrPortTaken) {
			t.Errorf("beside %s: %v", address, err)
		}
		for _, l := range ls {
			l.Close()
		}
		l.Close()
	}
}
