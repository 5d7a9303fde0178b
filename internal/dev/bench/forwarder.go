package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// forwarder forwards connections to a printer and notes when a document passes,
// which it recognizes by its first bytes.
type forwarder struct {
	listener net.Listener
	to       string // host and port of the printer
	marker   []byte
	arrivals chan arrival
	serving  sync.WaitGroup
	stop     context.CancelFunc
}

// arrival is when the first bytes of a document passed.
type arrival struct {
	connected time.Time // when its connection was accepted
	first     time.Time
}

// newForwarder listens on a free port of loopback.
func newForwarder(to string, marker []byte) (*forwarder, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening in front of a printer: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	f := &forwarder{listener: l, to: to, marker: marker, arrivals: make(chan arrival, 16), stop: stop}
	f.serving.Go(func() { f.acceptConnections(ctx) })
	return f, nil
}

// uri returns the printer's address through the forwarder.
func (f *forwarder) uri() string { return "ipp://" + f.listener.Addr().String() + "/ipp/print" }

func (f *forwarder) close() {
	f.stop()
	f.listener.Close()
	f.serving.Wait()
}

func (f *forwarder) acceptConnections(ctx context.Context) {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.serving.Go(func() { f.forwardConnection(ctx, c.(*net.TCPConn), time.Now()) })
	}
}

// forwardConnection forwards a connection to the printer, both ways, until both
// have ended.
func (f *forwarder) forwardConnection(ctx context.Context, from *net.TCPConn, connected time.Time) {
	defer from.Close()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", f.to)
	if err != nil {
		return
	}
	to := c.(*net.TCPConn)
	defer to.Close()
	defer context.AfterFunc(ctx, func() { from.Close(); to.Close() })()
	var back sync.WaitGroup
	back.Go(func() {
		io.Copy(from, to)
		from.CloseWrite()
	})
	w := &markerWatcher{marker: f.marker, found: func() { f.noteArrival(arrival{connected, time.Now()}) }}
	io.Copy(to, io.TeeReader(from, w))
	to.CloseWrite()
	back.Wait()
}

// noteArrival keeps an arrival for takeArrival; it drops arrivals if there are too
// many.
func (f *forwarder) noteArrival(a arrival) {
	select {
	case f.arrivals <- a:
	default:
	}
}

var errNoDocument = errors.New("no document passed")

// takeArrival returns the arrival of the one document that was sent since the last
// call.
func (f *forwarder) takeArrival() (arrival, error) {
	if n := len(f.arrivals); n != 1 {
		for range n {
			<-f.arrivals
		}
		return arrival{}, fmt.Errorf("%w, or several: %d", errNoDocument, n)
	}
	return <-f.arrivals, nil
}

// markerWatcher looks for a marker in the stream that is written to it.
type markerWatcher struct {
	marker []byte
	found  func() // called once for each marker, in the write that completes it
	end    []byte // the end of what was written before, shorter than the marker
}

// Write implements io.Writer.
func (w *markerWatcher) Write(b []byte) (int, error) {
	buf := append(w.end, b...)
	for {
		i := bytes.Index(buf, w.marker)
		if i < 0 {
			break
		}
		w.found()
		buf = buf[i+len(w.marker):]
	}
	w.end = bytes.Clone(buf[max(0, len(buf)-len(w.marker)+1):])
	return len(b), nil
}
