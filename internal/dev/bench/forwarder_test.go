package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/peers"
)

// startSink is a listener that answers each connection with all that came over it.
func startSink(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b, _ := io.ReadAll(c)
			c.Write(b)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-ended })
	return l.Addr().String()
}

func startForwarder(t *testing.T, to string) *forwarder {
	t.Helper()
	f, err := newForwarder(to, []byte("%MARK"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	return f
}

// sendThrough sends pieces by way of a forwarder and returns what comes back.
func sendThrough(t *testing.T, f *forwarder, pieces ...string) string {
	t.Helper()
	c, err := net.Dial("tcp", f.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	for _, p := range pieces {
		if _, err := io.WriteString(c, p); err != nil {
			t.Fatal(err)
		}
	}
	c.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestForwarderPassesOnAndTells(t *testing.T) {
	f := startForwarder(t, startSink(t))
	before := time.Now()
	if got := sendThrough(t, f, "head", "er%MA", "RK and the rest"); got != "header%MARK and the rest" {
		t.Errorf("%q came back", got)
	}
	a, err := f.takeArrival()
	if err != nil || a.connected.Before(before) || a.first.Before(a.connected) || a.first.After(time.Now()) {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := f.takeArrival(); !errors.Is(err, errNoDocument) {
		t.Errorf("told twice of one: %v", err)
	}
}

func TestForwarderWantsOneDocument(t *testing.T) {
	f := startForwarder(t, startSink(t))
	sendThrough(t, f, "%MAR")
	if _, err := f.takeArrival(); !errors.Is(err, errNoDocument) {
		t.Errorf("of none: %v", err)
	}
	sendThrough(t, f, "%MARK%MARK")
	if _, err := f.takeArrival(); !errors.Is(err, errNoDocument) {
		t.Errorf("of two: %v", err)
	}
	sendThrough(t, f, "%MARK")
	if _, err := f.takeArrival(); err != nil {
		t.Errorf("of one, after two: %v", err)
	}
}

// TestForwarderWithoutPrinter: without a printer the connection ends.
func TestForwarderWithoutPrinter(t *testing.T) {
	f := startForwarder(t, net.JoinHostPort("127.0.0.1", strconv.Itoa(peers.Port(t))))
	c, err := net.Dial("tcp", f.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// Closed, it leaves no connection open, on neither side.
func TestForwarderClosesInMidStream(t *testing.T) {
	f := startForwarder(t, startSink(t))
	c, err := net.Dial("tcp", f.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "%MARK"); err != nil {
		t.Fatal(err)
	}
	f.arrivals <- <-f.arrivals // it is passed on
	f.close()
	c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection goes on")
	}
}

func TestWatcherFindsAcrossPieces(t *testing.T) {
	const marker, stream = "%MARK", "%%MAR%MARKx%MA%MARK%MAR"
	for size := 1; size <= len(stream); size++ {
		var at []int
		written := 0
		w := &markerWatcher{marker: []byte(marker), found: func() { at = append(at, written) }}
		for rest := []byte(stream); len(rest) > 0; {
			n := min(size, len(rest))
			written += n
			w.Write(rest[:n])
			rest = rest[n:]
		}
		if len(at) != 2 {
			t.Errorf("in pieces of %d: found %d times", size, len(at))
			continue
		}
		for i, end := range []int{10, 19} {
			if at[i] < end || at[i] >= end+size {
				t.Errorf("in pieces of %d: found after %d bytes, not in the piece with byte %d", size, at[i], end)
			}
		}
	}
}

func TestWatcherKeepsLittle(t *testing.T) {
	w := &markerWatcher{marker: []byte("%MARK"), found: func() { t.Error("found") }}
	for range 100 {
		w.Write(bytes.Repeat([]byte("%MAR"), 1000))
		if len(w.end) >= 5 {
			t.Fatalf("it keeps %d bytes", len(w.end))
		}
	}
}
