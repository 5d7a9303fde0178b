package spooler

import (
	"context"
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

func TestServeWithoutListenersEnds(t *testing.T) {
	p, _ := newPrinter(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := p.Serve(ctx); err != nil {
		t.Error(err)
	}
}

func TestServeTellsThatAListenerFailed(t *testing.T) {
	p, _ := newPrinter(t)
	ls, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	ls[0].Close()
	if err := p.Serve(t.Context(), ls...); err == nil {
		t.Error("no error")
	}
}

func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no intake":   func(c *Config) { c.Intake = nil },
		"no numbers":  func(c *Config) { c.NextJobID = nil },
		"no name":     func(c *Config) { c.Name = "" },
		"a long name": func(c *Config) { c.Name = strings.Repeat("n", 128) },
		"no uuid":     func(c *Config) { c.UUID = "6e2f1d1c-0f0a-4f43-9a59-2d0c4d6a1b11" },
		"no resource": func(c *Config) { c.Resources = []Resource{"fax"} },
		"one twice":   func(c *Config) { c.Resources = []Resource{Raster, Raster} },
		"finished so": func(c *Config) { c.Finishings = []int{3} },
		"bound twice": func(c *Config) { c.Finishings = []int{4, 4} },
	} {
		cfg := config(newShelf())
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
