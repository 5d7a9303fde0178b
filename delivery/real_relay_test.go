package delivery_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// relay stands between a sender and a printer. It keeps the first bytes of
// each connection, and resets both sides once the sender has given after
// bytes on one.
type relay struct {
	l       net.Listener
	to      string
	after   int64
	serving sync.WaitGroup

	mu    sync.Mutex
	calls []*overheard
}

func newRelay(t *testing.T, to string) *relay { return newCutter(t, to, math.MaxInt64) }

func newCutter(t *testing.T, to string, after int64) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{l: l, to: to, after: after}
	r.serving.Go(r.serve)
	t.Cleanup(func() { l.Close(); r.serving.Wait() })
	return r
}

func (r *relay) serve() {
	for {
		from, err := r.l.Accept()
		if err != nil {
			return
		}
		r.serving.Go(func() { r.carry(from.(*net.TCPConn)) })
	}
}

func (r *relay) carry(from *net.TCPConn) {
	defer from.Close()
	conn, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	to := conn.(*net.TCPConn)
	defer to.Close()
	h := r.listenTo()
	var back sync.WaitGroup
	back.Go(func() { _, _ = io.Copy(from, io.TeeReader(to, &h.answered)); from.CloseWrite() })
	if n, _ := io.CopyN(to, io.TeeReader(from, &h.asked), r.after); n == r.after {
		_, _ = from.SetLinger(0), to.SetLinger(0)
		from.Close()
	}
	to.Close()
	back.Wait()
}

func (r *relay) listenTo() *overheard {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := new(overheard)
	r.calls = append(r.calls, h)
	return h
}

// heard are the connections up to now, in their order.
func (r *relay) heard() []*overheard {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// overheard is what went over one connection.
type overheard struct{ asked, answered streamStart }

// streamStart is the beginning of a stream, and how long that is.
type streamStart struct {
	mu    sync.Mutex
	bytes []byte
	size  int
}

// Write implements io.Writer.
func (s *streamStart) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size += len(b)
	s.bytes = append(s.bytes, b[:min(len(b), 16<<10-len(s.bytes))]...)
	return len(b), nil
}

func (s *streamStart) get() (first []byte, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.bytes), s.size
}

// hello is the ClientHello of a connection, and how many bytes it is on the
// wire, its record's header counted; nil where there was none.
func (h *overheard) hello() (info *tls.ClientHelloInfo, size int) {
	first, _ := h.asked.get()
	if len(first) < 5 || first[0] != 22 {
		return nil, 0
	}
	enough := errors.New("read")
	server := tls.Server(read{bytes.NewReader(first)}, &tls.Config{GetConfigForClient: func(i *tls.ClientHelloInfo) (*tls.Config, error) {
		info = i
		return nil, enough
	}})
	_ = server.Handshake()
	return info, 5 + int(binary.BigEndian.Uint16(first[3:]))
}

// profileOf is the name of the profile that makes such a hello.
func profileOf(i *tls.ClientHelloInfo) string {
	switch {
	case slices.Contains(i.SupportedVersions, tls.VersionTLS13):
		return "tls"
	case slices.Contains(i.SupportedVersions, tls.VersionTLS10):
		return "tls-old"
	}
	return "tls-1.2"
}

// read is a connection that has been.
type read struct{ io.Reader }

func (read) Write(b []byte) (int, error)      { return len(b), nil }
func (read) Close() error                     { return nil }
func (read) LocalAddr() net.Addr              { return nil }
func (read) RemoteAddr() net.Addr             { return nil }
func (read) SetDeadline(time.Time) error      { return nil }
func (read) SetReadDeadline(time.Time) error  { return nil }
func (read) SetWriteDeadline(time.Time) error { return nil }
